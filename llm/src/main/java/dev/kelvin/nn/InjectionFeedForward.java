// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.FeedForward.Injection;
import dev.kelvin.tensor.HeapTensor;

/** Brings in what the embedding has for a block, as {@link Injection} describes it. */
final class InjectionFeedForward implements Layer {
    private static final int GATE = 0;
    private static final int INPUT = 1;

    private final Compute compute;
    private final Injection plan;
    private final Linear gate;
    private final Linear output;

    /** Puts the layer together. */
    InjectionFeedForward(Injection plan, WeightSource weights, Compute compute) {
        this.compute = compute;
        this.plan = plan;
        gate = Linear.of(plan.gate(), weights, compute);
        output = Linear.of(plan.output(), weights, compute);
    }

    @Override
    public int[] widths() {
        return new int[] {gate.outputDim(), gate.outputDim()};
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        HeapTensor gated = kept.rows(GATE, x.rows());
        gate.forward(x, gated);
        HeapTensor input = kept.rows(INPUT, x.rows());
        part(context.layerInputs(), input);
        compute.elements().gated(plan.activation(), gated, input, gated);
        output.forward(gated, y);
    }

    /** The block's columns of the inputs of all. */
    private void part(HeapTensor all, HeapTensor input) {
        int width = input.columns();
        int from = all.offset() + plan.block() * width;
        for (int row = 0; row < input.rows(); row++) {
            System.arraycopy(all.data(), from, input.data(), input.offset() + row * width, width);
            from += all.columns();
        }
    }
}
