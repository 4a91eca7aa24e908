// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.HeapTensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The gradients of a matrix product: right within a derived bound, the same bits everywhere, and what they refuse. */
class MatmulBackwardTest {
    private static HeapTensor random(long seed, int rows, int columns) {
        HeapTensor tensor = HeapTensor.zeros(rows, columns);
        Random random = new Random(seed);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextGaussian();
        }
        return tensor;
    }

    private static HeapTensor copy(HeapTensor source) {
        return HeapTensor.of(source.data().clone(), source.shape().dims());
    }

    @Test
    void everyPointOfTheGridWithinTheBound() {
        int[][] shapes = {{1, 1, 1}, {3, 5, 7}, {17, 33, 65}, {40, 96, 50}, {9, 130, 129}};
        for (int[] shape : shapes) {
            int m = shape[0];
            int n = shape[1];
            int k = shape[2];
            HeapTensor dy = random(1, m, n);
            HeapTensor w = random(2, n, k);
            HeapTensor x = random(3, m, k);
            for (boolean accumulate : new boolean[] {false, true}) {
                HeapTensor dxBefore = random(4, m, k);
                HeapTensor dwBefore = random(5, n, k);
                HeapTensor dx = copy(dxBefore);
                HeapTensor dw = copy(dwBefore);
                ComputeGrid.reference().training().matmulBackwardInput(dy, w, dx, accumulate);
                ComputeGrid.reference().training().matmulBackwardWeight(dy, x, dw, accumulate);
                String what = m + " x " + n + " x " + k + ", accumulate " + accumulate;
                withinBound("dx " + what, dy.data(), n, 1, w, dx, accumulate ? dxBefore : null);
                withinBound("dw " + what, dy.data(), 1, n, x, dw, accumulate ? dwBefore : null);
                for (ComputeGrid.Point point : ComputeGrid.points()) {
                    HeapTensor dxThere = copy(dxBefore);
                    HeapTensor dwThere = copy(dwBefore);
                    point.compute().training().matmulBackwardInput(dy, w, dxThere, accumulate);
                    point.compute().training().matmulBackwardWeight(dy, x, dwThere, accumulate);
                    sameBits("dx " + what + " at " + point, dx, dxThere);
                    sameBits("dw " + what + " at " + point, dw, dwThere);
                }
            }
        }
    }

    /** |c − Σ| ≤ terms·u·(Σ|ab| + |c₀|): an element of the sum passes at most so many roundings. */
    private static void withinBound(
            String what, float[] a, int aRow, int aStep, HeapTensor b, HeapTensor c, HeapTensor before) {
        int columns = c.columns();
        for (int i = 0; i < c.rows(); i++) {
            for (int j = 0; j < columns; j++) {
                double sum = before == null ? 0 : before.data()[i * columns + j];
                double magnitude = Math.abs(sum);
                for (int t = 0; t < b.rows(); t++) {
                    double product = (double) a[i * aRow + t * aStep] * b.data()[t * columns + j];
                    sum += product;
                    magnitude += Math.abs(product);
                }
                double error = Math.abs(c.data()[i * columns + j] - sum);
                double bound = b.rows() * 0x1p-24 * 1.0001 * magnitude;
                assertTrue(error <= bound, what + " [" + i + ", " + j + "]: error " + error + ", bound " + bound);
            }
        }
    }

    private static void sameBits(String what, HeapTensor expected, HeapTensor actual) {
        for (int i = 0; i < expected.data().length; i++) {
            assertEquals(
                    Float.floatToRawIntBits(expected.data()[i]),
                    Float.floatToRawIntBits(actual.data()[i]),
                    what + ", element " + i);
        }
    }

    private static void refuses(String message, Executable operation) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, operation).getMessage());
    }

    @Test
    void refusals() {
        Compute compute = ComputeGrid.reference();
        HeapTensor dy = HeapTensor.zeros(2, 4);
        HeapTensor w = HeapTensor.zeros(4, 3);
        HeapTensor x = HeapTensor.zeros(2, 3);
        refuses(
                "matmulBackwardInput: dy [2, 4] and w [5, 3] must have as many columns in dy as rows in w",
                () -> compute.training().matmulBackwardInput(dy, HeapTensor.zeros(5, 3), x, false));
        refuses("matmulBackwardInput: dy [2, 4] and dx [1, 3] must have as many rows", () -> compute.training()
                .matmulBackwardInput(dy, w, HeapTensor.zeros(1, 3), false));
        refuses("matmulBackwardInput: w [4, 3] and dx [2, 2] must have as many columns", () -> compute.training()
                .matmulBackwardInput(dy, w, HeapTensor.zeros(2, 2), true));
        refuses(
                "matmulBackwardInput: dx [2, 3] at offset 2 must not overlap dy [2, 4] at offset 0 of the same array",
                () -> compute.training().matmulBackwardInput(dy, w, HeapTensor.view(dy.data(), 2, 2, 3), true));
        refuses(
                "matmulBackwardInput: dx [2, 3] at offset 6 must not overlap w [4, 3] at offset 0 of the same array",
                () -> compute.training().matmulBackwardInput(dy, w, HeapTensor.view(w.data(), 6, 2, 3), true));
        refuses("matmulBackwardWeight: dy [2, 4] and x [3, 3] must have as many rows", () -> compute.training()
                .matmulBackwardWeight(dy, HeapTensor.zeros(3, 3), w, false));
        refuses(
                "matmulBackwardWeight: dy [2, 4] and dw [3, 3] must have as many columns in dy as rows in dw",
                () -> compute.training().matmulBackwardWeight(dy, x, HeapTensor.zeros(3, 3), false));
        refuses("matmulBackwardWeight: x [2, 3] and dw [4, 2] must have as many columns", () -> compute.training()
                .matmulBackwardWeight(dy, x, HeapTensor.zeros(4, 2), false));
        float[] shared = new float[20];
        refuses(
                "matmulBackwardWeight: dw [4, 3] at offset 7 must not overlap dy [2, 4] at offset 0 of the same array",
                () -> compute.training()
                        .matmulBackwardWeight(
                                HeapTensor.view(shared, 0, 2, 4), x, HeapTensor.view(shared, 7, 4, 3), false));
        refuses(
                "matmulBackwardWeight: dw [4, 3] at offset 7 must not overlap x [2, 3] at offset 4 of the same array",
                () -> compute.training()
                        .matmulBackwardWeight(
                                dy, HeapTensor.view(shared, 4, 2, 3), HeapTensor.view(shared, 7, 4, 3), false));
    }
}
