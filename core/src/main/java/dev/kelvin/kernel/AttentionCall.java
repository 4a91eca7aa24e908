// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;

/**
 * Causal grouped-query attention of T consecutive queries over a cache of keys and values. Query t stands at
 * {@code position + t} and attends to keys 0 … position + t; query head h reads key/value head h/(heads/kvHeads).
 *
 * @param q queries [T, heads·headDim]
 * @param keys [kvHeads, ⌈capacity/64⌉, headDim, 64], filled up to position + T: the positions of a block lie side by
 *     side, element by element, so that lanes can run along them; see {@link #keyOffset}
 * @param values [kvHeads, capacity, headDim], filled up to position + T
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
        float scale) {
    /** Positions of a block of keys. */
    public static final int KEY_BLOCK = 64;

    /**
     * Floats that the keys of one head take.
     *
     * @param capacity positions for which the cache has room
     * @param headDim elements of a head
     * @return ⌈capacity/64⌉·64·headDim
     */
    public static long keysPerHead(int capacity, int headDim) {
        return (capacity + KEY_BLOCK - 1L) / KEY_BLOCK * KEY_BLOCK * headDim;
    }

    /**
     * Where, within a head's keys, the first element of a position's key stands; each next one is {@link #KEY_BLOCK}
     * further on.
     *
     * @param position of the key
     * @param headDim elements of a head
     * @return the offset
     */
    public static int keyOffset(int position, int headDim) {
        return position / KEY_BLOCK * KEY_BLOCK * headDim + position % KEY_BLOCK;
    }
}
