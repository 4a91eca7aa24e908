// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.RowSpans;
import org.junit.jupiter.api.Test;

/**
 * Attention has the same bits at every lane width, and a query alone those of the query among others, of its own
 * sequence or not.
 */
class AttentionBitsTest {
    private static final AttentionMask CAUSAL = AttentionMask.causal();

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

    /** Prompt pieces and single steps of several sequences in one call. */
    @Test
    void severalSequences() {
        int[] mixture = {0, 5, 130, 1, 63, 1, 64, 2, 7, 1, 100, 40};
        check(new AttentionBatch(1, DType.F32, 6, 2, 24, 24, mixture), 0.2f, CAUSAL, AttentionScores.PLAIN);
        check(new AttentionBatch(2, DType.F32, 4, 4, 64, 64, 4095, 1, 9, 1, 4100, 3), 1, CAUSAL, AttentionScores.PLAIN);
    }

    @Test
    void keysAndValuesOfDifferentWidth() {
        for (int[] dims : new int[][] {{24, 16}, {16, 24}, {192, 128}, {3, 65}}) {
            AttentionBatch batch = new AttentionBatch(dims[0], DType.F32, 4, 2, dims[0], dims[1], 3, 70, 90, 1);
            check(batch, 0.3f, CAUSAL, AttentionScores.PLAIN);
        }
    }

    /** Windows that begin anywhere in a page, narrower than a tile, wider than the sequence, across chunks. */
    @Test
    void windows() {
        for (int width : new int[] {1, 2, 3, 5, 17, 63, 64, 65, 100, 300}) {
            AttentionBatch batch = new AttentionBatch(width, DType.F32, 4, 2, 16, 20, 0, 70, 200, 1, 61, 9, 127, 3);
            check(batch, 0.4f, AttentionMask.window(width), AttentionScores.PLAIN);
        }
        for (int width : new int[] {7, 130, 4096, 5000}) {
            AttentionBatch batch = new AttentionBatch(width, DType.F32, 2, 1, 8, 8, 4090, 12, 4200, 1, 8190, 5);
            check(batch, 0.4f, AttentionMask.window(width), AttentionScores.PLAIN);
            check(batch, 40, AttentionMask.window(width), AttentionScores.PLAIN);
        }
    }

    /** Rows of encoders see what follows them, all of it or some. */
    @Test
    void masksThatAreNotCausal() {
        AttentionBatch batch = new AttentionBatch(9, DType.F32, 4, 2, 16, 16, 0, 70, 0, 1, 0, 64, 0, 5, 30, 7);
        check(batch, 0.4f, AttentionMask.full(), AttentionScores.PLAIN);
        for (int each : new int[] {0, 1, 2, 8, 64, 100}) {
            check(batch, 0.4f, AttentionMask.symmetric(each), AttentionScores.PLAIN);
        }
        AttentionBatch large = new AttentionBatch(9, DType.F32, 2, 1, 4, 4, 4080, 40);
        check(large, 0.4f, AttentionMask.full(), AttentionScores.PLAIN);
        check(large, 0.4f, AttentionMask.symmetric(20), AttentionScores.PLAIN);
    }

    @Test
    void sinksAndSoftCaps() {
        for (int[] rows : new int[][] {{0, 37, 100, 1}, {4090, 9, 4096, 1}}) {
            AttentionBatch batch = new AttentionBatch(rows[1], DType.F32, 4, 2, 5, 4, rows);
            for (float scale : new float[] {0.25f, 30, 1e6f}) {
                for (float sink : new float[] {-1e30f, 3, Float.POSITIVE_INFINITY}) {
                    float[] sinks = {sink, 0.5f, sink, -2};
                    check(batch, scale, AttentionMask.window(40), AttentionScores.withSinks(sinks));
                    check(batch, scale, CAUSAL, AttentionScores.withSinks(sinks));
                }
                for (float cap : new float[] {0.5f, 50}) {
                    check(batch, scale, CAUSAL, AttentionScores.softCapped(cap));
                    check(batch, scale, AttentionMask.full(), new AttentionScores(cap, new float[] {1, 2, 3, 4}));
                }
            }
        }
    }

