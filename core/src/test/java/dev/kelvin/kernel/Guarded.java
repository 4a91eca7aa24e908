// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** Floats between canaries, from any offset on: what a kernel reads or writes, with nothing it may touch around it. */
record Guarded(float[] data, int offset, int length) {
    private static final float CANARY = 123.456f;
    private static final int MARGIN = 67; // more than the 64 elements that any kernel takes in one step

    /** A copy of values, between canaries, from an offset on. */
    static Guarded of(float[] values, int offset) {
        Guarded guarded = of(values.length, offset);
        System.arraycopy(values, 0, guarded.data, offset, values.length);
        return guarded;
    }

    /** A place for results, full of canaries, so that a result that was not written shows. */
    static Guarded of(int length, int offset) {
        float[] data = new float[offset + length + MARGIN];
        Arrays.fill(data, CANARY);
        return new Guarded(data, offset, length);
    }

    Guarded copy() {
        return new Guarded(data.clone(), offset, length);
    }

    HeapTensor tensor(int... dims) {
        return HeapTensor.view(data, offset, dims);
    }

    float get(int index) {
        return data[offset + index];
    }

    void assertCanaries(String what) {
        for (int i = 0; i < data.length; i++) {
            if ((i < offset || i >= offset + length) && data[i] != CANARY) {
                fail(what + ": wrote outside, at " + (i - offset) + " of [0, " + length + ")");
            }
        }
    }

    /**
     * Compares everything, canaries included. Any NaN equals any other: Java leaves open which bits arithmetic gives
     * it.
     */
    void assertSameBits(Guarded actual, String what) {
        assertEquals(data.length, actual.data.length, what);
        for (int i = 0; i < data.length; i++) {
            float a = data[i];
            float b = actual.data[i];
            if (Float.floatToRawIntBits(a) != Float.floatToRawIntBits(b) && !(Float.isNaN(a) && Float.isNaN(b))) {
                fail(what + ": at " + (i - offset) + " expected " + Float.toHexString(a) + ", was "
                        + Float.toHexString(b));
            }
        }
    }
}
