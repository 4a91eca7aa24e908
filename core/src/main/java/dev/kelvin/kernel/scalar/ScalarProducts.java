// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.ProductKernels;
import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.RowDecoder;

/**
 * The specification of products with weights.
 *
 * <p><b>Sums over k</b> are those of {@link ScalarRows#dot}, whatever the type of the weights: with what they decode
 * to. Error: |ŷ − y| ≤ (⌈K/16⌉ + 4)·u·Σ|xₖwₖ| to first order, u = 2⁻²⁴.
 *
 * <p><b>Products with packed weights</b> are {@link ScalarPacked}.
 */
final class ScalarProducts implements ProductKernels {
    private final ScalarRows rows;
    private final RowDecoder decoder = new RowDecoder();
    private final ScalarGemm manyRows = new ScalarGemm();
    private final ScalarPacked packed = new ScalarPacked();
    private float[] weights = new float[0];

    ScalarProducts(ScalarRows rows) {
        this.rows = rows;
    }

    @Override
    public void gemm(HeapTensor x, HeapTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        if (x.rows() >= ScalarGemm.MIN_ROWS) {
            manyRows.run(x, w, y, rowBegin, rowEnd);
            return;
        }
        int inner = x.columns();
        int columns = y.columns();
        for (int n = rowBegin; n < rowEnd; n++) {
            for (int m = 0; m < x.rows(); m++) {
                y.data()[y.offset() + m * columns + n] =
                        rows.dot(x.data(), x.offset() + m * inner, w.data(), w.offset() + n * inner, inner);
            }
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The order is that of the dot product with the decoded weights, whatever their type.
     */
    @Override
    public void gemm(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        if (x.rows() >= ScalarGemm.MIN_ROWS) {
            manyRows.run(x, w, y, rowBegin, rowEnd);
            return;
        }
        int inner = x.columns();
        int columns = y.columns();
        if (weights.length < inner) {
            weights = new float[inner];
        }
        for (int n = rowBegin; n < rowEnd; n++) {
            decoder.decode(w, n, weights, 0);
            for (int m = 0; m < x.rows(); m++) {
                y.data()[y.offset() + m * columns + n] = rows.dot(x.data(), x.offset() + m * inner, weights, 0, inner);
            }
        }
    }

    @Override
    public void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd) {
        ScalarPacked.quantize(x, to, rowBegin, rowEnd);
    }

    @Override
    public void gemm(QuantizedRows x, PackedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        packed.gemm(x, w, y, rowBegin, rowEnd);
    }
}
