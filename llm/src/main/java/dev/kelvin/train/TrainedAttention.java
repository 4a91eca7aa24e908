// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.kernel.RopeTable;
import dev.kelvin.kernel.SequenceAttentionCall;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;

/** Causal self-attention of whole sequences with its projections and derivatives. */
final class TrainedAttention {
    /** What the way there keeps for the way back: q, k, v and what was mixed of them. */
    static final class Kept {
        private final SequenceAttentionCall call;

        Kept(DecoderShape shape, int batch) {
            int rows = batch * shape.contextLength();
            call = new SequenceAttentionCall(
                    HeapTensor.zeros(rows, shape.dim()),
                    HeapTensor.zeros(rows, shape.kvDim()),
                    HeapTensor.zeros(rows, shape.kvDim()),
                    HeapTensor.zeros(rows, shape.dim()),
                    batch,
                    shape.heads(),
                    shape.kvHeads(),
                    shape.headDim(),
                    (float) (1 / Math.sqrt(shape.headDim())));
        }
    }

    /** What all layers share: the rotation, and room for derivatives. */
    static final class Scratch {
        private final RopeTable rope;
        private final RopeTable ropeBack;

        /** The rows of a batch are sequences one after the other. */
        private final int[] positions;

        private final HeapTensor dMixed;
        private final HeapTensor dQ;
        private final HeapTensor dK;
        private final HeapTensor dV;

        Scratch(DecoderShape shape, int batch) {
            int rows = batch * shape.contextLength();
            dMixed = HeapTensor.zeros(rows, shape.dim());
            dQ = HeapTensor.zeros(rows, shape.dim());
            dK = HeapTensor.zeros(rows, shape.kvDim());
            dV = HeapTensor.zeros(rows, shape.kvDim());
            rope = shape.architecture() == Architecture.LLAMA ? rope(shape) : null;
            ropeBack = rope == null ? null : rope.inverse();
            positions = new int[rows];
            for (int row = 0; row < rows; row++) {
                positions[row] = row % shape.contextLength();
            }
        }

        private static RopeTable rope(DecoderShape shape) {
            double[] frequencies = RopeTable.frequencies(shape.headDim(), DecoderShape.ROPE_BASE);
            return RopeTable.of(RopeTable.Pairing.ADJACENT, shape.headDim(), shape.contextLength(), frequencies, 1);
        }
    }

    private final Compute compute;
    private final Scratch scratch;
    private final TrainedLinear queryProjection;
    private final TrainedLinear keyProjection;
    private final TrainedLinear valueProjection;
    private final TrainedLinear output;
    private final SequenceAttentionCall call;

    TrainedAttention(
            Compute compute, Parameters parameters, String block, DecoderShape shape, Kept kept, Scratch scratch) {
        this.compute = compute;
        this.scratch = scratch;
        int dim = shape.dim();
        if (shape.architecture() == Architecture.GPT2) {
            String name = block + "attn_qkv";
            queryProjection = TrainedLinear.rows(compute, parameters, name, 0, dim);
            keyProjection = TrainedLinear.rows(compute, parameters, name, dim, 2 * dim);
            valueProjection = TrainedLinear.rows(compute, parameters, name, 2 * dim, 3 * dim);
        } else {
            queryProjection = TrainedLinear.of(compute, parameters, block + "attn_q");
            keyProjection = TrainedLinear.of(compute, parameters, block + "attn_k");
            valueProjection = TrainedLinear.of(compute, parameters, block + "attn_v");
        }
        output = TrainedLinear.of(compute, parameters, block + "attn_output");
        call = kept.call;
    }

    void forward(HeapTensor x, HeapTensor y) {
        queryProjection.forward(x, call.q());
        keyProjection.forward(x, call.k());
        valueProjection.forward(x, call.v());
        if (scratch.rope != null) {
            compute.rope(call.q(), scratch.rope, scratch.positions);
            compute.rope(call.k(), scratch.rope, scratch.positions);
        }
        compute.training().attention(call);
        output.forward(call.out(), y);
    }

    /** Writes dx. */
    void backward(HeapTensor dy, HeapTensor x, HeapTensor dx) {
        output.backward(dy, call.out(), scratch.dMixed, false);
        compute.training().attentionBackward(call, scratch.dMixed, scratch.dQ, scratch.dK, scratch.dV);
        if (scratch.rope != null) {
            compute.rope(scratch.dQ, scratch.ropeBack, scratch.positions);
            compute.rope(scratch.dK, scratch.ropeBack, scratch.positions);
        }
        queryProjection.backward(scratch.dQ, x, dx, false);
        keyProjection.backward(scratch.dK, x, dx, true);
        valueProjection.backward(scratch.dV, x, dx, true);
    }
}
