// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.DenseAttentionCall;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvRows;

/**
 * Attention over tensors or over pages of keys and values, and what comes before it. Got from {@link Compute}, whose
 * rules hold here too: results are pure functions of the inputs to the bit, shapes are checked before anything is
 * written, nothing is allocated once scratch has grown, one caller at a time. The causal one with a derivative is
 * {@link Training#attention}.
 */
public final class Attention {
    private final Team team;
    private final RotaryEmbedding rope;
    private final KeyValueStore keyValueStore;
    private final AttentionTask attention;
    private final DenseAttentionTask dense;

    Attention(Team team) {
        this.team = team;
        rope = new RotaryEmbedding(team);
        keyValueStore = new KeyValueStore(team);
        attention = new AttentionTask(team);
        dense = new DenseAttentionTask(team);
    }

    /**
     * Rotary position embedding, in place: turns each pair of each head by the table's angle at the row's position.
     * Source: Su et al., arXiv:2104.09864.
     *
     * @param x [T, H·Dh]
     * @param table the angles; its arrays must not be x's
     * @param positions one a row, each within the table; longer is fine
     */
    public void rope(HeapTensor x, RopeTable table, int[] positions) {
        try (Team.Call _ = team.begin()) {
            rope.apply(x, table, positions);
        }
    }

    /**
     * Puts the keys and values of rows into the pages of their sequences, rounded to the pages' type.
     *
     * @param k [R, kvHeads·keyDim]
     * @param v [R, kvHeads·valueDim]
     * @param rows whose they are, and where they go; no two spans may share a page that is written to
     */
    public void storeKeysAndValues(HeapTensor k, HeapTensor v, KvRows rows) {
        try (Team.Call _ = team.begin()) {
            keyValueStore.apply(k, v, rows);
        }
    }

    /**
     * Grouped-query attention of rows over the keys and values of their sequences. A row has the same bits whatever
     * other rows there are and wherever its pages lie. No [R, t] matrix is stored. Error: that of scores is at most
     * keyDim·2⁻²⁴·Σ|q·k| to first order, that of the rest as {@link Compute#softmax}'s.
     *
     * @param call tensors and sizes; {@code out} must overlap neither q nor a page
     */
    public void attend(AttentionCall call) {
        try (Team.Call _ = team.begin()) {
            attention.apply(call);
        }
    }

    /**
     * Grouped-query attention over keys and values that lie in tensors, in any layout: masks, biases, windows, soft
     * caps, sinks, sequences of different lengths; see {@link DenseAttentionCall}. A row has the same bits whatever
     * other rows there are; no [T, S] matrix is stored. Who sees no key gets 0; a key that is hidden by a mask or a
     * bias of −∞ has no influence, even if it or its value is NaN. Errors as above.
     *
     * @param call tensors, sizes, and what a query sees
     */
    public void attend(DenseAttentionCall call) {
        try (Team.Call _ = team.begin()) {
            dense.apply(call);
        }
    }
}
