// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.nn.PlainFeedForward;
import dev.kelvin.nn.RowBuffers;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.FeedForward.Plain;
import dev.kelvin.tensor.HeapTensor;

/** The derivative of a feed-forward layer with GELU. */
final class PlainDerivative implements LayerDerivative {
    private final Compute compute;
    private final LinearDerivative up;
    private final LinearDerivative down;

    PlainDerivative(Plain plan, Parameters parameters, Compute compute) {
        this.compute = compute;
        up = new LinearDerivative(plan.up(), parameters, compute);
        down = new LinearDerivative(plan.down(), parameters, compute);
    }

    @Override
    public void backward(HeapTensor dy, HeapTensor x, HeapTensor dx, RowBuffers kept, RowBuffers scratch) {
        int rows = x.rows();
        HeapTensor dUp = scratch.rows(PlainFeedForward.UP, rows);
        down.backward(dy, kept.rows(PlainFeedForward.ACTIVE, rows), dUp, false);
        compute.training().geluBackward(kept.rows(PlainFeedForward.UP, rows), dUp, dUp);
        up.backward(dUp, x, dx, false);
    }
}
