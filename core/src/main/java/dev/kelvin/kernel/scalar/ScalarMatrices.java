// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.GemmCall;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.MatrixKernels;
import dev.kelvin.kernel.MatrixLines;
import dev.kelvin.kernel.ProductLine;
import dev.kelvin.operand.Matrix;
import java.util.Arrays;

/**
 * The specification of products of matrices: each sum is {@link ScalarRows#dot} of a row of a and a column of b,
 * however they are stored, +0 if there is nothing to sum; {@link ProductLine} says what becomes of it. Error of a sum:
 * |ŝ − s| ≤ (⌈K/16⌉ + 4)·u·Σ|aₖbₖ| to first order, u = 2⁻²⁴.
 */
final class ScalarMatrices implements MatrixKernels {
    /** Columns of c that are computed together, if their factors do not need more than a gigabyte. */
    private static final int STRIP = 96;

    private static final int MOST_FLOATS = 1 << 28;

    private final Kernels kernels;
    private final MatrixLines lines = new MatrixLines();
    private final ProductLine line = new ProductLine();
    private final float[] sums = new float[STRIP];
    private float[] row = new float[0];
    private float[] strip = new float[0];

    ScalarMatrices(Kernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public void gemm(GemmCall call, int item, int rowBegin, int rowEnd, int columnBegin, int columnEnd) {
        int inner = call.isEmpty() ? 0 : call.inner();
        Matrix a = call.a();
        Matrix b = call.b();
        if (row.length < inner) {
            row = new float[inner];
        }
        int most = Math.clamp(MOST_FLOATS / Math.max(1, inner), 1, STRIP);
        if (strip.length < most * inner) {
            strip = new float[most * inner];
        }
        for (int n = columnBegin; n < columnEnd; n += most) {
            int width = Math.min(most, columnEnd - n);
            for (int j = 0; j < width && inner > 0; j++) {
                long from = call.bOffset(item) + (long) (n + j) * b.columnStride();
                lines.read(b, from, b.rowStride(), strip, j * inner, inner);
            }
            for (int m = rowBegin; m < rowEnd; m++) {
                if (inner == 0) {
                    Arrays.fill(sums, 0);
                } else {
                    lines.read(a, call.aOffset(item) + (long) m * a.rowStride(), a.columnStride(), row, 0, inner);
                    for (int j = 0; j < width; j++) {
                        sums[j] = kernels.rows().dot(row, 0, strip, j * inner, inner);
                    }
                }
                line.finish(kernels, call, item, sums, 0, m, n, width);
            }
        }
    }
}
