// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.DeltaNetCall;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.DeltaNetPlan;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;

/** The gated delta rule as a {@link DeltaNetPlan} describes it: three convolutions' states, and one of its own. */
final class DeltaNetLayer implements Layer {
    private static final int QUERIES = 0;
    private static final int KEYS = 1;
    private static final int VALUES = 2;
    private static final int DECAY = 3;
    private static final int BETA = 4;
    private static final int MIXED = 5;
    private static final int GATE = 6;

    // What goes into the convolutions.
    private static final int RAW_QUERIES = 7;
    private static final int RAW_KEYS = 8;
    private static final int RAW_VALUES = 9;

    /** Queries and keys as each value head reads them, where several follow each other that read the same. */
    private static final int SPREAD_QUERIES = 10;

    private static final int SPREAD_KEYS = 11;
    /** Strengths and decays where one projection makes both. */
    private static final int BOTH = 12;

    private final Compute compute;
    private final DeltaNetPlan plan;
    private final int slot;
    private final ConvolvedLinear query;
    private final ConvolvedLinear key;
    private final ConvolvedLinear value;

    /** Of queries, keys, values, the gate, decays, and strengths unless one projection makes both. */
    private final JointLinear inputs;

    private final boolean together;
    private final HeapTensor shift;
    private final HeapTensor rate;
    private final NormLayer norm;
    private final Linear output;

    /**
     * Puts the layer together.
     *
     * @param slot the number of the first of its four states among what all layers keep
     * @param weights where its numbers are
     */
    DeltaNetLayer(DeltaNetPlan plan, int slot, WeightSource weights, Compute compute) {
        this.compute = compute;
        this.plan = plan;
        query = new ConvolvedLinear(plan.query(), slot, weights, compute);
        key = new ConvolvedLinear(plan.key(), slot + 1, weights, compute);
        value = new ConvolvedLinear(plan.value(), slot + 2, weights, compute);
        this.slot = slot + 3;
        DeltaNetPlan.Rates rates = plan.rates();
        together = rates.beta() == null;
        inputs = new JointLinear(
                compute,
                new int[] {RAW_QUERIES, RAW_KEYS, RAW_VALUES, GATE, together ? BOTH : DECAY, BETA},
                inputs(weights));
        shift = weights.vector(rates.shift());
        rate = weights.vector(rates.rate());
        norm = NormLayer.of(plan.norm(), weights, compute);
        output = Linear.of(plan.output(), weights, compute);
    }

    private Linear[] inputs(WeightSource weights) {
        List<Linear> maps = new ArrayList<>(List.of(
                query.projection(),
                key.projection(),
                value.projection(),
                Linear.of(plan.gate(), weights, compute),
                Linear.of(plan.rates().decay(), weights, compute)));
        if (!together) {
            maps.add(Linear.of(plan.rates().beta(), weights, compute));
        }
        return maps.toArray(Linear[]::new);
    }

    @Override
    public List<LayerMemory> memory() {
        int matrices = Math.multiplyExact(plan.valueHeads(), Math.multiplyExact(plan.keyDim(), plan.valueDim()));
        return List.of(query.memory(), key.memory(), value.memory(), new LayerMemory.State(matrices));
    }

    @Override
    public int[] widths() {
        int keys = plan.key().channels();
        int values = plan.value().channels();
        int heads = plan.valueHeads();
        int spread = spreads() ? Math.multiplyExact(heads, plan.keyDim()) : 1;
        int both = together ? 2 * heads : 1;
        return new int[] {keys, keys, values, heads, heads, values, values, keys, keys, values, spread, spread, both};
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        int rows = x.rows();
        HeapTensor q = kept.rows(QUERIES, rows);
        HeapTensor k = kept.rows(KEYS, rows);
        HeapTensor v = kept.rows(VALUES, rows);
        HeapTensor z = kept.rows(GATE, rows);
        HeapTensor logDecay = kept.rows(DECAY, rows);
        HeapTensor strength = kept.rows(BETA, rows);
        inputs.forward(x, kept);
        if (together) {
            separate(kept.rows(BOTH, rows), strength, logDecay);
        }
        query.convolve(kept.rows(RAW_QUERIES, rows), q, context);
        key.convolve(kept.rows(RAW_KEYS, rows), k, context);
        value.convolve(kept.rows(RAW_VALUES, rows), v, context);
        normalise(q);
        normalise(k);
        compute.elements().scale(q, (float) (1 / Math.sqrt(plan.keyDim())), q);
        rates(logDecay, strength);
        HeapTensor mixed = kept.rows(MIXED, rows);
        int keyHeads = plan.keyHeads();
        if (spreads()) {
            q = spread(q, kept.rows(SPREAD_QUERIES, rows));
            k = spread(k, kept.rows(SPREAD_KEYS, rows));
            keyHeads = plan.valueHeads();
        }
        compute.recurrences()
                .gatedDeltaNet(new DeltaNetCall(q, k, v, logDecay, strength, context.states(slot), mixed, keyHeads));
        norm.forward(mixed, mixed);
        compute.elements().gated(Activation.SILU, z, mixed, mixed);
        output.forward(mixed, y);
    }

    /** Whether heads of queries and keys are repeated: the rule itself gives them to value heads in turn. */
    private boolean spreads() {
        return plan.consecutive() && plan.keyHeads() < plan.valueHeads();
    }

    /** Repeats each head for the value heads that read it. */
    private HeapTensor spread(HeapTensor heads, HeapTensor each) {
        int width = plan.keyDim();
        int times = plan.valueHeads() / plan.keyHeads();
        for (int to = 0; to < each.rows() * each.columns(); to += width) {
            int from = heads.offset() + to / width / times * width;
            System.arraycopy(heads.data(), from, each.data(), each.offset() + to, width);
        }
        return each;
    }

    private void rates(HeapTensor logDecay, HeapTensor strength) {
        compute.rows().addBias(logDecay, shift);
        compute.elements().activate(Activation.SOFTPLUS, logDecay, logDecay);
        compute.rows().scaleColumns(logDecay, rate, logDecay);
        compute.elements().activate(Activation.SIGMOID, strength, strength);
    }

    /** Of each key head first the strengths and then the decays of its value heads. */
    private void separate(HeapTensor both, HeapTensor strength, HeapTensor logDecay) {
        int run = plan.valueHeads() / plan.keyHeads();
        int from = both.offset();
        for (int to = 0; to < strength.rows() * strength.columns(); to += run) {
            System.arraycopy(both.data(), from, strength.data(), strength.offset() + to, run);
            System.arraycopy(both.data(), from + run, logDecay.data(), logDecay.offset() + to, run);
            from += 2 * run;
        }
    }

    /** Divides each head by its length. */
    private void normalise(HeapTensor heads) {
        HeapTensor each = NormLayer.rows(heads, plan.keyDim());
        compute.rows().l2Norm(each, plan.epsilon(), each);
    }
}
