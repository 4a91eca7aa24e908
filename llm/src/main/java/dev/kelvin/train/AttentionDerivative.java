// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.nn.AttentionLayer;
import dev.kelvin.nn.RowBuffers;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.QueryKeyNorms;
import dev.kelvin.plan.Scores;
import dev.kelvin.tensor.HeapTensor;

/** The derivative of causal attention over whole sequences. */
final class AttentionDerivative implements LayerDerivative {
    private final AttentionLayer layer;
    private final WholeSequences sequences;
    private final Compute compute;
    private final LinearDerivative query;
    private final LinearDerivative key;
    private final LinearDerivative value;
    private final LinearDerivative output;

    AttentionDerivative(AttentionLayer layer, Parameters parameters, WholeSequences sequences, Compute compute) {
        this.layer = layer;
        this.sequences = sequences;
        this.compute = compute;
        AttentionPlan plan = layer.plan();
        query = new LinearDerivative(plan.query(), parameters, compute);
        key = new LinearDerivative(plan.key(), parameters, compute);
        value = new LinearDerivative(plan.value(), parameters, compute);
        output = new LinearDerivative(plan.output(), parameters, compute);
    }

    /** Whether the derivative of such attention is known. */
    static boolean isOf(AttentionPlan plan) {
        return plan.norms().equals(QueryKeyNorms.NONE)
                && plan.valueNorm() == null
                && plan.source() == null
                && !plan.gated()
                && !plan.valuesAreKeys()
                && plan.mask().equals(AttentionMask.causal())
                && plan.scores().equals(Scores.scaled(plan.scores().scale()));
    }

    @Override
    public void backward(HeapTensor dy, HeapTensor x, HeapTensor dx, RowBuffers kept, RowBuffers scratch) {
        int rows = x.rows();
        HeapTensor dMixed = scratch.rows(AttentionLayer.MIXED, rows);
        HeapTensor dQ = scratch.rows(AttentionLayer.QUERIES, rows);
        HeapTensor dK = scratch.rows(AttentionLayer.KEYS, rows);
        HeapTensor dV = scratch.rows(AttentionLayer.VALUES, rows);
        output.backward(dy, kept.rows(AttentionLayer.MIXED, rows), dMixed, false);
        compute.training().attentionBackward(sequences.call(layer), dMixed, dQ, dK, dV);
        sequences.rotateBack(layer.plan(), dQ);
        sequences.rotateBack(layer.plan(), dK);
        query.backward(dQ, x, dx, false);
        key.backward(dK, x, dx, true);
        value.backward(dV, x, dx, true);
    }
}
