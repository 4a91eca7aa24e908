// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.RowDecoder;

/**
 * Y = X·Wᵀ for weight types that have no tiles of their own: a panel of W is decoded to scratch, and all rows of a
 * block of X meet it there.
 */
final class DecodedGemm extends Gemm {
    private final HeapGemv gemv = new HeapGemv();
    private final RowDecoder decoder = new RowDecoder();
    private float[] rows = new float[0];
    private MappedTensor w;

    void run(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        this.w = w;
        if (x.rows() == 1) {
            multiplyRow(x, y, rowBegin, rowEnd);
        } else {
            multiply(x, y, rowBegin, rowEnd);
        }
        this.w = null;
    }

    private void multiplyRow(HeapTensor x, HeapTensor y, int rowBegin, int rowEnd) {
        int columns = x.columns();
        if (rows.length < (long) Gemv.TILE * columns) {
            rows = new float[Math.multiplyExact(Gemv.TILE, columns)];
        }
        for (int n = rowBegin; n < rowEnd; n += Gemv.TILE) {
            int count = Math.min(Gemv.TILE, rowEnd - n);
            for (int i = 0; i < count; i++) {
                decoder.decode(w, n + i, rows, i * columns);
            }
            gemv.run(x.data(), x.offset(), rows, 0, y.data(), y.offset() + n, columns, 0, count);
        }
    }

    /** More rows than fit the second-level cache: reading X from the third costs less than decoding W again. */
    @Override
    int blockFloats() {
        return 1 << 20;
    }

    @Override
    boolean inPlace() {
        return false;
    }

    @Override
    void copyRow(int n, float[] to, int offset) {
        decoder.decode(w, n, to, offset);
    }

    @Override
    int panel(float[] x, int x0, int n, int width, float[] quads, int ahead, int step) {
        throw new AssertionError("weights of type " + w.dtype() + " are not multiplied in place");
    }
}
