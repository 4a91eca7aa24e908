// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;

/** Y = X·Wᵀ with W in a {@code float[]}. */
final class HeapGemm extends Gemm {
    private final HeapGemv gemv = new HeapGemv();
    private float[] w;
    private int wOffset;

    void run(HeapTensor x, HeapTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        if (x.rows() == 1) {
            int inner = x.columns();
            gemv.run(x.data(), x.offset(), w.data(), w.offset(), inner, y.data(), y.offset(), inner, rowBegin, rowEnd);
            return;
        }
        this.w = w.data();
        this.wOffset = w.offset();
        multiply(x, y, rowBegin, rowEnd);
        this.w = null;
    }

    @Override
    boolean inPlace() {
        return inner % LANES == 0;
    }

    @Override
    void copyRow(int n, float[] to, int offset) {
        System.arraycopy(w, wOffset + n * inner, to, offset, inner);
    }

    @Override
    void packSlices(int n, int width, int padded, float[] to) {
        if (padded == inner) {
            SlicedTile.pack(w, wOffset + n * inner, inner, width, inner / LANES, to);
        } else {
            super.packSlices(n, width, padded, to);
        }
    }

    @Override
    int panel(float[] x, int x0, int n, int width, int apart, float[] quads, int ahead, int spread, int step) {
        int w0 = wOffset + n * inner;
        return GemmTile.panel(x, x0, w, w0, apart * inner, width, inner, quads, w0 + ahead, spread, step);
    }
}
