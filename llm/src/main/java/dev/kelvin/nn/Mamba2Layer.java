// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.SsmScanCall;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Mamba2Plan;
import dev.kelvin.plan.Norm;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;

/** A state-space layer as a {@link Mamba2Plan} describes it: three convolutions' states, and one of its own. */
final class Mamba2Layer implements Layer {
    private static final int INPUT = 0;
    private static final int WRITE = 1;
    private static final int READ = 2;
    private static final int STEP = 3;
    private static final int MIXED = 4;
    private static final int GATE = 5;

    // What goes into the convolutions.
    private static final int RAW_INPUT = 6;
    private static final int RAW_WRITE = 7;
    private static final int RAW_READ = 8;

    private final Compute compute;
    private final Mamba2Plan plan;
    private final int slot;
    private final JointLinear inputs;
    private final ConvolvedLinear input;
    private final ConvolvedLinear write;
    private final ConvolvedLinear read;
    private final HeapTensor rate;
    private final HeapTensor skip;
    private final NormLayer norm;
    private final HeapTensor gain;
    private final Linear output;

    /**
     * Puts the layer together.
     *
     * @param slot the number of the first of its four states among what all layers keep
     * @param weights where its numbers are
     */
    Mamba2Layer(Mamba2Plan plan, int slot, WeightSource weights, Compute compute) {
        this.compute = compute;
        this.plan = plan;
        input = new ConvolvedLinear(plan.input(), slot, weights, compute);
        write = new ConvolvedLinear(plan.write(), slot + 1, weights, compute);
        read = new ConvolvedLinear(plan.read(), slot + 2, weights, compute);
        this.slot = slot + 3;
        inputs = new JointLinear(
                compute,
                new int[] {GATE, RAW_INPUT, RAW_WRITE, RAW_READ, STEP},
                Linear.of(plan.gate(), weights, compute),
                input.projection(),
                write.projection(),
                read.projection(),
                Linear.of(plan.step(), weights, compute));
        rate = weights.vector(plan.rate());
        skip = weights.vector(plan.skip());
        int inner = plan.input().channels();
        norm = NormLayer.of(new Norm.PlainRms(inner / plan.groups(), plan.epsilon()), weights, compute);
        HeapTensor byGroup = weights.matrix(plan.gain());
        gain = HeapTensor.view(byGroup.data(), byGroup.offset(), inner);
        output = Linear.of(plan.output(), weights, compute);
    }

    @Override
    public List<LayerMemory> memory() {
        int matrices = Math.multiplyExact(plan.stateDim(), plan.input().channels());
        return List.of(input.memory(), write.memory(), read.memory(), new LayerMemory.State(matrices));
    }

    @Override
    public int[] widths() {
        int inner = plan.input().channels();
        int states = plan.write().channels();
        return new int[] {inner, states, states, plan.heads(), inner, inner, inner, states, states};
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        int rows = x.rows();
        HeapTensor u = kept.rows(INPUT, rows);
        HeapTensor b = kept.rows(WRITE, rows);
        HeapTensor c = kept.rows(READ, rows);
        HeapTensor z = kept.rows(GATE, rows);
        HeapTensor delta = kept.rows(STEP, rows);
        inputs.forward(x, kept);
        input.convolve(kept.rows(RAW_INPUT, rows), u, context);
        write.convolve(kept.rows(RAW_WRITE, rows), b, context);
        read.convolve(kept.rows(RAW_READ, rows), c, context);
        compute.elements().activate(Activation.SOFTPLUS, delta, delta);
        HeapTensor mixed = kept.rows(MIXED, rows);
        compute.recurrences()
                .ssmScan(new SsmScanCall(u, delta, rate, b, c, skip, context.states(slot), mixed, plan.groups()));
        compute.elements().gated(Activation.SILU, z, mixed, mixed);
        norm.forward(mixed, mixed);
        compute.rows().scaleColumns(mixed, gain, mixed);
        output.forward(mixed, y);
    }
}
