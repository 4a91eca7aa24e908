// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;

/** The feed-forward part of a block, SwiGLU or GELU, with its derivatives. */
final class TrainedFeedForward {
    /** What the way there keeps for the way back: what went into the activation, and what came out. */
    static final class Kept {
        private final HeapTensor gate;
        private final HeapTensor up;
        private final HeapTensor active;

        Kept(DecoderShape shape, int rows) {
            gate = shape.architecture() == Architecture.LLAMA ? HeapTensor.zeros(rows, shape.ffnDim()) : null;
            up = HeapTensor.zeros(rows, shape.ffnDim());
            active = HeapTensor.zeros(rows, shape.ffnDim());
        }
    }

    /** Room for what every layer computes anew. */
    static final class Scratch {
        private final HeapTensor dActive;
        private final HeapTensor dGate;

        Scratch(DecoderShape shape, int rows) {
            dActive = HeapTensor.zeros(rows, shape.ffnDim());
            dGate = shape.architecture() == Architecture.LLAMA ? HeapTensor.zeros(rows, shape.ffnDim()) : null;
        }
    }

    private final Compute compute;
    private final Scratch scratch;
    private final TrainedLinear gateProjection;
    private final TrainedLinear upProjection;
    private final TrainedLinear downProjection;
    private final HeapTensor gate;
    private final HeapTensor up;
    private final HeapTensor active;

    TrainedFeedForward(
            Compute compute, Parameters parameters, String block, DecoderShape shape, Kept kept, Scratch scratch) {
        this.compute = compute;
        this.scratch = scratch;
        boolean gated = shape.architecture() == Architecture.LLAMA;
        gateProjection = gated ? TrainedLinear.of(compute, parameters, block + "ffn_gate") : null;
        upProjection = TrainedLinear.of(compute, parameters, block + "ffn_up");
        downProjection = TrainedLinear.of(compute, parameters, block + "ffn_down");
        gate = kept.gate;
        up = kept.up;
        active = kept.active;
    }

    void forward(HeapTensor x, HeapTensor y) {
        activate(x);
        downProjection.forward(active, y);
    }

    /** All that the way back needs of the way there. */
    void activate(HeapTensor x) {
        upProjection.forward(x, up);
        if (gate == null) {
            compute.training().gelu(up, active);
        } else {
            gateProjection.forward(x, gate);
            compute.swiGlu(gate, up, active);
        }
    }

    /** Writes dx. */
    void backward(HeapTensor dy, HeapTensor x, HeapTensor dx) {
        HeapTensor dUp = scratch.dActive;
        downProjection.backward(dy, active, dUp, false);
        if (gate == null) {
            compute.training().geluBackward(up, dUp, dUp);
        } else {
            compute.training().swiGluBackward(gate, up, dUp, scratch.dGate, dUp);
            gateProjection.backward(scratch.dGate, x, dx, false);
        }
        upProjection.backward(dUp, x, dx, gate != null);
    }
}
