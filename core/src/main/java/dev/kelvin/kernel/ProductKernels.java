// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;

/**
 * Products with weights, by sums of 16 lanes, or of blocks where activations are in codes. Plain loops:
 * {@code ScalarProducts}.
 */
public interface ProductKernels {
    /**
     * Some columns of Y = X·Wᵀ: y[m, n] = Σₖ x[m, k]·w[n, k] for n in [rowBegin, rowEnd).
     *
     * @param x [M, K]
     * @param w [N, K]
     * @param y [M, N]; may not overlap the others
     * @param rowBegin the first row of w
     * @param rowEnd the row of w after the last
     */
    void gemm(HeapTensor x, HeapTensor w, HeapTensor y, int rowBegin, int rowEnd);

    /**
     * {@link #gemm(HeapTensor, HeapTensor, HeapTensor, int, int)} with weights in a memory segment.
     *
     * @param x [M, K]
     * @param w [N, K], of a type that can be decoded
     * @param y [M, N]
     * @param rowBegin the first row of w
     * @param rowEnd the row of w after the last
     */
    void gemm(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd);

    /**
     * Takes rows of x in codes of 8 bits, for products with packed weights.
     *
     * @param x [M, K]
     * @param to {@linkplain QuantizedRows#prepare prepared} for M, K and the layout of the weights
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     */
    void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd);

    /**
     * {@link #gemm(HeapTensor, HeapTensor, HeapTensor, int, int)} with packed weights and activations in codes.
     *
     * @param x [M, K], prepared for the layout of w
     * @param w [N, K]
     * @param y [M, N]
     * @param rowBegin the first row of w, a multiple of {@value dev.kelvin.tensor.PackedLayout#STRIP}
     * @param rowEnd the row of w after the last; such a multiple too, or N
     */
    void gemm(QuantizedRows x, PackedTensor w, HeapTensor y, int rowBegin, int rowEnd);
}
