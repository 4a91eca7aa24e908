// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static dev.kelvin.ops.FiniteDifferences.gaussian;
import static dev.kelvin.ops.FiniteDifferences.widen;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operand.AdamWStep;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * What a step of training does besides gradients: dropout, the norm that it clips by, and the optimizer by its formula.
 */
class TrainingStepTest {
    private static Training training() {
        return ComputeGrid.fastest().training();
    }

    @Test
    void dropoutKeepsTheStatedShareAndTheMean() {
        int length = 200_000;
        float[] ones = new float[length];
        Arrays.fill(ones, 1);
        for (float rate : new float[] {0, 0.1f, 0.5f}) {
            float[] y = new float[length];
            float[] other = new float[length];
            training().dropout(HeapTensor.of(ones), rate, 7L << 32 | 1, HeapTensor.of(y));
            training().dropout(HeapTensor.of(ones), rate, 8L << 32 | 1, HeapTensor.of(other));
            int dropped = 0;
            int both = 0;
            for (int i = 0; i < length; i++) {
                assertTrue(y[i] == 0 || y[i] == (float) (1 / (1 - (double) rate)));
                dropped += y[i] == 0 ? 1 : 0;
                both += y[i] == 0 && other[i] == 0 ? 1 : 0;
            }
            // Five standard deviations of a binomial, for the share and for the overlap of two masks.
            assertEquals(rate, dropped / (double) length, 5 * Math.sqrt(rate * (1 - rate) / length));
            double overlap = (double) rate * rate;
            assertEquals(overlap, both / (double) length, 5 * Math.sqrt(overlap * (1 - overlap) / length));
        }
    }

    @Test
    void adamWFollowsItsFormula() {
        int length = 50;
        float[] p = gaussian(1, length);
        float[] m = new float[length];
        float[] v = new float[length];
        double[] expected = widen(p);
        double[] first = new double[length];
        double[] second = new double[length];
        AdamWStep step = new AdamWStep();
        for (int t = 1; t <= 4; t++) {
            float[] g = gaussian(t + 10, length);
            step.set(t, 0.9, 0.95, 1e-8, 1e-2, 0.1, 0.5);
            training().adamW(HeapTensor.of(p), HeapTensor.of(g), HeapTensor.of(m), HeapTensor.of(v), step);
            for (int i = 0; i < length; i++) {
                double scaled = 0.5 * g[i];
                first[i] = 0.9 * first[i] + 0.1 * scaled;
                second[i] = 0.95 * second[i] + 0.05 * scaled * scaled;
                double mHat = first[i] / (1 - Math.pow(0.9, t));
                double vHat = second[i] / (1 - Math.pow(0.95, t));
                expected[i] -= 1e-2 * (mHat / (Math.sqrt(vHat) + 1e-8) + 0.1 * expected[i]);
            }
        }
        assertArrayEquals(expected, widen(p), 1e-5);
    }

    @Test
    void aStepOfAdamWThatWouldMakeNoNumbersIsRefused() {
        AdamWStep step = new AdamWStep();
        assertThrows(IllegalArgumentException.class, () -> training()
                .adamW(HeapTensor.zeros(1), HeapTensor.zeros(1), HeapTensor.zeros(1), HeapTensor.zeros(1), step));
        double nan = Double.NaN;
        double[][] faulty = {
            {0, 0.9, 0.95, 1e-8, 1e-2, 0.1, 1},
            {-3, 0.9, 0.95, 1e-8, 1e-2, 0.1, 1},
            {1, 1, 0.95, 1e-8, 1e-2, 0.1, 1},
            {1, -0.1, 0.95, 1e-8, 1e-2, 0.1, 1},
            {1, 0.9, 1, 1e-8, 1e-2, 0.1, 1},
            {1, 0.9, nan, 1e-8, 1e-2, 0.1, 1},
            {1, 0.9, 0.95, 0, 1e-2, 0.1, 1},
            {1, 0.9, 0.95, 1e-60, 1e-2, 0.1, 1},
            {1, 0.9, 0.95, nan, 1e-2, 0.1, 1},
            {1, 0.9, 0.95, 1e-8, nan, 0.1, 1},
            {1, 0.9, 0.95, 1e-8, 1e300, 0, 1},
            {1, 0.9, 0.95, 1e-8, 1e-2, Double.POSITIVE_INFINITY, 1},
        };
        for (double[] n : faulty) {
            IllegalArgumentException refusal = assertThrows(
                    IllegalArgumentException.class,
                    () -> step.set((int) n[0], n[1], n[2], n[3], n[4], n[5], n[6]),
                    () -> Arrays.toString(n));
            assertTrue(refusal.getMessage().startsWith("adamW: "), refusal.getMessage());
        }
        step.set(1, 0, 0, 1e-8, 0, 0, 0);
    }

    @Test
    void squaredNormAddsEveryElement() {
        float[] x = gaussian(1, 3 * 4096 + 77);
        double expected = 0;
        for (float value : x) {
            expected += (double) value * value;
        }
        assertEquals(expected, training().squaredNorm(HeapTensor.of(x)), 1e-5 * expected);
    }
}
