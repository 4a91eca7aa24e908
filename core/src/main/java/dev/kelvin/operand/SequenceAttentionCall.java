// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import dev.kelvin.tensor.HeapTensor;

/**
 * Causal grouped-query attention over whole sequences, as training has it: position t of a sequence attends to its
 * positions 0 … t. Query head h reads key/value head h/(heads/kvHeads). Row b·T + t of each tensor is position t of
 * sequence b.
 *
 * @param q queries [B·T, heads·headDim]
 * @param k keys [B·T, kvHeads·headDim]
 * @param v values [B·T, kvHeads·headDim]
 * @param out [B·T, heads·headDim]: written by the forward pass; the backward pass does not read it
 * @param sequences B
 * @param heads query heads
 * @param kvHeads key/value heads, a divisor of heads
 * @param headDim elements of a head
 * @param scale the factor of the scores, usually 1/√headDim
 */
public record SequenceAttentionCall(
        HeapTensor q,
        HeapTensor k,
        HeapTensor v,
        HeapTensor out,
        int sequences,
        int heads,
        int kvHeads,
        int headDim,
        float scale) {
    /** T, the positions of a sequence. */
    public int length() {
        return q.rows() / sequences;
    }
}
