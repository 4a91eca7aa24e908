// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvRows;

/**
 * Grouped-query attention of the rows of a batch over the keys and values of their sequences. Query head h reads
 * key/value head h/(heads/kvHeads). A sequence ends with its last row of the batch: that far its pages are filled.
 *
 * @param q queries [R, heads·keyDim]
 * @param rows whose the queries are, and where keys and values lie
 * @param out [R, heads·valueDim], overwritten; may not overlap the others
 * @param heads query heads
 * @param scale the factor of the scores, usually 1/√keyDim
 * @param mask what a query sees
 * @param scores what becomes of scores before the softmax
 */
public record AttentionCall(
        HeapTensor q, KvRows rows, HeapTensor out, int heads, float scale, AttentionMask mask, AttentionScores scores) {
    /** The number of work items, one query of one head each. */
    public int items() {
        return Math.multiplyExact(heads, rows.spans().rows());
    }
}
