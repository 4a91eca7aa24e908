// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.FeedForward.Gated;
import dev.kelvin.tensor.HeapTensor;

/** The gated feed-forward layer, as {@link Gated} describes it. */
public final class GatedFeedForward implements TrainableLayer {
    /** The slot of what goes into the activation. */
    public static final int GATE = 0;
    /** The slot of what is gated. */
    public static final int UP = 1;
    /** The slot of what goes into the last projection. */
    public static final int ACTIVE = 2;

    private final Compute compute;
    private final Gated plan;
    private final Linear up;
    private final JointLinear gateAndUp;
    private final Linear down;

    /** Puts the layer together. */
    GatedFeedForward(Gated plan, WeightSource weights, Compute compute) {
        this.compute = compute;
        this.plan = plan;
        up = Linear.of(plan.up(), weights, compute);
        gateAndUp = plan.gate().isSame(plan.up())
                ? null
                : new JointLinear(compute, new int[] {GATE, UP}, Linear.of(plan.gate(), weights, compute), up);
        down = Linear.of(plan.down(), weights, compute);
    }

    /** What it computes. */
    public Gated plan() {
        return plan;
    }

    @Override
    public int[] widths() {
        return new int[] {up.outputDim(), up.outputDim(), up.outputDim()};
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
        HeapTensor gated = raised;
        if (gateAndUp == null) {
            up.forward(x, raised);
        } else {
            gated = kept.rows(GATE, x.rows());
            gateAndUp.forward(x, kept);
        }
        compute.elements().gated(plan.activation(), gated, raised, active);
    }
}
