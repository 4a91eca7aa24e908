// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The passes of a softmax have the same bits at every lane width. */
class SoftmaxBitsTest {
    private static final float[] TEMPERATURES = {1, 0.8f, 0x1p-100f, 1e-6f, 37, 0x1p100f};

    @Test
    void max() {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                Guarded x = Guarded.of(LaneGrid.gaussian(length, length), offset);
                LaneGrid.sameNumber(
                        "max of " + length + " from " + offset, kernels -> kernels.max(x.data(), offset, length));
            }
        }
    }

    @Test
    void maxOfNothingIsMinusInfinity() {
        assertEquals(Float.NEGATIVE_INFINITY, LaneGrid.scalar().max(new float[] {5}, 0, 0));
        LaneGrid.sameNumber("max of nothing", kernels -> kernels.max(new float[] {5}, 0, 0));
    }

    /** The largest element and a NaN in every place of every loop; what stands outside must not count. */
    @Test
    void maxFindsEveryPlace() {
        for (int length : new int[] {1, 3, 4, 17, 64, 65, 131}) {
            for (int at = 0; at < length; at++) {
                Guarded x = Guarded.of(new float[length], 3); // the canaries around are larger
                for (float value : new float[] {1, -1, Float.POSITIVE_INFINITY, Float.NaN, -Float.NaN}) {
                    x.data()[3 + at] = value;
                    float expected = value < 0 && length > 1 ? 0 : value;
                    LaneGrid.sameNumber("max of " + length + ", place " + at, kernels -> {
                        float max = kernels.max(x.data(), 3, length);
                        assertEquals(Float.floatToRawIntBits(expected), Float.floatToRawIntBits(max));
                        return max;
                    });
                }
            }
        }
    }

    @Test
    void maxOrdersZeros() {
        for (int length : new int[] {1, 5, 16, 70}) {
            for (int at = 0; at < length; at++) {
                float[] x = new float[length];
                Arrays.fill(x, -0f);
                LaneGrid.sameNumber("max of -0", kernels -> kernels.max(x, 0, length));
                assertEquals(
                        0x80000000, Float.floatToRawIntBits(LaneGrid.scalar().max(x, 0, length)));
                x[at] = 0;
                LaneGrid.sameNumber("max of -0 and 0", kernels -> kernels.max(x, 0, length));
                assertEquals(0, Float.floatToRawIntBits(LaneGrid.scalar().max(x, 0, length)));
            }
        }
    }

    @Test
    void expSum() {
        for (int length : LaneGrid.LENGTHS) {
            for (int i = 0; i < LaneGrid.OFFSETS.length; i++) {
                checkExpSum(LaneGrid.gaussian(length, length, 10), LaneGrid.OFFSETS[i], TEMPERATURES[i]);
            }
        }
    }

    @Test
    void expSumAtEveryTemperature() {
        for (float temperature : TEMPERATURES) {
            // Far enough below the maximum for subnormal results and for the cutoff.
            checkExpSum(LaneGrid.gaussian(1, 1000, 60 * temperature), 1, temperature);
            checkExpSum(LaneGrid.gaussian(2, 1000), 1, temperature);
        }
    }

    @Test
    void expSumOfMasksAndExtremes() {
        float[] x = LaneGrid.gaussian(3, 700, 1e38f);
        for (int i = 0; i < x.length; i += 3) {
            x[i] = Float.NEGATIVE_INFINITY;
        }
        x[1] = -Float.MAX_VALUE;
        x[5] = -0f;
        x[7] = -Float.MIN_VALUE;
        for (float temperature : TEMPERATURES) {
            checkExpSum(x, 2, temperature);
        }
        float[] masked = new float[4200];
        Arrays.fill(masked, Float.NEGATIVE_INFINITY);
        masked[4150] = 3;
        checkExpSum(masked, 0, 1);
    }

    private static void checkExpSum(float[] values, int offset, float temperature) {
        int length = values.length;
        String what = "expSum of " + length + " from " + offset + " at temperature " + temperature;
        Guarded x = Guarded.of(values, offset);
        Guarded before = x.copy();
        float largest = LaneGrid.scalar().max(x.data(), offset, length);
        float max = length == 0 ? 0 : Math.min(Float.MAX_VALUE, largest);
        SoftmaxScale scale = SoftmaxScale.of(temperature);
        Guarded e = Guarded.of(length, offset + 2);
        LaneGrid.sameBits(
                what,
                e,
                (kernels, out) -> kernels.expSum(x.data(), offset, out.data(), out.offset(), length, max, scale));
        before.assertSameBits(x, what + ": its input");
        LaneGrid.sameBits(
                what + " in place",
                x,
                (kernels, out) -> kernels.expSum(out.data(), offset, out.data(), offset, length, max, scale));
        LaneGrid.sameNumber(what, kernels -> kernels.expSum(x.data(), offset, e.data(), 0, length, max, scale));
    }

    @Test
    void logProbs() {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                String what = "logProbs of " + length + " from " + offset;
                float[] values = LaneGrid.gaussian(length, length, 5);
                if (length > 9) {
                    values[9] = Float.NEGATIVE_INFINITY;
                }
                Guarded x = Guarded.of(values, offset);
                LaneGrid.sameBits(
                        what,
                        Guarded.of(length, offset + 1),
                        (kernels, out) -> kernels.logProbs(
                                x.data(), offset, out.data(), out.offset(), length, 17.3f, 1.25f, 4.5f));
                LaneGrid.sameBits(
                        what + " in place",
                        x,
                        (kernels, out) ->
                                kernels.logProbs(out.data(), offset, out.data(), offset, length, 17.3f, 1.25f, 4.5f));
            }
        }
    }
}
