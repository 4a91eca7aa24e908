// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.HeapTensor;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Gradients of softmax and log-softmax by logits and temperature, against differences in double; then their bits. */
class SoftmaxBackwardTest {
    private static final float[] TEMPERATURES = {0.3f, 1, 2.5f};

    /** A weighted sum of probabilities, or of log-probabilities: a scalar whose gradient is wanted. */
    private static double objective(boolean logarithmic, double[] logits, double[] weights, double temperature) {
        double max = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp((logit - max) / temperature);
        }
        double objective = 0;
        for (int i = 0; i < logits.length; i++) {
            double log = (logits[i] - max) / temperature - Math.log(sum);
            objective += weights[i] * (logarithmic ? log : Math.exp(log));
        }
        return objective;
    }

    private static float[] random(long seed, int length, double scale) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return values;
    }

    private static double[] toDouble(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    private static float[] backward(
            Compute compute, boolean logarithmic, HeapTensor logits, float temperature, HeapTensor gradient) {
        HeapTensor forward = HeapTensor.zeros(logits.shape().dims());
        HeapTensor dLogits = HeapTensor.zeros(logits.shape().dims());
        if (logarithmic) {
            compute.logSoftmax(logits, temperature, forward);
            compute.training().logSoftmaxBackward(forward, gradient, temperature, dLogits);
        } else {
            compute.softmax(logits, temperature, forward);
            compute.training().softmaxBackward(forward, gradient, temperature, dLogits);
        }
        return dLogits.data();
    }

    @Test
    void gradientsAreThoseOfDifferences() {
        for (boolean logarithmic : new boolean[] {false, true}) {
            for (int length : new int[] {1, 2, 17, 700}) {
                for (float temperature : TEMPERATURES) {
                    checkDifferences(logarithmic, length, temperature);
                }
            }
        }
    }

    private static void checkDifferences(boolean logarithmic, int length, float temperature) {
        String what = (logarithmic ? "log-softmax" : "softmax") + " of " + length + " at " + temperature;
        float[] logits = random(length, length, 1.5);
        float[] weights = random(length + 1, length, 1);
        HeapTensor z = HeapTensor.of(logits, 1, length);
        float[] actual =
                backward(ComputeGrid.fastest(), logarithmic, z, temperature, HeapTensor.of(weights, 1, length));
        double[] exactLogits = toDouble(logits);
        double[] exactWeights = toDouble(weights);
        double step = 1e-5;
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < length; i++) {
            double logit = exactLogits[i];
            exactLogits[i] = logit + step;
            double above = objective(logarithmic, exactLogits, exactWeights, temperature);
            exactLogits[i] = logit - step;
            double below = objective(logarithmic, exactLogits, exactWeights, temperature);
            exactLogits[i] = logit;
            double expected = (above - below) / (2 * step);
            difference = Math.hypot(difference, actual[i] - expected);
            norm = Math.hypot(norm, expected);
        }
        assertTrue(difference <= 1e-4 * norm + 1e-9, what + ": off by " + difference + " of " + norm);

        double expected = (objective(logarithmic, exactLogits, exactWeights, temperature + step)
                        - objective(logarithmic, exactLogits, exactWeights, temperature - step))
                / (2 * step);
        double byTemperature =
                ComputeGrid.fastest().training().temperatureGradient(z, HeapTensor.of(actual, 1, length), temperature);
        assertEquals(expected, byTemperature, 1e-4 * Math.abs(expected) + 1e-7, what + " by temperature");
    }

    /** The bounds of the Javadoc, with probabilities of 15 and log-probabilities of a few units in their last place. */
    @Test
    void errorsStayWithinTheirBound() {
        int length = 5000;
        for (float temperature : TEMPERATURES) {
            float[] logits = random(3, length, 2);
            float[] weights = random(4, length, 1);
            HeapTensor z = HeapTensor.of(logits, 1, length);
            HeapTensor d = HeapTensor.of(weights, 1, length);
            float[] dSoftmax = backward(ComputeGrid.fastest(), false, z, temperature, d);
            float[] dLogSoftmax = backward(ComputeGrid.fastest(), true, z, temperature, d);
            double[] p = SoftmaxOracle.probs(logits, temperature);
            double mean = 0;
            double absoluteMean = 0;
            double sum = 0;
            double absoluteSum = 0;
            for (int i = 0; i < length; i++) {
                mean += p[i] * weights[i];
                absoluteMean += p[i] * Math.abs(weights[i]);
                sum += weights[i];
                absoluteSum += Math.abs(weights[i]);
            }
            for (int i = 0; i < length; i++) {
                double magnitude = p[i] * (Math.abs(weights[i]) + absoluteMean) / temperature;
                assertEquals(
                        p[i] * (weights[i] - mean) / temperature,
                        dSoftmax[i],
                        (45 + 2 * SoftmaxOracle.PROBABILITY) * SoftmaxOracle.U * magnitude);
                // exp turns the absolute error of a log-probability, 3u·|log p| + 2^-20, into a relative one.
                double logError = 3 * SoftmaxOracle.U * Math.abs(Math.log(p[i])) + 0x1p-20;
                magnitude = (Math.abs(weights[i]) + p[i] * absoluteSum) / temperature;
                assertEquals(
                        (weights[i] - p[i] * sum) / temperature,
                        dLogSoftmax[i],
                        45 * SoftmaxOracle.U * magnitude + logError * p[i] * Math.abs(sum) / temperature);
            }
        }
    }

    @Test
    void sameBitsEverywhereAndInPlace() {
        int[] dims = {5, 1300};
        HeapTensor logits = HeapTensor.of(random(5, 6500, 3), dims);
        HeapTensor gradient = HeapTensor.of(random(6, 6500, 1), dims);
        for (boolean logarithmic : new boolean[] {false, true}) {
            float[] expected = backward(ComputeGrid.reference(), logarithmic, logits, 0.6f, gradient);
            double byTemperature =
                    ComputeGrid.reference().training().temperatureGradient(logits, HeapTensor.of(expected, dims), 0.6f);
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                float[] actual = backward(point.compute(), logarithmic, logits, 0.6f, gradient);
                assertSameBits(expected, actual, point.toString());
                double actualByTemperature =
                        point.compute().training().temperatureGradient(logits, HeapTensor.of(actual, dims), 0.6f);
                assertEquals(byTemperature, actualByTemperature, point.toString());
                assertSameBits(expected, inPlace(point.compute(), logarithmic, logits, gradient), point + " in place");
            }
        }
    }

    /** The gradient written over the gradient that comes in. */
    private static float[] inPlace(Compute compute, boolean logarithmic, HeapTensor logits, HeapTensor gradient) {
        HeapTensor forward = HeapTensor.zeros(logits.shape().dims());
        HeapTensor both =
                HeapTensor.of(gradient.data().clone(), gradient.shape().dims());
        if (logarithmic) {
            compute.logSoftmax(logits, 0.6f, forward);
            compute.training().logSoftmaxBackward(forward, both, 0.6f, both);
        } else {
            compute.softmax(logits, 0.6f, forward);
            compute.training().softmaxBackward(forward, both, 0.6f, both);
        }
        return both.data();
    }

    private static void assertSameBits(float[] expected, float[] actual, String what) {
        for (int i = 0; i < expected.length; i++) {
            int at = i;
            assertEquals(
                    Float.floatToRawIntBits(expected[i]),
                    Float.floatToRawIntBits(actual[i]),
                    () -> what + " at " + at + " (again: mvn -pl core test -Dtest=SoftmaxBackwardTest)");
        }
    }

    @Test
    void infiniteTemperatureHasNoGradient() {
        HeapTensor logits = HeapTensor.of(random(7, 20, 1), 2, 10);
        HeapTensor gradient = HeapTensor.of(random(8, 20, 1), 2, 10);
        for (boolean logarithmic : new boolean[] {false, true}) {
            float[] dLogits = backward(ComputeGrid.fastest(), logarithmic, logits, Float.POSITIVE_INFINITY, gradient);
            for (float d : dLogits) {
                assertEquals(0, Math.abs(d));
            }
            assertEquals(
                    0,
                    Math.abs(ComputeGrid.fastest()
                            .training()
                            .temperatureGradient(logits, HeapTensor.of(dLogits, 2, 10), Float.POSITIVE_INFINITY)));
        }
    }

    /**
     * The inverse of a subnormal temperature may be no float: a gradient of 0 stays 0, the others are what they are.
     */
    @Test
    void subnormalTemperatures() {
        float[] weights = {3, 0x1p-120f, -0x1p-130f, 5};
        for (float temperature : new float[] {Float.MIN_NORMAL, 0x1p-128f, 0x1p-129f, 0x1p-140f, Float.MIN_VALUE}) {
            for (Compute compute : new Compute[] {ComputeGrid.reference(), ComputeGrid.fastest()}) {
                HeapTensor probs = HeapTensor.of(new float[] {0, 0.5f, 0.5f, 0}, 1, 4);
                HeapTensor d = HeapTensor.of(weights.clone(), 1, 4);
                compute.training().softmaxBackward(probs, d, temperature, d);
                double mean = (weights[1] + (double) weights[2]) / 2;
                float expected = (float) (0.5 * (weights[1] - mean) / temperature);
                assertArrayEquals(new float[] {0, expected, -expected, 0}, d.data(), temperature + "");

                HeapTensor logProbs = HeapTensor.of(new float[] {0, Float.NEGATIVE_INFINITY, -200}, 1, 3);
                HeapTensor dLog = HeapTensor.of(new float[] {0, 0x1p-135f, 0}, 1, 3);
                compute.training().logSoftmaxBackward(logProbs, dLog, temperature, dLog);
                float share = (float) (0x1p-135 / temperature);
                assertArrayEquals(new float[] {-share, share, 0}, dLog.data(), temperature + "");
            }
        }
    }

    /** A masked candidate neither gets a gradient nor takes part in those of others. */
    @Test
    void masksHaveNoGradient() {
        Compute compute = ComputeGrid.fastest();
        HeapTensor masked = HeapTensor.of(new float[] {1, Float.NEGATIVE_INFINITY, 0.5f}, 1, 3);
        HeapTensor without = HeapTensor.of(new float[] {1, 0.5f}, 1, 2);
        float[] withMask = backward(compute, false, masked, 2, HeapTensor.of(new float[] {1, 7, -1}, 1, 3));
        float[] expected = backward(compute, false, without, 2, HeapTensor.of(new float[] {1, -1}, 1, 2));
        assertArrayEquals(new float[] {expected[0], 0, expected[1]}, withMask);
        assertEquals(
                compute.training().temperatureGradient(without, HeapTensor.of(expected, 1, 2), 2),
                compute.training().temperatureGradient(masked, HeapTensor.of(withMask, 1, 3), 2));
    }

    @Test
    void refusals() {
        Compute compute = ComputeGrid.fastest();
        HeapTensor a = HeapTensor.zeros(2, 3);
        HeapTensor b = HeapTensor.zeros(3, 2);
        refuses("softmaxBackward: probs [2, 3] and dProbs [3, 2] must have the same shape", () -> compute.training()
                .softmaxBackward(a, b, 1, a));
        refuses(
                "logSoftmaxBackward: logProbs [2, 3] and dLogits [3, 2] must have the same shape",
                () -> compute.training().logSoftmaxBackward(a, a, 1, b));
        refuses("softmaxBackward: temperature must be in (0, +inf], got 0.0", () -> compute.training()
                .softmaxBackward(a, a, 0, a));
        refuses("temperatureGradient: temperature must be in (0, +inf], got NaN", () -> compute.training()
                .temperatureGradient(a, a, Float.NaN));
        refuses(
                "temperatureGradient: logits [2, 3] and dLogits [3, 2] must have the same shape",
                () -> compute.training().temperatureGradient(a, b, 1));
        float[] shared = new float[12];
        refuses(
                "softmaxBackward: dLogits [2, 3] at offset 5 must not overlap dProbs [2, 3] at offset 0 of the same"
                        + " array",
                () -> compute.training()
                        .softmaxBackward(a, HeapTensor.view(shared, 0, 2, 3), 1, HeapTensor.view(shared, 5, 2, 3)));
    }

    private static void refuses(String message, Runnable operation) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, operation::run).getMessage());
    }
}
