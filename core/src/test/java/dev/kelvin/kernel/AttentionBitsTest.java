// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;
import org.junit.jupiter.api.Test;

/** Attention has the same bits at every lane width, and a query alone those of the query among others. */
class AttentionBitsTest {
    @Test
    void everyShape() {
        for (int headDim : new int[] {1, 3, 4, 8, 15, 16, 17, 31, 32, 48, 63, 64, 65, 80, 128}) {
            check(headDim, 4, 2, 3, 5);
            check(headDim, 3, 3, 1, 0);
            check(headDim, 2, 1, 1, 40);
        }
    }

    @Test
    void longContexts() {
        check(16, 2, 1, 2, 511);
        check(8, 1, 1, 3, 4094);
        check(64, 1, 1, 1, 600);
        check(8, 8, 1, 1, 4096);
        check(4, 6, 2, 7, 8189);
        check(20, 1, 1, 70, 30);
        check(32, 4, 2, 9, 60);
        check(96, 4, 1, 1, 130);
        check(80, 2, 1, 70, 0);
    }

    /** Maxima so large that rows take another way, or must be lowered first, and scores that are no numbers. */
    @Test
    void largeScores() {
        for (float scale : new float[] {-0.5f, 20, 300, 1e5f, 1e30f, Float.POSITIVE_INFINITY}) {
            check(16, 2, 1, 9, 55, scale);
            check(8, 3, 1, 1, 130, scale);
            check(4, 1, 1, 2, 4100, scale);
        }
    }

    /** Maxima around 108, where rows begin to take another way: some rows of a block do, others beside them do not. */
    @Test
    void maximaOfABlockOnBothSidesOfABound() {
        for (float scale : new float[] {9, 11, 13, 15}) {
            check(16, 2, 1, 33, 55, scale);
            check(16, 8, 1, 1, 60, scale);
            check(16, 2, 2, 5, 4095, 0.6f * scale);
        }
    }

    private static void check(int headDim, int heads, int kvHeads, int queries, int position) {
        check(headDim, heads, kvHeads, queries, position, (float) (1 / Math.sqrt(headDim)));
    }

    private static void check(int headDim, int heads, int kvHeads, int queries, int position, float scale) {
        int capacity = position + queries + 2;
        int offset = LaneGrid.OFFSETS[headDim % LaneGrid.OFFSETS.length];
        String what = "attention of " + queries + " queries at " + position + ", " + heads + "/" + kvHeads
                + " heads of " + headDim + ", scale " + scale;
        Guarded q = Guarded.of(LaneGrid.gaussian(headDim, queries * heads * headDim), offset);
        int headKeys = (int) AttentionCall.keysPerHead(capacity, headDim);
        float[] keys = LaneGrid.gaussian(headDim + 1, kvHeads * headKeys);
        float[] values = LaneGrid.gaussian(headDim + 2, kvHeads * capacity * headDim);
        // What lies beyond the last position is not there yet.
        for (int head = 0; head < kvHeads; head++) {
            for (int p = position + queries; p < headKeys / headDim; p++) {
                for (int i = 0; i < headDim; i++) {
                    keys[head * headKeys + AttentionCall.keyOffset(p, headDim) + i * AttentionCall.KEY_BLOCK] =
                            Float.NaN;
                }
            }
            for (int i = (position + queries) * headDim; i < capacity * headDim; i++) {
                values[head * capacity * headDim + i] = Float.NaN;
            }
        }
        Guarded initial = Guarded.of(q.length(), offset + 3);
        int width = heads * headDim;
        int items = heads * queries;
        AttentionCall shape = new AttentionCall(
                q.tensor(queries, width),
                keys,
                values,
                initial.tensor(queries, width),
                heads,
                kvHeads,
                headDim,
                capacity,
                position,
                scale);
        LaneGrid.Writing whole = (kernels, out) ->
                kernels.attention(of(shape, shape.q(), out.tensor(queries, width), position), 0, items);
        LaneGrid.sameBits(what, initial, whole);
        LaneGrid.sameBits(
                what + ", some items",
                initial,
                (kernels, out) -> kernels.attention(
                        of(shape, shape.q(), out.tensor(queries, width), position), items / 3, items - 1));
        Guarded expected = initial.copy();
        whole.run(LaneGrid.scalar(), expected);
        for (Kernels kernels : LaneGrid.lanes()) {
            Guarded single = initial.copy();
            for (int t = 0; t < queries; t++) {
                HeapTensor out = single.tensor(queries, width).rowRange(t, t + 1);
                kernels.attention(of(shape, shape.q().rowRange(t, t + 1), out, position + t), 0, heads);
            }
            expected.assertSameBits(single, what + ", one query a call");
        }
    }

    private static AttentionCall of(AttentionCall shape, HeapTensor q, HeapTensor out, int position) {
        return new AttentionCall(
                q,
                shape.keys(),
                shape.values(),
                out,
                shape.heads(),
                shape.kvHeads(),
                shape.headDim(),
                shape.capacity(),
                position,
                shape.scale());
    }
}
