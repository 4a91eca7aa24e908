// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.composed.DenseAttention;
import dev.kelvin.operand.AttentionBias;
import dev.kelvin.operand.DenseAttentionCall;
import dev.kelvin.operand.Heads;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Tensor;

/** Attention over keys and values in tensors, split over blocks of queries of one head. */
final class DenseAttentionTask implements RangeTask {
    private static final String OPERATION = "attention";

    private final Team team;
    private final DenseAttention[] attentions;
    private DenseAttentionCall call;

    DenseAttentionTask(Team team) {
        this.team = team;
        attentions = new DenseAttention[team.threads()];
        for (int worker = 0; worker < attentions.length; worker++) {
            attentions[worker] = new DenseAttention(team.kernels(worker));
        }
    }

    void apply(DenseAttentionCall call) {
        check(call);
        this.call = call;
        try {
            int items = Math.multiplyExact(
                    Math.multiplyExact(call.q().sequences(), call.q().heads()), DenseAttention.blocks(call));
            long each = (long) Math.min(DenseAttention.BLOCK, call.q().rows())
                    * call.k().rows();
            long picos = Cost.SEQUENCE_ATTENTION.picos()
                    * ((call.k().dim() + call.v().dim()) / 2 + 1);
            team.run(items, Team.saturatedProduct(each, picos), 1, this);
        } finally {
            this.call = null;
        }
    }

    private void check(DenseAttentionCall call) {
        Heads q = call.q();
        Heads k = call.k();
        Heads v = call.v();
        Heads out = call.out();
        if (!(q.tensor() instanceof HeapTensor) || !(out.tensor() instanceof HeapTensor result)) {
            throw new IllegalArgumentException(OPERATION + ": q " + q.tensor().shape() + " and out "
                    + out.tensor().shape() + " must lie on the heap");
        }
        same("sequences", "q", q.sequences(), "k", k.sequences());
        same("sequences", "k", k.sequences(), "v", v.sequences());
        same("sequences", "q", q.sequences(), "out", out.sequences());
        same("rows", "k", k.rows(), "v", v.rows());
        same("rows", "q", q.rows(), "out", out.rows());
        same("heads", "k", k.heads(), "v", v.heads());
        same("heads", "q", q.heads(), "out", out.heads());
        same("elements a head", "q", q.dim(), "k", k.dim());
        same("elements a head", "v", v.dim(), "out", out.dim());
        if (q.heads() % k.heads() != 0) {
            throw new IllegalArgumentException(
                    OPERATION + ": heads must be a multiple of kvHeads, got " + q.heads() + " and " + k.heads());
        }
        source("k", k);
        source("v", v);
        for (Heads in : new Heads[] {q, k, v}) {
            if (in.tensor() instanceof HeapTensor heap) {
                Require.disjoint(OPERATION, "out", result, "the tensor of q, k or v", heap);
            }
        }
        if (Float.isNaN(call.scale())) {
            throw new IllegalArgumentException(OPERATION + ": scale must be a number, got NaN");
        }
        float[] sinks = call.scores().sinks();
        if (sinks != null && sinks.length != q.heads()) {
            throw new IllegalArgumentException(
                    OPERATION + ": sinks must be one a head, got " + sinks.length + " for " + q.heads() + " heads");
        }
        int longest = lengths(call);
        if (call.bias() != null) {
            bias(call, longest);
            Require.disjoint(OPERATION, "out", result, "bias", call.bias().values());
        }
    }

    private static void same(String what, String aName, int a, String bName, int b) {
        if (a != b) {
            throw new IllegalArgumentException(OPERATION + ": " + aName + " and " + bName + " must have as many " + what
                    + ", got " + a + " and " + b);
        }
    }

    private void source(String name, Heads heads) {
        Tensor tensor = heads.tensor();
        team.requireAccess(OPERATION, name, tensor);
        if (tensor instanceof HeapTensor) {
            return;
        }
        int block = tensor.dtype().blockSize();
        boolean aligned = heads.offset() % block == 0
                && heads.dim() % block == 0
                && heads.sequenceStride() % block == 0
                && heads.rowStride() % block == 0
                && heads.headStride() % block == 0;
        if (!(tensor instanceof MappedTensor) || !tensor.dtype().isDecodable() || !aligned) {
            throw new IllegalArgumentException(OPERATION + ": " + name + " " + tensor + " must be of a type that can be"
                    + " decoded, with heads, strides and offset of whole blocks");
        }
    }

    /** The most keys of a sequence, after a check of lengths and positions. */
    private static int lengths(DenseAttentionCall call) {
        int sequences = call.q().sequences();
        int[] lengths = call.keyLengths();
        int[] positions = call.positions();
        if ((lengths != null && lengths.length < sequences) || (positions != null && positions.length < sequences)) {
            throw new IllegalArgumentException(
                    OPERATION + ": keyLengths and positions must be one a sequence, of which there are " + sequences);
        }
        int longest = 0;
        for (int b = 0; b < sequences; b++) {
            int length = call.keyLength(b);
            if (length < 0 || length > call.k().rows()) {
                throw new IllegalArgumentException(OPERATION + ": keyLengths[" + b + "] is " + length
                        + ", but there are " + call.k().rows() + " keys");
            }
            longest = Math.max(longest, length);
        }
        return longest;
    }

    private static void bias(DenseAttentionCall call, int longest) {
        AttentionBias bias = call.bias();
        int[] extents = {call.q().sequences(), call.q().heads(), call.q().rows()};
        boolean fits = bias.extent(3) == 1 || bias.extent(3) >= longest;
        for (int axis = 0; axis < extents.length; axis++) {
            fits &= bias.extent(axis) == 1 || bias.extent(axis) == extents[axis];
        }
        if (!fits) {
            throw new IllegalArgumentException(OPERATION + ": bias "
                    + bias.values().shape() + " does not cover "
                    + extents[0] + " sequences, " + extents[1] + " heads, " + extents[2] + " queries and " + longest
                    + " keys");
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        attentions[worker].attend(call, begin, end);
    }
}
