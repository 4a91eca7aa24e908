// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.nn.LayerMemory.KeysAndValues;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Rotary;
import dev.kelvin.plan.Scores;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;

/** Grouped-query attention as an {@link AttentionPlan} describes it. */
public final class AttentionLayer implements TrainableLayer {
    /** The slot of the queries, as they are when they meet the keys. */
    public static final int QUERIES = 0;
    /** The slot of the keys of these rows. */
    public static final int KEYS = 1;
    /** The slot of the values of these rows. */
    public static final int VALUES = 2;
    /** The slot of what was mixed of the values, before the last projection. */
    public static final int MIXED = 3;

    private final Compute compute;
    private final AttentionPlan plan;
    private final int slot;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final NormLayer queryNorm;
    private final NormLayer keyNorm;
    private final Rope rope;
    private final AttentionScores scores;
    private float[] factors = new float[0];

    /**
     * Puts the layer together.
     *
     * @param slot the number of its keys and values among what all layers keep
     * @param weights where its numbers are
     */
    AttentionLayer(AttentionPlan plan, int slot, WeightSource weights, Compute compute) {
        this.compute = compute;
        this.plan = plan;
        this.slot = slot;
        query = Linear.of(plan.query(), weights, compute);
        key = Linear.of(plan.key(), weights, compute);
        value = Linear.of(plan.value(), weights, compute);
        output = Linear.of(plan.output(), weights, compute);
        queryNorm = NormLayer.of(plan.queryNorm(), weights, compute);
        keyNorm = NormLayer.of(plan.keyNorm(), weights, compute);
        Weight sinks = plan.scores().sinks();
        scores = new AttentionScores(plan.scores().softCap(), sinks == null ? null : weights.elements(sinks));
        Rotary rotary = plan.rotary();
        rope = rotary == null
                ? null
                : new Rope(compute, rotary.pairing(), plan.heads().dim(), rotary.frequencies(), rotary.magnitude());
    }

    /** What it computes. */
    public AttentionPlan plan() {
        return plan;
    }

    /** What becomes of scores before the softmax. */
    AttentionScores scores() {
        return scores;
    }

    /** The number of its keys and values among what all layers keep. */
    public int slot() {
        return slot;
    }

    @Override
    public List<LayerMemory> memory() {
        Heads heads = plan.heads();
        int before = plan.mask().before();
        int window = before == Integer.MAX_VALUE ? KeysAndValues.ALL : before + 1;
        return List.of(new KeysAndValues(heads.kvCount(), heads.dim(), heads.dim(), window));
    }

    @Override
    public int[] widths() {
        Heads heads = plan.heads();
        return new int[] {heads.queryDim(), heads.kvDim(), heads.kvDim(), heads.queryDim()};
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        activate(x, kept, context);
        output.forward(kept.rows(MIXED, x.rows()), y);
    }

    @Override
    public void activate(HeapTensor x, RowBuffers kept, Context context) {
        int rows = x.rows();
        HeapTensor q = kept.rows(QUERIES, rows);
        HeapTensor k = kept.rows(KEYS, rows);
        HeapTensor v = kept.rows(VALUES, rows);
        query.forward(x, q);
        key.forward(x, k);
        value.forward(x, v);
        if (queryNorm != null) {
            queryNorm.forward(q, q);
        }
        if (keyNorm != null) {
            keyNorm.forward(k, k);
        }
        if (rope != null) {
            rope.forward(q, context.positions());
            rope.forward(k, context.positions());
        }
        if (plan.scores().temper() != null) {
            temper(plan.scores().temper(), q, context.positions());
        }
        context.attend(this, q, k, v, kept.rows(MIXED, rows));
    }

    private void temper(Scores.Temper temper, HeapTensor q, int[] positions) {
        int rows = q.rows();
        if (factors.length < rows) {
            factors = new float[rows];
        }
        for (int row = 0; row < rows; row++) {
            factors[row] = temper.factor(positions[row]);
        }
        compute.rows().scaleRows(q, factors, q);
    }
}
