// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * The gradient of the cross-entropy over the whole range of its factors: loss scaling, cold and hot temperatures, the
 * z-loss. Against the formula in double, with a derived bound.
 */
class CrossEntropyGradientTest {
    private static final double U = 0x1p-24;

    private static final double[] LOSS_GRADIENTS = {1, -1, 63, 65536, -65536, 1e-30, 0x1p100, -1e60, 1e300, 0};

    private static final float[] TEMPERATURES = {0x1p-100f, 1e-20f, 0.01f, 1, 1000, 0x1p100f};

    /**
     * Rows in units of τ: near and far logits, masks, a row of several chunks of which one is far below and one masked.
     */
    private static float[][] rows() {
        float minus = Float.NEGATIVE_INFINITY;
        float[] chunks = new float[3 * 4096 + 100];
        Random random = new Random(1);
        for (int i = 0; i < chunks.length; i++) {
            chunks[i] = (float) random.nextGaussian() - (i / 4096 == 1 ? 300 : 0);
        }
        Arrays.fill(chunks, 2 * 4096, 3 * 4096, minus);
        chunks[17] = minus;
        chunks[18] = -150;
        return new float[][] {{0, minus, 1, -200}, {-3, 2, -104, -107, -109, minus}, {7, minus, minus}, chunks};
    }

    @Test
    void isThatOfTheFormulaWhateverItsFactors() {
        for (float zLoss : new float[] {0, 1e-3f, 1e30f}) {
            for (float smoothing : new float[] {0, 0.1f}) {
                CrossEntropyOptions options =
                        CrossEntropyOptions.DEFAULT.withZLoss(zLoss).withLabelSmoothing(smoothing);
                for (float[] row : rows()) {
                    for (float temperature : TEMPERATURES) {
                        check(row, temperature, options);
                    }
                }
            }
        }
    }

    private static void check(float[] inTaus, float temperature, CrossEntropyOptions options) {
        int length = inTaus.length;
        float[] logits = new float[length];
        for (int i = 0; i < length; i++) {
            logits[i] = inTaus[i] * temperature;
        }
        double[] probs = new double[length];
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, (double) logit / temperature);
        }
        double sum = 0;
        for (int i = 0; i < length; i++) {
            probs[i] = Math.exp((double) logits[i] / temperature - max);
            sum += probs[i];
        }
        for (int i = 0; i < length; i++) {
            probs[i] /= sum;
        }
        double slope = 2.0 * options.zLoss();
        double likely = 1 + slope * (Math.log(sum) + max);
        HeapTensor z = HeapTensor.of(logits, 1, length);
        HeapTensor dLogits = HeapTensor.zeros(1, length);
        for (double g : LOSS_GRADIENTS) {
            ComputeGrid.fastest()
                    .training()
                    .crossEntropyBackward(z, temperature, new int[1], 0, options, g, new double[1], dLogits);
            for (int i = 0; i < length; i++) {
                double p = probs[i];
                double target =
                        (double) options.labelSmoothing() / length + (i == 0 ? 1.0 - options.labelSmoothing() : 0);
                double bound = p * Math.abs(likely) * (40 * U) + slope * p * (20 * U) + target * (2 * U);
                double floor = Math.abs(likely) * 0x1p-155;
                float actual = dLogits.data()[i];
                int at = i;
                Supplier<String> what = () -> "g " + g + ", tau " + temperature + ", " + options + ", logit " + at
                        + " of " + length + ": " + actual;
                double expected = scaled(g, temperature, p * likely - target);
                assertWithin(expected, scaled(Math.abs(g), temperature, bound + floor), actual, what);
                if (target == 0 && p < 0x1p-220) {
                    assertEquals(0, Float.floatToRawIntBits(actual), what);
                }
            }
        }
    }

    /** g·x/τ, where 0 times whatever is 0. */
    private static double scaled(double g, float temperature, double x) {
        return x == 0 ? 0 : g * x / temperature;
    }

    private static void assertWithin(double expected, double bound, float actual, Supplier<String> what) {
        double most = Math.abs(expected) + bound;
        if (Math.abs(expected) - bound > Float.MAX_VALUE) {
            assertEquals((float) expected, actual, what);
        } else if (most <= Float.MAX_VALUE) {
            assertEquals(expected, actual, bound + Float.MIN_VALUE, what);
        } else {
            assertTrue(
                    !Float.isNaN(actual) && actual * Math.signum(expected) >= 0,
                    () -> what.get() + ", exact " + expected);
        }
    }

    @Test
    void sameBitsEverywhere() {
        float[] logits = rows()[3];
        for (double g : new double[] {65536, -0x1p100, 1e300}) {
            float[] expected = gradient(ComputeGrid.reference(), logits, g);
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                float[] actual = gradient(point.compute(), logits, g);
                for (int i = 0; i < expected.length; i++) {
                    assertEquals(
                            Float.floatToRawIntBits(expected[i]),
                            Float.floatToRawIntBits(actual[i]),
                            point + ", g " + g + ", index " + i);
                }
            }
        }
    }

    private static float[] gradient(Compute compute, float[] logits, double g) {
        HeapTensor inPlace = HeapTensor.of(logits.clone(), 1, logits.length);
        CrossEntropyOptions options = CrossEntropyOptions.DEFAULT.withZLoss(0.1f);
        compute.training().crossEntropyBackward(inPlace, 1, new int[] {3}, 0, options, g, new double[1], inPlace);
        return inPlace.data();
    }

    @Test
    void aGradientThatIsNoNumberIsRefused() {
        HeapTensor logits = HeapTensor.zeros(1, 3);
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> ComputeGrid.reference()
                .training()
                .crossEntropyBackward(
                        logits, 1, new int[1], 0, CrossEntropyOptions.DEFAULT, Double.NaN, new double[1], logits));
        assertEquals("crossEntropy: lossGradient must be a number, got NaN", refusal.getMessage());
    }
}
