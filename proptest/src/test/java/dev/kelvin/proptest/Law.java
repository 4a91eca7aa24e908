// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import java.util.function.Supplier;

/**
 * What the properties assert with; messages are made only for failures, as most tries look at many thousand numbers.
 */
final class Law {
    private Law() {}

    static void holds(boolean condition, Supplier<String> otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise.get());
        }
    }

    /**
     * Demands the same bits, sign of zero included, in {@code length} elements. Any NaN equals any other: Java leaves
     * open which bits arithmetic gives it.
     */
    static void sameBits(
            float[] expected, int expectedOffset, float[] actual, int actualOffset, int length, Supplier<String> what) {
        for (int i = 0; i < length; i++) {
            float e = expected[expectedOffset + i];
            float a = actual[actualOffset + i];
            if (Float.floatToIntBits(e) != Float.floatToIntBits(a)) {
                throw new AssertionError(what.get() + ": element " + i + " of " + length + " is " + Float.toHexString(a)
                        + ", expected " + Float.toHexString(e));
            }
        }
    }

    static void sameBits(float[] expected, float[] actual, Supplier<String> what) {
        holds(expected.length == actual.length, what);
        sameBits(expected, 0, actual, 0, expected.length, what);
    }
}
