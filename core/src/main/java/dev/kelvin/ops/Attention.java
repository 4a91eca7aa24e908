// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.AttentionCall;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/**
 * Causal grouped-query attention, split over its work items: the queries of the first head, of the second, and so on.
 *
 * <p>A single query is cut between key/value heads, so that each part of the cache is read once; many queries are cut
 * into blocks of one head that share the keys they load.
 */
final class Attention implements RangeTask {
    /** One element of a key and the same one of a value. */
    private static final long PICOS_PER_CACHED_PAIR = 40;

    /** Queries of one head that a range has at least. */
    private static final int QUERY_BLOCK = 16;

    private final Team team;
    private AttentionCall call;

    Attention(Team team) {
        this.team = team;
    }

    void apply(AttentionCall call) {
        check(call);
        int queries = call.q().rows();
        this.call = call;
        try {
            long picos = PICOS_PER_CACHED_PAIR * call.headDim() * (call.position() + (long) queries);
            int multiple = queries == 1 ? call.heads() / call.kvHeads() : Math.min(QUERY_BLOCK, queries);
            team.run(Math.multiplyExact(call.heads(), queries), picos, multiple, this);
        } finally {
            this.call = null;
        }
    }

    private static void check(AttentionCall call) {
        HeapTensor q = call.q();
        HeapTensor out = call.out();
        Require.sameShape("attention", "q", q, "out", out);
        int heads = call.heads();
        int kvHeads = call.kvHeads();
        int headDim = call.headDim();
        if (heads < 1 || kvHeads < 1 || headDim < 1 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    "attention: heads must be a multiple of kvHeads, and all sizes at least 1; got heads " + heads
                            + ", kvHeads " + kvHeads + ", headDim " + headDim);
        }
        if (q.columns() != (long) heads * headDim) {
            throw new IllegalArgumentException("attention: q " + q.shape() + " must have heads x headDim = " + heads
                    + " x " + headDim + " columns");
        }
        if (call.position() < 0 || (long) call.position() + q.rows() > call.capacity()) {
            throw new IllegalArgumentException("attention: positions [" + call.position() + ", "
                    + ((long) call.position() + q.rows()) + ") of q " + q.shape() + " must lie in the cache's [0, "
                    + call.capacity() + ")");
        }
        long keys = kvHeads * AttentionCall.keysPerHead(call.capacity(), headDim);
        checkCache("keys", call.keys(), keys, "[kvHeads, ceil(capacity/64), headDim, 64]", call);
        checkCache(
                "values",
                call.values(),
                (long) kvHeads * call.capacity() * headDim,
                "[kvHeads, capacity, headDim]",
                call);
        if (Float.isNaN(call.scale())) {
            throw new IllegalArgumentException("attention: scale must be a number, got NaN");
        }
        Require.disjoint("attention", "out", out, "q", q);
        Require.outside("attention", "out", out, "keys", call.keys());
        Require.outside("attention", "out", out, "values", call.values());
    }

    private static void checkCache(String name, float[] array, long elements, String shape, AttentionCall call) {
        if (array.length < elements) {
            throw new IllegalArgumentException("attention: " + name + " must hold " + shape + " with kvHeads "
                    + call.kvHeads() + ", capacity " + call.capacity() + ", headDim " + call.headDim() + ", but has "
                    + array.length + " elements");
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        team.kernels(worker).attention(call, begin, end);
    }
}
