// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** Derivatives by central differences in double, and what a float derivative may differ from them. */
public final class FiniteDifferences {
    private static final double STEP = 1e-5;

    /** Of the largest derivative; float arithmetic over a few dozen terms, and nothing looser. */
    private static final double TOLERANCE = 3e-5;

    private static final float BEFORE = 0.5f;

    private FiniteDifferences() {}

    /**
     * Demands that a gradient is that of a loss.
     *
     * @param what for the message
     * @param loss in double, of the values
     * @param values where the derivative is taken
     * @param gradient the derivative under test
     */
    public static void check(String what, ToDoubleFunction<double[]> loss, float[] values, float[] gradient) {
        double[] point = widen(values);
        double[] expected = new double[values.length];
        double largest = 0;
        for (int i = 0; i < point.length; i++) {
            double value = point[i];
            point[i] = value + STEP;
            double above = loss.applyAsDouble(point);
            point[i] = value - STEP;
            double below = loss.applyAsDouble(point);
            point[i] = value;
            expected[i] = (above - below) / (2 * STEP);
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        for (int i = 0; i < expected.length; i++) {
            int index = i;
            assertEquals(expected[i], gradient[i], TOLERANCE * (1 + largest), () -> what + " at " + index);
        }
    }

    /** The same numbers in double. */
    public static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    /** What a gradient is added to: no zeros, so that overwriting shows. */
    public static float[] begun(int length) {
        float[] values = new float[length];
        Arrays.fill(values, BEFORE);
        return values;
    }

    /** What was added to {@link #begun}. */
    public static float[] added(float[] values) {
        float[] rest = values.clone();
        for (int i = 0; i < rest.length; i++) {
            rest[i] -= BEFORE;
        }
        return rest;
    }

    /** Normal deviates. */
    public static float[] gaussian(long seed, int length) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Σ a·b, the loss whose derivative by a is b. */
    public static double dot(double[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < b.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
