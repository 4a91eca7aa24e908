// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.kernel.scalar.ScalarActivations;
import dev.kelvin.kernel.scalar.ScalarExponential;
import dev.kelvin.kernel.scalar.ScalarPower;
import dev.kelvin.operand.Activation;
import org.junit.jupiter.api.Test;

/** What is made of two and three floats: the same bits at every width, and powers against double. */
class CombinationBitsTest {
    @Test
    void combinations() {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : new int[] {0, 7}) {
                float[] a = LaneGrid.anyBits(length + offset, length + offset);
                float[] b = LaneGrid.anyBits(7L * length + offset, length + offset);
                float[] plainA = LaneGrid.gaussian(length + offset, length + offset, 3);
                float[] plainB = LaneGrid.gaussian(7L * length + offset, length + offset, 3);
                for (Combination c : Combination.values()) {
                    String what = c + " of " + length + " from " + offset;
                    LaneGrid.sameBits(what, Guarded.of(length, offset), (kernels, out) -> kernels.elements()
                            .combine(c, a, offset, b, offset, out.data(), out.offset(), length));
                    LaneGrid.sameBits(what, Guarded.of(length, offset), (kernels, out) -> kernels.elements()
                            .combine(c, plainA, offset, plainB, offset, out.data(), out.offset(), length));
                }
                float[] in = LaneGrid.anyBits(length, length);
                LaneGrid.sameBits("in place, " + length, Guarded.of(in, offset), (kernels, out) -> kernels.elements()
                        .combine(
                                Combination.POW,
                                out.data(),
                                out.offset(),
                                b,
                                offset,
                                out.data(),
                                out.offset(),
                                length));
                LaneGrid.sameBits("fma " + length, Guarded.of(in, offset), (kernels, out) -> kernels.elements()
                        .fma(a, offset, b, offset, out.data(), out.offset(), out.data(), out.offset(), length));
            }
        }
    }

    /** Limits that are zeros, infinite, NaN or the wrong way around, and elements that are zeros of both signs. */
    @Test
    void clips() {
        float[] limits = {-0f, 0, -1.5f, 2, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN};
        for (int length : LaneGrid.LENGTHS) {
            float[] x = LaneGrid.anyBits(length, length);
            for (int i = 0; i < length; i++) {
                x[i] = i % 5 == 0 ? -0f : i % 5 == 1 ? 0 : x[i];
            }
            for (float lower : limits) {
                for (float upper : limits) {
                    LaneGrid.sameBits(
                            "clip " + length + " to " + lower + ", " + upper,
                            Guarded.of(x, 3),
                            (kernels, out) -> kernels.elements()
                                    .clip(out.data(), out.offset(), out.data(), out.offset(), length, lower, upper));
                }
            }
        }
    }

    /** One extreme element sends its block through the loop for any; the others must not show it. */
    @Test
    void oneExtremeElementOfABlock() {
        float[] extremes = {
            0,
            -0f,
            -1,
            Math.nextUp(-1f),
            Float.MIN_VALUE,
            Float.MIN_NORMAL,
            87,
            88,
            89,
            128,
            -87,
            -88,
            -104,
            ScalarExponential.EXP_LARGEST,
            -ScalarExponential.EXP_LARGEST,
            Math.nextUp(ScalarExponential.EXP_LARGEST),
            ScalarActivations.GELU_LOWEST,
            Math.nextDown(ScalarActivations.GELU_LOWEST),
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NaN,
            Float.intBitsToFloat(0x7f800001),
            Float.intBitsToFloat(0xffc00123)
        };
        for (int length : new int[] {64, 1024, 2100}) {
            for (Activation f : Activation.values()) {
                for (float extreme : extremes) {
                    float[] x = LaneGrid.gaussian(length, length, 3);
                    for (int i = 0; i < length; i++) {
                        x[i] = Math.abs(x[i]) + 0x1p-20f;
                    }
                    x[length / 2 + 5] = extreme;
                    LaneGrid.sameBits(f + " of " + extreme, Guarded.of(x, 3), (kernels, out) -> kernels.elements()
                            .activate(f, out.data(), out.offset(), out.data(), out.offset(), length));
                }
            }
        }
    }

    @Test
    void gradientsOfTwoValues() {
        for (int length : LaneGrid.LENGTHS) {
            float[] x = LaneGrid.anyBits(length, length + 1);
            float[] dy = LaneGrid.anyBits(3L * length, length + 1);
            LaneGrid.sameBits("within, " + length, Guarded.of(length, 1), (kernels, out) -> kernels.elements()
                    .gradientWithin(x, 1, dy, 1, out.data(), out.offset(), length, -0.5f, 2, 0.25f));
            float[] other = LaneGrid.anyBits(5L * length, length + 1);
            System.arraycopy(x, 0, other, 0, length / 3);
            LaneGrid.sameBits("of min, " + length, Guarded.of(length, 1), (kernels, out) -> kernels.elements()
                    .gradientOfMin(x, 1, other, 1, dy, 1, out.data(), out.offset(), length));
        }
    }

    /** Negative bases have powers of integers alone; now and then an element is looked up among those computed. */
    @Test
    void powersOfIntegers() {
        for (int length : LaneGrid.LENGTHS) {
            float[] x = LaneGrid.gaussian(length, length, 3);
            float[] y = LaneGrid.gaussian(7L * length + 1, length, 9);
            for (int i = 0; i < length; i++) {
                y[i] = i % 5 == 0 ? y[i] : Math.round(y[i]);
                x[i] = i % 97 == 3 ? 0 : x[i];
            }
            LaneGrid.sameBits("pow " + length, Guarded.of(x, 3), (kernels, out) -> kernels.elements()
                    .combine(Combination.POW, out.data(), out.offset(), y, 0, out.data(), out.offset(), length));
        }
    }

    @Test
    void powersAreWithinTheirBound() {
        float[] x = LaneGrid.anyBits(11, 200_000);
        float[] y = LaneGrid.gaussian(12, 200_000, 8);
        for (int i = 0; i < x.length; i++) {
            check(x[i], y[i]);
            check(x[i], Math.round(y[i]));
            check(1 + y[i] / 1000, x[i]);
        }
        for (float a : LaneGrid.SPECIAL) {
            for (float b : LaneGrid.SPECIAL) {
                check(a, b);
            }
        }
        assertEquals(9, ScalarPower.pow(-3, 2));
        assertEquals(-27, ScalarPower.pow(-3, 3));
        assertEquals(16_777_213, ScalarPower.pow(16_777_213, 1));
        assertEquals(-1, ScalarPower.pow(-1, 16_777_215));
        assertEquals(1, ScalarPower.pow(-1, 16_777_216));
    }

    private static void check(float x, float y) {
        double exact = Math.pow(x, y);
        float actual = ScalarPower.pow(x, y);
        if (Double.isNaN(exact) || exact == 0 || Double.isInfinite((float) exact)) {
            assertEquals((float) exact, actual, () -> x + " to the power of " + y);
            return;
        }
        double error = Math.abs(actual - exact) / Math.ulp((float) exact);
        assertTrue(error <= 0.501, () -> x + " to the power of " + y + " is " + actual + ", exact " + exact);
    }
}
