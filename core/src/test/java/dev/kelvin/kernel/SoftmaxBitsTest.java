// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.kernel.scalar.ScalarSoftmax;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The passes of a softmax have the same bits at every lane width. */
class SoftmaxBitsTest {
    private static final float[] TEMPERATURES = {1, 0.8f, 0x1p-100f, 1e-6f, 37, 0x1p100f};

    @Test
    void max() {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                Guarded x = Guarded.of(LaneGrid.gaussian(length, length), offset);
                LaneGrid.sameNumber("max of " + length + " from " + offset, kernels -> kernels.rows()
                        .max(x.data(), offset, length));
            }
        }
    }

    @Test
    void maxOfNothingIsMinusInfinity() {
        assertEquals(Float.NEGATIVE_INFINITY, LaneGrid.scalar().rows().max(new float[] {5}, 0, 0));
        LaneGrid.sameNumber("max of nothing", kernels -> kernels.rows().max(new float[] {5}, 0, 0));
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
                        float max = kernels.rows().max(x.data(), 3, length);
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
                LaneGrid.sameNumber("max of -0", kernels -> kernels.rows().max(x, 0, length));
                assertEquals(
                        0x80000000,
                        Float.floatToRawIntBits(LaneGrid.scalar().rows().max(x, 0, length)));
                x[at] = 0;
                LaneGrid.sameNumber("max of -0 and 0", kernels -> kernels.rows().max(x, 0, length));
                assertEquals(0, Float.floatToRawIntBits(LaneGrid.scalar().rows().max(x, 0, length)));
            }
        }
    }

    @Test
    void indexOfFindsTheFirst() {
        for (int length : new int[] {0, 1, 3, 4, 16, 17, 64, 65, 131}) {
            for (int at = 0; at < length; at++) {
                float[] x = new float[length + 9];
                Arrays.fill(x, 7);
                Arrays.fill(x, 3, 3 + length, 2);
                x[3 + at] = 7;
                x[2 + length] = 7;
                int expected = at;
                LaneGrid.sameNumber("index of 7 in " + length, kernels -> {
                    int index = kernels.rows().indexOf(x, 3, length, 7);
                    assertEquals(expected, index);
                    return index;
                });
                LaneGrid.sameNumber("index of 8", kernels -> kernels.rows().indexOf(x, 3, length, 8));
                assertEquals(-1, LaneGrid.scalar().rows().indexOf(x, 3, length, 8));
            }
        }
        float[] zeros = {-0f, 0};
        LaneGrid.sameNumber("index of 0", kernels -> kernels.rows().indexOf(zeros, 0, 2, 0));
    }

    @Test
    void numerators() {
        for (int length : LaneGrid.LENGTHS) {
            for (int i = 0; length <= SoftmaxKernels.CHUNK && i < LaneGrid.OFFSETS.length; i++) {
                checkNumerators(LaneGrid.gaussian(length, length, 10), LaneGrid.OFFSETS[i], TEMPERATURES[i]);
            }
        }
    }

    @Test
    void numeratorsAtEveryTemperature() {
        for (float temperature : TEMPERATURES) {
            // Far enough below the maximum for the threshold, which is of either sign, as logits shift.
            checkNumerators(LaneGrid.gaussian(1, 1000, 60 * temperature), 1, temperature);
            for (float shift : new float[] {-40_000, -110, 107, 108.2f, 109, 300, 45_000}) {
                float[] logits = LaneGrid.gaussian(2, 1000, 40 * temperature);
                for (int i = 0; i < logits.length; i++) {
                    logits[i] += shift * temperature;
                }
                checkNumerators(logits, 1, temperature);
            }
        }
    }

    @Test
    void numeratorsOfMasksAndExtremes() {
        float[] x = LaneGrid.gaussian(3, 700, 30);
        for (int i = 0; i < x.length; i += 3) {
            x[i] = Float.NEGATIVE_INFINITY;
        }
        x[1] = -Float.MAX_VALUE;
        x[5] = -0f;
        x[7] = -Float.MIN_VALUE;
        x[8] = Float.MIN_VALUE;
        for (float temperature : TEMPERATURES) {
            checkNumerators(x, 2, temperature);
        }
        float[] masked = new float[4096];
        Arrays.fill(masked, Float.NEGATIVE_INFINITY);
        checkNumerators(masked, 0, 1);
        masked[4050] = 3;
        checkNumerators(masked, 0, 1);
    }

    private static void checkNumerators(float[] values, int offset, float temperature) {
        int length = values.length;
        String what = "numerators of " + length + " from " + offset + " at temperature " + temperature;
        Guarded x = Guarded.of(values, offset);
        SoftmaxScale scale = SoftmaxScale.of(temperature);
        float max = LaneGrid.scalar().rows().max(x.data(), offset, length);
        int base = scale.base(Math.min(max, scale.limit()));
        for (int i = 0; i < length; i++) {
            x.data()[offset + i] = Math.min(x.get(i), scale.limit());
        }
        Guarded before = x.copy();
        Guarded e = Guarded.of(length, offset + 2);
        LaneGrid.sameBits(what, e, (kernels, out) -> kernels.softmax()
                .numerators(x.data(), offset, out.data(), out.offset(), length, base, scale));
        before.assertSameBits(x, what + ": its input");
        LaneGrid.sameBits(what + " in place", x, (kernels, out) -> kernels.softmax()
                .numerators(out.data(), offset, out.data(), offset, length, base, scale));
        LaneGrid.sameNumber(
                what, kernels -> kernels.softmax().numerators(x.data(), offset, e.data(), 0, length, base, scale));
    }

    /**
     * The larger logit has the larger numerator, also from one chunk's base to another's: over the steps of the integer
     * exponent, around zero, and at random.
     */
    @Test
    void numeratorsRiseWithTheLogits() {
        Random random = new Random(5);
        for (int round = 0; round < 300; round++) {
            float temperature = (float) Math.exp(random.nextGaussian() * 3);
            SoftmaxScale scale = SoftmaxScale.of(temperature);
            float max = (float) (Math.exp(random.nextGaussian() * 3) * random.nextGaussian() * temperature);
            if (round % 3 == 0) {
                max = Math.abs(max) + temperature;
            }
            int base = scale.base(max);
            for (int step = 0; step < 60; step++) {
                // The edge between two exponents: n + 1/2.
                int n = base - random.nextInt(random.nextBoolean() ? 4 : 150);
                float x = round % 3 == 0 ? random.nextFloat(temperature) : (float) ((n - 0.5) * scale.octave());
                for (int i = 0; i < 40; i++) {
                    x = Math.nextDown(x);
                }
                float last = 0;
                for (int i = 0; i < 80; i++) {
                    float logit = x;
                    float next = ScalarSoftmax.numerator(x, base, scale);
                    float before = last;
                    assertTrue(
                            next >= last,
                            () -> logit + " at " + temperature + ": " + next + " after " + before + ", base " + base);
                    last = next;
                    x = Math.nextUp(x);
                }
            }
        }
    }

    /** Within 3.5 u of the exact value, u = 2⁻²⁴; the worst over all of these is printed by a failure. */
    @Test
    void numeratorsAreWithinTheirBound() {
        Random random = new Random(6);
        double worst = 0;
        for (int round = 0; round < 400; round++) {
            float temperature = (float) Math.exp(random.nextGaussian() * 5);
            SoftmaxScale scale = SoftmaxScale.of(temperature);
            float max = (float) (random.nextInt(90_000) * random.nextGaussian() * 0.2 * temperature);
            int base = scale.base(max);
            for (int i = 0; i < 1000; i++) {
                float x = max - (float) (random.nextDouble() * 100 * temperature);
                double exact =
                        StrictMath.exp(((double) x - base * scale.octave()) / temperature + 32 * 0.6931471805599453);
                double error = Math.abs(ScalarSoftmax.numerator(x, base, scale) - exact) / exact * 0x1p24;
                worst = Math.max(worst, error);
            }
        }
        assertTrue(worst <= 3.5, "off by " + worst + " u");
        assertTrue(worst >= 1, "an error of only " + worst + " u: was anything measured?");
    }

    @Test
    void probabilities() {
        for (int length : LaneGrid.LENGTHS) {
            for (double factor :
                    new double[] {0x1.2345678p-33, 0x1.fp-89, 0x1p-90, 0x1.3p-91, 0x1.77p-170, 0, 1e-300}) {
                float[] values = LaneGrid.gaussian(length, length, 4);
                for (int i = 0; i < length; i++) {
                    values[i] = (float) StrictMath.exp(20 * values[i] - 50);
                }
                Guarded e = Guarded.of(values, 3);
                String what = "probabilities of " + length + " by " + factor;
                LaneGrid.sameBits(what, Guarded.of(length, 5), (kernels, out) -> kernels.softmax()
                        .probabilities(e.data(), 3, out.data(), 5, length, factor));
                LaneGrid.sameBits(what + " in place", e, (kernels, out) -> kernels.softmax()
                        .probabilities(out.data(), 3, out.data(), 3, length, factor));
            }
        }
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
                LaneGrid.sameBits(what, Guarded.of(length, offset + 1), (kernels, out) -> kernels.softmax()
                        .logProbs(x.data(), offset, out.data(), out.offset(), length, 17.3f, 1.25f, 4.5f));
                LaneGrid.sameBits(what + " in place", x, (kernels, out) -> kernels.softmax()
                        .logProbs(out.data(), offset, out.data(), offset, length, 17.3f, 1.25f, 4.5f));
            }
        }
    }
}
