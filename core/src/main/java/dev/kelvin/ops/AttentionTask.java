// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvSlice;
import dev.kelvin.tensor.RowSpans;

/**
 * Grouped-query attention, split over its work items: sequence after sequence the queries of the first head, of the
 * second, and so on.
 *
 * <p>Single queries are cut between key/value heads, so that each part of a sequence's pages is read once; many queries
 * are cut into blocks of one head that share the keys they load.
 */
final class AttentionTask implements RangeTask {
    /** Queries of one head that a range has at least. */
    private static final int QUERY_BLOCK = 16;

    private final Team team;
    private AttentionCall call;

    AttentionTask(Team team) {
        this.team = team;
    }

    void apply(AttentionCall call) {
        check(call);
        KvSlice slice = call.rows().slice();
        RowSpans spans = call.rows().spans();
        this.call = call;
        try {
            int group = call.heads() / slice.kvHeads();
            boolean single = spans.count() == spans.rows();
            team.run(
                    call.items(),
                    picosPerItem(call, single ? group : Integer.MAX_VALUE),
                    single ? group : Math.min(QUERY_BLOCK, spans.rows()),
                    this);
        } finally {
            this.call = null;
        }
    }

    /** Keys and values are fetched for {@code sharing} queries, and then lie in the caches. */
    private static long picosPerItem(AttentionCall call, int sharing) {
        RowSpans spans = call.rows().spans();
        long seen = 0;
        for (int span = 0; span < spans.count(); span++) {
            int last = spans.end(span) - 1;
            int begin = call.mask().begin(last);
            seen += (long) (call.mask().end(last, last + 1) - begin) * spans.rows(span);
        }
        KvSlice slice = call.rows().slice();
        long pairs = (slice.keyDim() + slice.valueDim()) / 2 * (seen / Math.max(1, spans.rows()));
        return (Cost.ATTENTION.picos() + Cost.KEY_AND_VALUE.picos() / sharing) * pairs;
    }

    private static void check(AttentionCall call) {
        HeapTensor q = call.q();
        HeapTensor out = call.out();
        KvSlice slice = call.rows().slice();
        int heads = call.heads();
        if (heads < 1 || heads % slice.kvHeads() != 0) {
            throw new IllegalArgumentException(
                    "attention: heads must be a multiple of kvHeads, got " + heads + " and " + slice.kvHeads());
        }
        KvChecks.rows("attention", "q", q, "keyDim", slice.keyDim(), heads, call.rows());
        KvChecks.rows("attention", "out", out, "valueDim", slice.valueDim(), heads, call.rows());
        if (Float.isNaN(call.scale())) {
            throw new IllegalArgumentException("attention: scale must be a number, got NaN");
        }
        float[] sinks = call.scores().sinks();
        if (sinks != null && sinks.length != heads) {
            throw new IllegalArgumentException(
                    "attention: sinks must be one a head, got " + sinks.length + " for " + heads + " heads");
        }
        Require.disjoint("attention", "out", out, "q", q);
        KvChecks.pages("attention", call.rows(), call.mask());
        KvChecks.outside("attention", "out", out, call.rows());
    }

    @Override
    public void run(int worker, int begin, int end) {
        team.kernels(worker).attention().attention(call, begin, end);
    }
}
