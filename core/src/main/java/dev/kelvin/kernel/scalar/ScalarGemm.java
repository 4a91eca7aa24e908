// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.RowDecoder;
import dev.kelvin.tensor.Tensor;
import java.util.Arrays;

/**
 * The product of many rows in plain loops: {@link ScalarRows#dot} for each element, bit for bit, but with the columns
 * of Y side by side in the innermost loop, where a compiler can use its vectors.
 *
 * <p>W is turned, a strip of columns at a time, so that strip[k] holds w[n, k] for the columns n of the strip; then
 * lane l of all columns continues by fma with x[m, k]·strip[k], k ≡ l (mod 16) ascending. Rows are arrays of their own
 * because that is how C2 sees that they do not overlap.
 */
final class ScalarGemm {
    private static final int LANES = ScalarRows.LANES;
    private static final int COLUMNS = 256;

    /** Rows of X from which turning W pays. */
    static final int MIN_ROWS = 4;

    /** [lane][column of the strip]. */
    private final float[][] sums = new float[LANES][COLUMNS];

    /** [k][column of the strip]. */
    private float[][] strip = new float[0][];

    /** As many rows of W as a cache line of the strip has columns. */
    private final float[][] rows = new float[LANES][0];

    private final RowDecoder decoder = new RowDecoder();

    /** Columns [rowBegin, rowEnd) of Y = X·Wᵀ, which are rows of W. */
    void run(HeapTensor x, Tensor w, HeapTensor y, int rowBegin, int rowEnd) {
        int inner = x.columns();
        if (strip.length < inner) {
            strip = new float[inner][COLUMNS];
            for (int i = 0; i < LANES; i++) {
                rows[i] = new float[inner];
            }
        }
        for (int n = rowBegin; n < rowEnd; n += COLUMNS) {
            int count = Math.min(COLUMNS, rowEnd - n);
            for (int i = 0; i < count; i += LANES) {
                int height = Math.min(LANES, count - i);
                for (int j = 0; j < height; j++) {
                    read(w, n + i + j, rows[j]);
                }
                turn(inner, i, height);
            }
            for (int m = 0; m < x.rows(); m++) {
                multiply(x.data(), x.offset() + m * inner, inner);
                fold(y.data(), y.offset() + m * y.columns() + n, count);
            }
        }
    }

    private void read(Tensor w, int n, float[] to) {
        switch (w) {
            case HeapTensor heap ->
                System.arraycopy(heap.data(), heap.offset() + n * heap.columns(), to, 0, heap.columns());
            case MappedTensor mapped -> decoder.decode(mapped, n, to, 0);
            case PackedTensor packed -> throw new AssertionError("packed weights have products of their own");
        }
    }

    private void turn(int inner, int column, int height) {
        for (int k = 0; k < inner; k++) {
            float[] to = strip[k];
            for (int j = 0; j < height; j++) {
                to[column + j] = rows[j][k];
            }
        }
    }

    private void multiply(float[] x, int offset, int inner) {
        for (float[] lane : sums) {
            Arrays.fill(lane, 0);
        }
        for (int k = 0; k < inner; k++) {
            addProducts(sums[k % LANES], x[offset + k], strip[k]);
        }
    }

    private static void addProducts(float[] sum, float factor, float[] column) {
        for (int i = 0; i < COLUMNS; i++) {
            sum[i] = Math.fma(factor, column[i], sum[i]);
        }
    }

    private void fold(float[] y, int offset, int count) {
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int l = 0; l < half; l++) {
                float[] low = sums[l];
                float[] high = sums[l + half];
                for (int i = 0; i < COLUMNS; i++) {
                    low[i] += high[i];
                }
            }
        }
        System.arraycopy(sums[0], 0, y, offset, count);
    }
}
