// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.nn.GatedFeedForward;
import dev.kelvin.nn.RowBuffers;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.FeedForward.Gated;
import dev.kelvin.tensor.HeapTensor;

/** The derivative of a feed-forward layer that SiLU gates. */
final class GatedDerivative implements LayerDerivative {
    private final Compute compute;
    private final LinearDerivative gate;
    private final LinearDerivative up;
    private final LinearDerivative down;

    GatedDerivative(Gated plan, Parameters parameters, Compute compute) {
        this.compute = compute;
        gate = new LinearDerivative(plan.gate(), parameters, compute);
        up = new LinearDerivative(plan.up(), parameters, compute);
        down = new LinearDerivative(plan.down(), parameters, compute);
    }

    @Override
    public void backward(HeapTensor dy, HeapTensor x, HeapTensor dx, RowBuffers kept, RowBuffers scratch) {
        int rows = x.rows();
        HeapTensor dUp = scratch.rows(GatedFeedForward.UP, rows);
        HeapTensor dGate = scratch.rows(GatedFeedForward.GATE, rows);
        down.backward(dy, kept.rows(GatedFeedForward.ACTIVE, rows), dUp, false);
        compute.training()
                .swiGluBackward(
                        kept.rows(GatedFeedForward.GATE, rows), kept.rows(GatedFeedForward.UP, rows), dUp, dGate, dUp);
        gate.backward(dGate, x, dx, false);
        up.backward(dUp, x, dx, true);
    }
}
