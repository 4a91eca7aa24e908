// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;

/**
 * Products of which each sum is one chain: by fused multiply-add, ascending, with lanes along the columns of the
 * result. The gradients of a product with weights, products of small matrices, and the step of a matrix-valued state.
 * Plain loops: {@code ScalarChains}.
 */
public interface ChainKernels {
    /**
     * Some rows of dX = dY·W, the gradient of the input of Y = X·Wᵀ: dx[m, k] = Σₙ dy[m, n]·w[n, k] for m in [rowBegin,
     * rowEnd).
     *
     * @param dy [M, N]
     * @param w [N, K]
     * @param dx [M, K]; may not overlap the others
     * @param accumulate whether the sums continue from what dx holds, or start from +0
     * @param rowBegin the first row of dx
     * @param rowEnd the row of dx after the last
     */
    void gemmBackwardInput(HeapTensor dy, HeapTensor w, HeapTensor dx, boolean accumulate, int rowBegin, int rowEnd);

    /**
     * Some rows of dW = dYᵀ·X, the gradient of the weights of Y = X·Wᵀ: dw[n, k] = Σₘ dy[m, n]·x[m, k] for n in
     * [rowBegin, rowEnd).
     *
     * @param dy [M, N]
     * @param x [M, K]
     * @param dw [N, K]; may not overlap the others
     * @param accumulate whether the sums continue from what dw holds, or start from +0
     * @param rowBegin the first row of dw
     * @param rowEnd the row of dw after the last
     */
    void gemmBackwardWeight(HeapTensor dy, HeapTensor x, HeapTensor dw, boolean accumulate, int rowBegin, int rowEnd);

    /**
     * A product of matrices with lanes along the columns of the result: out[i, c] = Σⱼ w[i, j]·v[j, c], from
     * {@code out} on or from zero.
     *
     * @param w weights; element (i, j) at wOffset + i·wRow + j·wColumn, so that a transposed matrix is one with its
     *     strides exchanged
     * @param v values; element (j, c) at vOffset + j·vRow + c
     * @param out element (i, c) at outOffset + i·outRow + c
     * @param rows of w and out
     * @param inner the number of products of a sum
     * @param columns of v and out
     * @param accumulate whether sums begin with what {@code out} holds rather than +0
     */
    void mix(
            float[] w,
            int wOffset,
            int wRow,
            int wColumn,
            float[] v,
            int vOffset,
            int vRow,
            float[] out,
            int outOffset,
            int outRow,
            int rows,
            int inner,
            int columns,
            boolean accumulate);

    /**
     * One step of a matrix-valued state, and what a reader sees of it: after[k, v] = before[k, v]·decay + u[k]·d[v],
     * and then out[v] = Σₖ after[k, v]·r[k].
     *
     * @param before the state [rows, columns], from its offset on
     * @param after receives the state; may be {@code before} at the same offset
     * @param decay the factor of what was
     * @param u what is written, by row [rows]
     * @param d and by column [columns]
     * @param r what reads [rows]
     * @param out receives [columns]
     */
    void rankOneUpdate(
            float[] before,
            int beforeOffset,
            float[] after,
            int afterOffset,
            int rows,
            int columns,
            float decay,
            float[] u,
            int uOffset,
            float[] d,
            int dOffset,
            float[] r,
            int rOffset,
            float[] out,
            int outOffset);
}
