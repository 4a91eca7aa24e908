// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.nn.LayerMemory.KeysAndValues;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Rotary;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
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

    /** The slots of the gates of heads that have some, and of the rows in which they stand beside the queries. */
    private static final int GATES = 4;

    private static final int QUERIES_AND_GATES = 5;

    private final Compute compute;
    private final AttentionPlan plan;
    private final int slot;

    /** Queries, and of a layer with keys of its own these; values too, unless they are the keys. */
    private final JointLinear inputs;

    private final Linear output;
    private final boolean valuesAreKeys;
    private final NormLayer queryNorm;
    private final NormLayer keyNorm;
    private final NormLayer valueNorm;
    private final Rope rope;
    private final AttentionScores scores;
    private final Temper temper;

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
        inputs = inputs(plan, weights, compute);
        valuesAreKeys = plan.source() == null && plan.valuesAreKeys();
        output = Linear.of(plan.output(), weights, compute);
        queryNorm = NormLayer.of(plan.norms().query(), weights, compute);
        keyNorm = NormLayer.of(plan.norms().key(), weights, compute);
        valueNorm = NormLayer.of(plan.valueNorm(), weights, compute);
        Weight sinks = plan.scores().sinks();
        scores = new AttentionScores(plan.scores().softCap(), sinks == null ? null : weights.elements(sinks));
        temper = new Temper(plan.scores().temper(), compute);
        Rotary rotary = plan.rotary();
        rope = rotary == null
                ? null
                : new Rope(compute, rotary.pairing(), plan.heads().dim(), rotary.frequencies(), rotary.magnitude());
    }

    private static JointLinear inputs(AttentionPlan plan, WeightSource weights, Compute compute) {
        List<Linear> maps = new ArrayList<>();
        maps.add(Linear.of(plan.query(), weights, compute));
        if (plan.source() == null) {
            maps.add(Linear.of(plan.key(), weights, compute));
            if (!plan.valuesAreKeys()) {
                maps.add(Linear.of(plan.value(), weights, compute));
            }
        }
        int queries = plan.gated() ? QUERIES_AND_GATES : QUERIES;
        return new JointLinear(compute, new int[] {queries, KEYS, VALUES}, maps.toArray(Linear[]::new));
    }

    /** What it computes. */
    public AttentionPlan plan() {
        return plan;
    }

    /** What becomes of scores before the softmax. */
    AttentionScores scores() {
        return scores;
    }

    /** The number of its keys and values, or of those that it reads, among what all layers keep. */
    public int slot() {
        return slot;
    }

    @Override
    public List<LayerMemory> memory() {
        if (plan.source() != null) {
            return List.of();
        }
        Heads heads = plan.heads();
        int before = plan.mask().before();
        int window = before == Integer.MAX_VALUE ? KeysAndValues.ALL : before + 1;
        return List.of(new KeysAndValues(heads.kvCount(), heads.dim(), heads.dim(), window));
    }

    @Override
    public int[] widths() {
        Heads heads = plan.heads();
        int queries = heads.queryDim();
        return plan.gated()
                ? new int[] {queries, heads.kvDim(), heads.kvDim(), queries, queries, 2 * queries}
                : new int[] {queries, heads.kvDim(), heads.kvDim(), queries};
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
        HeapTensor mixed = kept.rows(MIXED, rows);
        inputs.forward(x, kept);
        queries(q, kept, context);
        if (plan.source() == null) {
            HeapTensor k = kept.rows(KEYS, rows);
            HeapTensor v = kept.rows(VALUES, rows);
            if (valuesAreKeys) {
                System.arraycopy(k.data(), k.offset(), v.data(), v.offset(), rows * k.columns());
            }
            normaliseAndTurn(keyNorm, k, context);
            if (valueNorm != null) {
                valueNorm.forward(v, v);
            }
            context.attend(this, q, k, v, mixed);
        } else {
            context.attend(this, q, mixed);
        }
        if (plan.gated()) {
            compute.elements().gated(Activation.SIGMOID, kept.rows(GATES, rows), mixed, mixed);
        }
    }

    private void queries(HeapTensor q, RowBuffers kept, Context context) {
        if (plan.gated()) {
            separate(kept.rows(QUERIES_AND_GATES, q.rows()), q, kept.rows(GATES, q.rows()));
        }
        normaliseAndTurn(queryNorm, q, context);
        temper.apply(q, context.positions());
    }

    /** Of each head first the query and then the gate. */
    private void separate(HeapTensor both, HeapTensor q, HeapTensor gates) {
        int dim = plan.heads().dim();
        int from = both.offset();
        for (int to = 0; to < q.rows() * q.columns(); to += dim) {
            System.arraycopy(both.data(), from, q.data(), q.offset() + to, dim);
            System.arraycopy(both.data(), from + dim, gates.data(), gates.offset() + to, dim);
            from += 2 * dim;
        }
    }

    private void normaliseAndTurn(NormLayer norm, HeapTensor rows, Context context) {
        boolean last = plan.norms().afterRotation();
        if (norm != null && !last) {
            norm.forward(rows, rows);
        }
        if (rope != null) {
            rope.forward(rows, context.positions());
        }
        if (norm != null && last) {
            norm.forward(rows, rows);
        }
    }
}
