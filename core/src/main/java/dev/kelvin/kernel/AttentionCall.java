// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;

/**
 * Causal grouped-query attention of T consecutive queries over a cache of keys and values. Query t stands at
 * {@code position + t} and attends to keys 0 … position + t; query head h reads key/value head h/(heads/kvHeads).
 *
 * @param q queries [T, heads·headDim]
 * @param keys [kvHeads, capacity, headDim], filled up to position + T
 * @param values likewise
 * @param out [T, heads·headDim], overwritten; may not overlap the others
 * @param heads query heads
 * @param kvHeads key/value heads, a divisor of heads
 * @param headDim elements of a head
 * @param capacity positions for which the cache has room
 * @param position the position of the first query
 * @param scale the factor of the scores, usually 1/√headDim
 */
public record AttentionCall(
        HeapTensor q,
        float[] keys,
        float[] values,
        HeapTensor out,
        int heads,
        int kvHeads,
        int headDim,
        int capacity,
        int position,
        float scale) {}
