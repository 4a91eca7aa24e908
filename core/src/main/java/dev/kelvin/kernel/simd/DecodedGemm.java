// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.RowDecoder;

/**
 * Y = X·Wᵀ for weight types that have no tiles of their own. Each row of W is decoded once, into a panel that stays in
 * the second-level cache while all rows of X meet it.
 */
final class DecodedGemm {
    /** Floats of a panel: 256 KiB, a quarter of the second-level cache that x and y share with it. */
    private static final int PANEL_FLOATS = 1 << 16;

    private final HeapGemm gemm = new HeapGemm();
    private final RowDecoder decoder = new RowDecoder();
    private float[] panel = new float[0];

    void run(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        int inner = x.columns();
        int rows = Math.min(rowEnd - rowBegin, panelRows(x.rows(), inner));
        if (panel.length < (long) rows * inner) {
            panel = new float[Math.multiplyExact(rows, inner)];
        }
        for (int begin = rowBegin; begin < rowEnd; begin += rows) {
            int count = Math.min(rows, rowEnd - begin);
            for (int row = 0; row < count; row++) {
                decoder.decode(w, begin + row, panel, row * inner);
            }
            gemm.run(
                    x.data(),
                    x.offset(),
                    panel,
                    0,
                    y.data(),
                    y.offset() + begin,
                    x.rows(),
                    inner,
                    y.columns(),
                    0,
                    count);
        }
    }

    /** One row of x wants the panel near; many rows want it large, so that they pass by less often. */
    private static int panelRows(int xRows, int inner) {
        int fitting = PANEL_FLOATS / Math.max(1, inner);
        if (xRows == 1 || fitting < Gemm.ROW_TILE) {
            return Math.clamp(fitting, 1, Gemm.ROW_TILE);
        }
        return fitting / Gemm.ROW_TILE * Gemm.ROW_TILE;
    }
}
