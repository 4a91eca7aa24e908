// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Scores;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.StateRows;

/** The rows of a batch, and the pages of their sequences. */
final class BatchContext implements Context {
    private final Compute compute;
    private Batch batch;
    private HeapTensor layerInputs;

    BatchContext(Compute compute) {
        this.compute = compute;
    }

    /** Turns to a batch that has begun. */
    void begin(Batch batch) {
        this.batch = batch;
        layerInputs = null;
    }

    /** What the embedding has for the blocks of this batch. */
    void layerInputs(HeapTensor inputs) {
        layerInputs = inputs;
    }

    @Override
    public HeapTensor layerInputs() {
        if (layerInputs == null) {
            throw new IllegalStateException("a layer asks for what the embedding has for it, but that has nothing");
        }
        return layerInputs;
    }

    @Override
    public int[] positions() {
        return batch.positions();
    }

    @Override
    public void attend(AttentionLayer layer, HeapTensor q, HeapTensor k, HeapTensor v, HeapTensor out) {
        compute.attention().storeKeysAndValues(k, v, batch.keysAndValues(layer.slot()));
        attend(layer, q, out);
    }

    @Override
    public void attend(AttentionLayer layer, HeapTensor q, HeapTensor out) {
        KvRows rows = batch.keysAndValues(layer.slot());
        AttentionPlan plan = layer.plan();
        compute.attention()
                .attend(new AttentionCall(
                        q, rows, out, plan.heads().count(), plan.scores().scale(), plan.mask(), layer.scores()));
    }

    @Override
    public void attend(LatentAttentionLayer layer, HeapTensor q, HeapTensor k, HeapTensor v, HeapTensor out) {
        KvRows rows = batch.keysAndValues(layer.slot());
        compute.attention().storeKeysAndValues(k, v, rows);
        Scores scores = layer.plan().scores();
        AttentionScores capped = new AttentionScores(scores.softCap(), null);
        compute.attention()
                .attend(new AttentionCall(
                        q, rows, out, layer.plan().heads(), scores.scale(), AttentionMask.causal(), capped));
    }

    @Override
    public StateRows states(int slot) {
        return batch.states(slot);
    }
}
