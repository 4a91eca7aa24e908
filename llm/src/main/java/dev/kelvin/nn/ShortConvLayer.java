// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.ShortConvPlan;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;

/** A gated short convolution as a {@link ShortConvPlan} describes it. */
final class ShortConvLayer implements Layer {
    private static final int BEFORE = 0;
    private static final int AFTER = 1;
    private static final int VALUE = 2;
    private static final int MIXED = 3;

    private final Compute compute;
    private final JointLinear inputs;
    private final int channels;
    private final Linear output;
    private final CausalConvolution convolution;

    /**
     * Puts the layer together.
     *
     * @param slot the number of its state among what all layers keep
     * @param weights where its numbers are
     */
    ShortConvLayer(ShortConvPlan plan, int slot, WeightSource weights, Compute compute) {
        this.compute = compute;
        Linear value = Linear.of(plan.value(), weights, compute);
        channels = value.outputDim();
        inputs = new JointLinear(
                compute,
                new int[] {BEFORE, AFTER, VALUE},
                Linear.of(plan.before(), weights, compute),
                Linear.of(plan.after(), weights, compute),
                value);
        output = Linear.of(plan.output(), weights, compute);
        convolution = new CausalConvolution(plan.taps().whole(), null, slot, weights, compute);
    }

    @Override
    public List<LayerMemory> memory() {
        return List.of(convolution.memory());
    }

    @Override
    public int[] widths() {
        return new int[] {channels, channels, channels, channels};
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        int rows = x.rows();
        HeapTensor b = kept.rows(BEFORE, rows);
        HeapTensor c = kept.rows(AFTER, rows);
        HeapTensor z = kept.rows(VALUE, rows);
        HeapTensor mixed = kept.rows(MIXED, rows);
        inputs.forward(x, kept);
        compute.elements().mul(b, z, z);
        convolution.forward(z, mixed, context);
        compute.elements().mul(c, mixed, mixed);
        output.forward(mixed, y);
    }
}
