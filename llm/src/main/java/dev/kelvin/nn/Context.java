// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.StateRows;

/**
 * What the rows of a pass have before them: their positions, and the keys, values and states of their sequences. All
 * else that a decoder computes, it computes for each row by itself.
 */
public interface Context {
    /** The position of each row; longer is fine. */
    int[] positions();

    /**
     * Attends with each row to what its sequence holds, these keys and values included.
     *
     * @param layer whose heads, scale and mask to use
     * @param q {@code [T, H * Dh]}
     * @param k {@code [T, Hkv * Dh]}
     * @param v {@code [T, Hkv * Dh]}
     * @param out {@code [T, H * Dh]}, overwritten
     */
    void attend(AttentionLayer layer, HeapTensor q, HeapTensor k, HeapTensor v, HeapTensor out);

    /**
     * Attends with each row to what another layer has put there of these rows and those before them.
     *
     * @param layer whose heads, scale and mask to use
     * @param q {@code [T, H * Dh]}
     * @param out {@code [T, H * Dh]}, overwritten
     * @throws IllegalStateException if the pass keeps no keys and values
     */
    void attend(AttentionLayer layer, HeapTensor q, HeapTensor out);

    /**
     * Attends with each row to what its sequence holds, these keys and values included.
     *
     * @param layer whose heads and scale to use
     * @param q {@code [T, H * (R + C)]}
     * @param k {@code [T, R + C]}
     * @param v {@code [T, C]}
     * @param out {@code [T, H * C]}, overwritten
     * @throws IllegalStateException if the pass keeps no keys and values
     */
    void attend(LatentAttentionLayer layer, HeapTensor q, HeapTensor k, HeapTensor v, HeapTensor out);

    /**
     * What the embedding has for the blocks, {@code [T, L·P]}, P elements for each.
     *
     * @throws IllegalStateException if it has nothing
     */
    HeapTensor layerInputs();

    /**
     * The rows and a recurrent state of each of their sequences.
     *
     * @param slot the number of the state among what all layers keep
     * @throws IllegalStateException if the pass keeps no states
     */
    StateRows states(int slot);
}
