// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.nn.AttentionLayer;
import dev.kelvin.nn.Context;
import dev.kelvin.nn.LatentAttentionLayer;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Rotary;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.StateRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rows that are whole sequences of one length, one after the other, as training has them. */
final class WholeSequences implements Context {
    private final Compute compute;
    private final int sequences;
    private final int length;
    private final int[] positions;

    /** By slot of the layer; the buffers of a layer are the same in each pass. */
    private final List<SequenceAttentionCall> calls = new ArrayList<>();

    private final Map<Rotary, RopeTable> back = new HashMap<>();

    WholeSequences(Compute compute, int sequences, int length) {
        this.compute = compute;
        this.sequences = sequences;
        this.length = length;
        positions = new int[Math.multiplyExact(sequences, length)];
        for (int row = 0; row < positions.length; row++) {
            positions[row] = row % length;
        }
    }

    @Override
    public int[] positions() {
        return positions;
    }

    /** The derivative of the rotation of queries or keys, in place; nothing if there is none. */
    void rotateBack(AttentionPlan plan, HeapTensor dx) {
        Rotary rotary = plan.rotary();
        if (rotary != null) {
            RopeTable table = back.get(rotary);
            if (table == null) {
                table = RopeTable.of(
                                rotary.pairing(), plan.heads().dim(), length, rotary.frequencies(), rotary.magnitude())
                        .inverse();
                back.put(rotary, table);
            }
            compute.attention().rope(dx, table, positions);
        }
    }

    @Override
    public void attend(AttentionLayer layer, HeapTensor q, HeapTensor k, HeapTensor v, HeapTensor out) {
        if (layer.slot() == calls.size()) {
            Heads heads = layer.plan().heads();
            calls.add(new SequenceAttentionCall(
                    q,
                    k,
                    v,
                    out,
                    sequences,
                    heads.count(),
                    heads.kvCount(),
                    heads.dim(),
                    layer.plan().scores().scale()));
        }
        compute.training().attention(call(layer));
    }

    @Override
    public void attend(AttentionLayer layer, HeapTensor q, HeapTensor out) {
        throw new IllegalStateException(
                "train: layers have keys and values of their own, but one reads slot " + layer.slot());
    }

    @Override
    public void attend(LatentAttentionLayer layer, HeapTensor q, HeapTensor k, HeapTensor v, HeapTensor out) {
        throw new IllegalStateException("train: no derivative is known of " + layer.plan());
    }

    @Override
    public HeapTensor layerInputs() {
        throw new IllegalStateException("train: embeddings have nothing for the blocks, but a layer asks for it");
    }

    @Override
    public StateRows states(int slot) {
        throw new IllegalStateException("train: sequences keep no recurrent states, but a layer asks for slot " + slot);
    }

    /** What a layer attended with. */
    SequenceAttentionCall call(AttentionLayer layer) {
        return calls.get(layer.slot());
    }
}
