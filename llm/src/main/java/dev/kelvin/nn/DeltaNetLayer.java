// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.DeltaNetCall;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.DeltaNetPlan;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;

/** The gated delta rule as a {@link DeltaNetPlan} describes it: three convolutions' states, and one of its own. */
final class DeltaNetLayer implements Layer {
    private static final int QUERIES = 0;
    private static final int KEYS = 1;
    private static final int VALUES = 2;
    private static final int DECAY = 3;
    private static final int BETA = 4;
    private static final int MIXED = 5;
    /** What goes into the convolution of queries, and then into that of keys. */
    private static final int UNCONVOLVED = 6;
    /** What goes into the convolution of values, and later the gate. */
    private static final int GATE = 7;

    private final Compute compute;
    private final DeltaNetPlan plan;
    private final int slot;
    private final ConvolvedLinear query;
    private final ConvolvedLinear key;
    private final ConvolvedLinear value;
    private final Linear gate;
    private final Linear decay;
    private final HeapTensor rate;
    private final Linear beta;
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
        gate = Linear.of(plan.gate(), weights, compute);
        decay = Linear.of(plan.decay(), weights, compute);
        rate = weights.vector(plan.rate());
        beta = Linear.of(plan.beta(), weights, compute);
        norm = NormLayer.of(plan.norm(), weights, compute);
        output = Linear.of(plan.output(), weights, compute);
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
        return new int[] {keys, keys, values, heads, heads, values, keys, values};
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        int rows = x.rows();
        HeapTensor q = kept.rows(QUERIES, rows);
        HeapTensor k = kept.rows(KEYS, rows);
        HeapTensor v = kept.rows(VALUES, rows);
        query.forward(x, kept.rows(UNCONVOLVED, rows), q, context);
        key.forward(x, kept.rows(UNCONVOLVED, rows), k, context);
        value.forward(x, kept.rows(GATE, rows), v, context);
        normalise(q);
        normalise(k);
        compute.elements().scale(q, (float) (1 / Math.sqrt(plan.keyDim())), q);
        HeapTensor logDecay = kept.rows(DECAY, rows);
        decay.forward(x, logDecay);
        compute.elements().activate(Activation.SOFTPLUS, logDecay, logDecay);
        compute.rows().scaleColumns(logDecay, rate, logDecay);
        HeapTensor strength = kept.rows(BETA, rows);
        beta.forward(x, strength);
        compute.elements().activate(Activation.SIGMOID, strength, strength);
        HeapTensor mixed = kept.rows(MIXED, rows);
        compute.recurrences()
                .gatedDeltaNet(
                        new DeltaNetCall(q, k, v, logDecay, strength, context.states(slot), mixed, plan.keyHeads()));
        norm.forward(mixed, mixed);
        HeapTensor z = kept.rows(GATE, rows);
        gate.forward(x, z);
        compute.elements().gated(Activation.SILU, z, mixed, mixed);
        output.forward(mixed, y);
    }

    /** Divides each head by its length. */
    private void normalise(HeapTensor heads) {
        HeapTensor each = NormLayer.rows(heads, plan.keyDim());
        compute.rows().l2Norm(each, plan.epsilon(), each);
    }
}
