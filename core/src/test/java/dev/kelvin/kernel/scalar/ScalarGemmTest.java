// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The plain product of many rows against the dot product that defines it. */
class ScalarGemmTest {
    private static final int[] INNER = {1, 15, 16, 17, 64, 203};
    private static final int[] COLUMNS = {1, 15, 16, 17, 255, 256, 257, 530};

    @Test
    void everyElementIsTheDotProduct() {
        Random random = new Random(77);
        ScalarKernels kernels = new ScalarKernels();
        for (int inner : INNER) {
            for (int columns : COLUMNS) {
                int rows = ScalarGemm.MIN_ROWS + random.nextInt(5);
                HeapTensor x = random(random, rows, inner);
                HeapTensor w = random(random, columns, inner);
                HeapTensor y = HeapTensor.zeros(rows, columns);
                int begin = random.nextInt(columns);
                int end = begin + random.nextInt(columns - begin + 1);
                Arrays.fill(y.data(), -7);
                kernels.products().gemm(x, w, y, begin, end);
                for (int m = 0; m < rows; m++) {
                    for (int n = 0; n < columns; n++) {
                        float expected = n < begin || n >= end
                                ? -7
                                : kernels.rows().dot(x.data(), m * inner, w.data(), n * inner, inner);
                        assertEquals(
                                Float.floatToRawIntBits(expected),
                                Float.floatToRawIntBits(y.data()[m * columns + n]),
                                rows + " x " + inner + " x " + columns + " at " + m + ", " + n);
                    }
                }
            }
        }
    }

    private static HeapTensor random(Random random, int rows, int columns) {
        float[] data = new float[rows * columns];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return HeapTensor.of(data, rows, columns);
    }
}
