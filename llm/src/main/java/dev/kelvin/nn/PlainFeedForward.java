// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.FeedForward.Plain;
import dev.kelvin.tensor.HeapTensor;

/** The feed-forward layer without a gate, as {@link Plain} describes it. */
public final class PlainFeedForward implements TrainableLayer {
    /** The slot of what goes into the activation. */
    public static final int UP = 0;
    /** The slot of what goes into the last projection. */
    public static final int ACTIVE = 1;

    private final Compute compute;
    private final Plain plan;
    private final Linear up;
    private final Linear down;

    /** Puts the layer together. */
    PlainFeedForward(Plain plan, WeightSource weights, Compute compute) {
        this.compute = compute;
        this.plan = plan;
        up = Linear.of(plan.up(), weights, compute);
        down = Linear.of(plan.down(), weights, compute);
    }

    /** What it computes. */
    public Plain plan() {
        return plan;
    }

    @Override
    public int[] widths() {
        return new int[] {up.outputDim(), up.outputDim()};
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        activate(x, kept, context);
        down.forward(kept.rows(ACTIVE, x.rows()), y);
    }

    @Override
    public void activate(HeapTensor x, RowBuffers kept, Context context) {
        HeapTensor raised = kept.rows(UP, x.rows());
        HeapTensor active = kept.rows(ACTIVE, x.rows());
        up.forward(x, raised);
        compute.elements().activate(plan.activation(), raised, active);
    }
}
