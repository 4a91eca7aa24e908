// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.composed.SequenceAttention;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/** Attention over whole sequences and its derivative, split over (sequence, key/value head). */
final class SequenceAttentionTask implements RangeTask {
    private static final long BACKWARD_PARTS = 3;

    private final Team team;
    private final SequenceAttention[] attentions;
    private SequenceAttentionCall call;
    private HeapTensor dOut;
    private HeapTensor dQ;
    private HeapTensor dK;
    private HeapTensor dV;

    SequenceAttentionTask(Team team) {
        this.team = team;
        this.attentions = new SequenceAttention[team.threads()];
        for (int i = 0; i < attentions.length; i++) {
            attentions[i] = new SequenceAttention(team.kernels(i));
        }
    }

    void forward(SequenceAttentionCall call) {
        String operation = "attention";
        check(operation, call);
        Require.disjoint(operation, "out", call.out(), "q", call.q());
        Require.disjoint(operation, "out", call.out(), "k", call.k());
        Require.disjoint(operation, "out", call.out(), "v", call.v());
        this.call = call;
        this.dOut = null;
        run(picosPerItem(call));
    }

    void backward(SequenceAttentionCall call, HeapTensor dOut, HeapTensor dQ, HeapTensor dK, HeapTensor dV) {
        String operation = "attentionBackward";
        check(operation, call);
        Require.sameShape(operation, "q", call.q(), "dOut", dOut);
        Require.sameShape(operation, "q", call.q(), "dQ", dQ);
        Require.sameShape(operation, "k", call.k(), "dK", dK);
        Require.sameShape(operation, "v", call.v(), "dV", dV);
        apart(operation, "dQ", dQ, call, dOut);
        apart(operation, "dK", dK, call, dOut);
        apart(operation, "dV", dV, call, dOut);
        Require.disjoint(operation, "dQ", dQ, "dK", dK);
        Require.disjoint(operation, "dQ", dQ, "dV", dV);
        Require.disjoint(operation, "dK", dK, "dV", dV);
        this.call = call;
        this.dOut = dOut;
        this.dQ = dQ;
        this.dK = dK;
        this.dV = dV;
        run(BACKWARD_PARTS * picosPerItem(call));
    }

    private void run(long picosPerItem) {
        try {
            team.run(Math.multiplyExact(call.sequences(), call.kvHeads()), picosPerItem, 1, this);
        } finally {
            call = null;
            dOut = null;
            dQ = null;
            dK = null;
            dV = null;
        }
    }

    private static long picosPerItem(SequenceAttentionCall call) {
        long length = call.length();
        return Team.saturatedProduct(
                length * length / 2 + 1,
                Cost.SEQUENCE_ATTENTION.picos() * call.headDim() * (call.heads() / call.kvHeads()));
    }

    private static void check(String operation, SequenceAttentionCall call) {
        int heads = call.heads();
        int kvHeads = call.kvHeads();
        int headDim = call.headDim();
        if (heads < 1 || kvHeads < 1 || headDim < 1 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    operation + ": heads must be a multiple of kvHeads, and all sizes at least 1; got heads " + heads
                            + ", kvHeads " + kvHeads + ", headDim " + headDim);
        }
        HeapTensor q = call.q();
        if (q.columns() != (long) heads * headDim) {
            throw new IllegalArgumentException(operation + ": q " + q.shape() + " must have heads x headDim = " + heads
                    + " x " + headDim + " columns");
        }
        if (call.k().columns() != (long) kvHeads * headDim) {
            throw new IllegalArgumentException(operation + ": k " + call.k().shape() + " must have kvHeads x headDim = "
                    + kvHeads + " x " + headDim + " columns");
        }
        Require.sameRows(operation, "q", q, "k", call.k());
        Require.sameShape(operation, "k", call.k(), "v", call.v());
        Require.sameShape(operation, "q", q, "out", call.out());
        if (call.sequences() < 1 || q.rows() % call.sequences() != 0) {
            throw new IllegalArgumentException(operation + ": the rows of q " + q.shape() + " are no multiple of "
                    + call.sequences() + " sequences");
        }
        if (Float.isNaN(call.scale())) {
            throw new IllegalArgumentException(operation + ": scale must be a number, got NaN");
        }
    }

    private static void apart(
            String operation, String name, HeapTensor out, SequenceAttentionCall call, HeapTensor dOut) {
        Require.disjoint(operation, name, out, "q", call.q());
        Require.disjoint(operation, name, out, "k", call.k());
        Require.disjoint(operation, name, out, "v", call.v());
        Require.disjoint(operation, name, out, "dOut", dOut);
    }

    @Override
    public void run(int worker, int begin, int end) {
        if (dOut == null) {
            attentions[worker].forward(call, begin, end);
        } else {
            attentions[worker].backward(call, dOut, dQ, dK, dV, begin, end);
        }
    }
}