    /** Pages of fewer bits: decoded, they are the same numbers for every width. */
    @Test
    void everyStorage() {
        for (DType type : new DType[] {DType.F16, DType.Q8_0}) {
            for (int dim : new int[] {32, 64, 96}) {
                AttentionBatch batch = new AttentionBatch(dim, type, 4, 2, dim, 32, 3, 70, 90, 1, 0, 1);
                check(batch, 0.2f, CAUSAL, AttentionScores.PLAIN);
                check(batch, 0.2f, AttentionMask.window(33), AttentionScores.PLAIN);
            }
        }
    }

    /** What a cache of one sequence without pages gave, which is how the order was first written down. */
    @Test
    void onePageAfterTheOtherIsOneLongCache() {
        for (int[] shape : new int[][] {{4, 2, 16, 5, 3}, {3, 3, 65, 0, 1}, {2, 1, 8, 4094, 3}, {8, 1, 32, 200, 1}}) {
            AttentionBatch batch =
                    new AttentionBatch(8, DType.F32, shape[0], shape[1], shape[2], shape[2], shape[3], shape[4]);
            Guarded actual = Guarded.of(batch.outputs(), 0);
            HeapTensor out = actual.tensor(shape[4], shape[0] * shape[2]);
            AttentionCall call =
                    new AttentionCall(batch.q(), batch.rows(), out, shape[0], 0.4f, CAUSAL, AttentionScores.PLAIN);
            LaneGrid.scalar().attention().attention(call, 0, call.items());
            for (int row = 0; row < shape[4]; row++) {
                for (int head = 0; head < shape[0]; head++) {
                    float[] expected = ContiguousAttention.row(batch, row, head, 0.4f);
                    for (int i = 0; i < shape[2]; i++) {
                        assertEquals(
                                Float.floatToRawIntBits(expected[i]),
                                Float.floatToRawIntBits(actual.get((row * shape[0] + head) * shape[2] + i)));
                    }
                }
            }
        }
    }

    private static void check(int headDim, int heads, int kvHeads, int queries, int position) {
        check(headDim, heads, kvHeads, queries, position, (float) (1 / Math.sqrt(headDim)));
    }

    private static void check(int headDim, int heads, int kvHeads, int queries, int position, float scale) {
        AttentionBatch batch =
                new AttentionBatch(headDim, DType.F32, heads, kvHeads, headDim, headDim, position, queries);
        check(batch, scale, CAUSAL, AttentionScores.PLAIN);
    }

    private static void check(AttentionBatch batch, float scale, AttentionMask mask, AttentionScores scores) {
        int heads = batch.heads();
        int width = heads * batch.slice().valueDim();
        RowSpans spans = batch.spans();
        int rows = spans.rows();
        int items = heads * rows;
        String what = rows + " rows of " + spans.count() + " sequences, the first at " + spans.position(0) + ", "
                + heads + " heads, " + batch.slice() + ", scale " + scale + ", " + mask + ", " + scores;
        int offset = LaneGrid.OFFSETS[width % LaneGrid.OFFSETS.length];
        Guarded initial = Guarded.of(batch.outputs(), offset + 3);
        LaneGrid.Writing whole = (kernels, out) -> kernels.attention()
                .attention(
                        new AttentionCall(batch.q(), batch.rows(), out.tensor(rows, width), heads, scale, mask, scores),
                        0,
                        items);
        LaneGrid.sameBits(what, initial, whole);
        LaneGrid.sameBits(what + ", some items", initial, (kernels, out) -> kernels.attention()
                .attention(
                        new AttentionCall(batch.q(), batch.rows(), out.tensor(rows, width), heads, scale, mask, scores),
                        items / 3,
                        items - 1));
        if (mask.after() == 0) {
            Guarded expected = initial.copy();
            whole.run(LaneGrid.scalar(), expected);
            for (Kernels kernels : LaneGrid.lanes()) {
                Guarded single = initial.copy();
                oneByOne(kernels, batch, single.tensor(rows, width), scale, mask, scores);
                expected.assertSameBits(single, what + ", one query a call");
            }
        }
    }

    private static void oneByOne(
            Kernels kernels,
            AttentionBatch batch,
            HeapTensor out,
            float scale,
            AttentionMask mask,
            AttentionScores scores) {
        for (int row = 0; row < out.rows(); row++) {
            AttentionCall call = new AttentionCall(
                    batch.q().rowRange(row, row + 1),
                    batch.rows(batch.spans().of(row), row, row + 1),
                    out.rowRange(row, row + 1),
                    batch.heads(),
                    scale,
                    mask,
                    scores);
            kernels.attention().attention(call, 0, batch.heads());
        }
    }
}
