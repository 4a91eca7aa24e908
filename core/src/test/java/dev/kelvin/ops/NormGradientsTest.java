// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static dev.kelvin.ops.FiniteDifferences.added;
import static dev.kelvin.ops.FiniteDifferences.begun;
import static dev.kelvin.ops.FiniteDifferences.check;
import static dev.kelvin.ops.FiniteDifferences.dot;
import static dev.kelvin.ops.FiniteDifferences.gaussian;
import static dev.kelvin.ops.FiniteDifferences.widen;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Norms of rows and their derivatives, in double. */
class NormGradientsTest {
    private static final int ROWS = 5;
    private static final int DIM = 19;
    private static final float EPSILON = 1e-5f;

    private static Training training() {
        return ComputeGrid.fastest().training();
    }

    private static HeapTensor matrix(float[] data, int columns) {
        return HeapTensor.of(data, data.length / columns, columns);
    }

    private static double[] norm(double[] x, double[] weight, double[] bias) {
        int dim = weight.length;
        double[] y = new double[x.length];
        for (int row = 0; row < x.length; row += dim) {
            double mean = 0;
            for (int i = 0; bias != null && i < dim; i++) {
                mean += x[row + i] / dim;
            }
            double variance = 0;
            for (int i = 0; i < dim; i++) {
                variance += (x[row + i] - mean) * (x[row + i] - mean) / dim;
            }
            for (int i = 0; i < dim; i++) {
                y[row + i] =
                        (x[row + i] - mean) / Math.sqrt(variance + EPSILON) * weight[i] + (bias == null ? 0 : bias[i]);
            }
        }
        return y;
    }

    @Test
    void norms() {
        float[] x = gaussian(1, ROWS * DIM);
        float[] weight = gaussian(2, DIM);
        float[] bias = gaussian(3, DIM);
        float[] dy = gaussian(4, ROWS * DIM);
        for (boolean centred : new boolean[] {false, true}) {
            float[] dx = begun(x.length);
            float[] dWeight = begun(DIM);
            float[] dBias = begun(DIM);
            double[] wideBias = centred ? widen(bias) : null;
            HeapTensor xs = matrix(x, DIM);
            if (centred) {
                float[] y = new float[x.length];
                ComputeGrid.fastest()
                        .rows()
                        .layerNorm(xs, HeapTensor.of(weight), HeapTensor.of(bias), EPSILON, matrix(y, DIM));
                assertArrayEquals(norm(widen(x), widen(weight), wideBias), widen(y), 1e-5);
                training()
                        .layerNormBackward(
                                xs,
                                HeapTensor.of(weight),
                                EPSILON,
                                matrix(dy, DIM),
                                matrix(dx, DIM),
                                HeapTensor.of(dWeight),
                                HeapTensor.of(dBias));
                check("dBias", p -> dot(norm(widen(x), widen(weight), p), dy), bias, added(dBias));
            } else {
                training()
                        .rmsNormBackward(
                                xs,
                                HeapTensor.of(weight),
                                EPSILON,
                                matrix(dy, DIM),
                                matrix(dx, DIM),
                                HeapTensor.of(dWeight));
            }
            check("dx", p -> dot(norm(p, widen(weight), wideBias), dy), x, added(dx));
            check("dWeight", p -> dot(norm(widen(x), p, wideBias), dy), weight, added(dWeight));
        }
    }

    /** x̂ in double; its error does not grow with what all elements have in common. */
    @Test
    void layerNormOfElementsThatDifferLittle() {
        float large = 0x1p24f;
        float[][] rows = {
            {large, large, large + 2, large + 4},
            {-large, -large - 2, -large - 4, -large - 2, -large},
            offset(gaussian(3, 768), 1000),
            offset(gaussian(4, 777), -3e5f),
            gaussian(5, 2048),
        };
        for (float[] x : rows) {
            int dim = x.length;
            double[] expected = standardised(widen(x));
            float[] weight = new float[dim];
            Arrays.fill(weight, 1);
            float[] y = new float[dim];
            ComputeGrid.fastest()
                    .rows()
                    .layerNorm(HeapTensor.of(x), HeapTensor.of(weight), HeapTensor.zeros(dim), 0, HeapTensor.of(y));
            for (int i = 0; i < dim; i++) {
                double bound = (dim / 64.0 + 10) * 0x1p-24 * (1 + Math.abs(expected[i]));
                assertEquals(expected[i], y[i], bound, "layerNorm of " + x[i] + " in a row of " + dim);
            }
            // dWeight of dy = 1 is x̂ itself.
            float[] dWeight = new float[dim];
            training()
                    .layerNormBackward(
                            HeapTensor.of(x),
                            HeapTensor.of(weight),
                            0,
                            HeapTensor.of(weight.clone()),
                            HeapTensor.zeros(dim),
                            HeapTensor.of(dWeight),
                            HeapTensor.zeros(dim));
            assertArrayEquals(y, dWeight);
        }
    }

    private static float[] offset(float[] x, float by) {
        for (int i = 0; i < x.length; i++) {
            x[i] += by;
        }
        return x;
    }

    private static double[] standardised(double[] x) {
        double mean = Arrays.stream(x).average().orElseThrow();
        double variance =
                Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
        return Arrays.stream(x).map(v -> (v - mean) / Math.sqrt(variance)).toArray();
    }
}
