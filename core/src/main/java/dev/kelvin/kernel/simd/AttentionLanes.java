// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.SoftmaxKernels.CHUNK;

import dev.kelvin.kernel.AttentionKernels;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.KvBlocks;
import dev.kelvin.kernel.SoftmaxChunk;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvSlice;
import dev.kelvin.tensor.RowSpans;
import java.util.Arrays;

/**
 * Attention, a block of rows at a time that share their keys and values: the query heads of one key/value head where
 * there is a single query, else consecutive queries of one head.
 *
 * <p>Scores and outputs are both made by {@link ChainTile}, lanes along positions for the one and along the head's
 * elements for the other. Keys and values pass by in blocks of 64 positions that stay in the first-level cache while
 * all rows meet them, so the cache of a single query is read once. Only a block's scores are kept, never those of all
 * queries; blocks of keys behind a query are not looked at.
 */
final class AttentionLanes implements AttentionKernels {
    private static final int KEY_BLOCK = KvPage.POSITIONS;

    /** Floats of scores in a block: 256 KiB, half of the smallest second-level cache that matters. */
    private static final int SCORE_FLOATS = 1 << 16;

    /** Rows of a block: enough for the heads that share keys, and for the keys to be read from far away rarely. */
    private static final int FEWEST_ROWS = 8;

    private static final int MOST_ROWS = 32;

    /** Floats between two rows of scores beyond a multiple of 64, lest they compete for the same lines of the cache. */
    private static final int SKEW = 16;

    /**
     * Rows by which sums follow numerators. What was stored across two lines of the cache can be read back only when it
     * has arrived there: the next row's numerators fill that time.
     */
    private static final int LAG = SoftmaxLanes.TREES - 1;

    private final Kernels kernels;
    private final SoftmaxLanes softmax;
    private final ChainTile tile = new ChainTile();
    private final float[] maxima = new float[MOST_ROWS];
    private final double[] sums = new double[MOST_ROWS];
    private final float[] weights = new float[MOST_ROWS];
    private final double[] chunkSums = new double[MOST_ROWS];
    private final boolean[] inSteps = new boolean[MOST_ROWS];
    private final int[] shifts = new int[MOST_ROWS];

    /** The positions [begin, end) that each row of the block sees. */
    private final int[] begins = new int[MOST_ROWS];

    private final int[] ends = new int[MOST_ROWS];
    private float[] scores = new float[0];
    private float[] mixed = new float[0];

    private final KvBlocks blocks = new KvBlocks();

    private AttentionCall call;
    private KvSlice slice;
    private KvPage[] pages;

    /** The positions that the sequence has. */
    private int sequenceEnd;

    /** Whether the block's rows are of one head at consecutive positions; else of consecutive heads at one. */
    private boolean oneHead;

    /** The position whose scores stand at the beginning of their rows. */
    private int origin;

    private int scoreStride;

    AttentionLanes(Kernels kernels, SoftmaxLanes softmax) {
        this.kernels = kernels;
        this.softmax = softmax;
    }

    @Override
    public void attention(AttentionCall call, int begin, int end) {
        this.call = call;
        slice = call.rows().slice();
        RowSpans spans = call.rows().spans();
        for (int item = begin, next; item < end; item = next) {
            int span = spans.of(item / call.heads());
            next = Math.min(end, call.heads() * spans.rowEnd(span));
            run(span, item, next);
        }
        this.call = null;
        pages = null;
    }

    /** The items of one sequence. */
    private void run(int span, int begin, int end) {
        RowSpans spans = call.rows().spans();
        pages = call.rows().pages()[span];
        sequenceEnd = spans.end(span);
        int queries = spans.rows(span);
        int group = call.heads() / slice.kvHeads();
        int most = reserve();
        boolean single = queries == 1;
        int rows;
        for (int item = begin; item < end; item += rows) {
            int local = item - call.heads() * spans.rowBegin(span);
            int head = local / queries;
            int query = local % queries;
            int together = single ? group - head % group : queries - query;
            rows = Math.min(Math.min(end - item, together), most);
            for (int r = 0; r < rows; r++) {
                int position = spans.position(span) + query + (single ? 0 : r);
                begins[r] = call.mask().begin(position);
                ends[r] = call.mask().end(position, sequenceEnd);
            }
            block(rows, head, spans.rowBegin(span) + query, !single);
        }
    }

    /** Makes room for the scores of a block, and says how many rows one has. */
    private int reserve() {
        AttentionMask mask = call.mask();
        // A window moves by a position a row and begins anywhere in a page; a softmax takes whole steps from there on.
        long window = (long) mask.before() + mask.after() + MOST_ROWS + 2 * KEY_BLOCK;
        int seen = (int) Math.min(mask.before() < sequenceEnd ? sequenceEnd + KEY_BLOCK : sequenceEnd, window);
        scoreStride = (seen + KEY_BLOCK - 1) / KEY_BLOCK * KEY_BLOCK + SKEW;
        int fitting = SCORE_FLOATS / scoreStride / ChainTile.ROWS * ChainTile.ROWS;
        int most = Math.clamp(fitting, FEWEST_ROWS, MOST_ROWS);
        if (scores.length < most * scoreStride) {
            scores = new float[most * scoreStride];
        }
        if (mixed.length < most * slice.valueDim()) {
            mixed = new float[most * slice.valueDim()];
        }
        return most;
    }

    /** The first position that a row of the block sees. */
    private int begin(int row) {
        return begins[row];
    }

    /** The position after the last that a row of the block sees. */
    private int end(int row) {
        return ends[row];
    }

    /** Where the score of a position stands. */
    private int at(int row, int position) {
        return row * scoreStride + position - origin;
    }

    private void block(int rows, int head, int row, boolean oneHead) {
        this.oneHead = oneHead;
        int kvHead = head / (call.heads() / slice.kvHeads());
        origin = begin(0) / KEY_BLOCK * KEY_BLOCK;
        int qOffset = call.q().offset() + row * call.q().columns() + head * slice.keyDim();
        score(rows, kvHead, qOffset, oneHead ? call.q().columns() : slice.keyDim());
        for (int r = 0; r < rows; r++) {
            maxima[r] = max(at(r, begin(r)), end(r) - begin(r));
            sums[r] = 0;
        }
        int outOffset = call.out().offset() + row * call.out().columns() + head * slice.valueDim();
        weigh(rows, kvHead, head, outOffset, oneHead ? call.out().columns() : slice.valueDim());
    }

    /** Makes scores of products; returns the largest. */
    private float max(int at, int count) {
        if (call.scores().isCapped()) {
            Arithmetic.scale(scores, at, scores, at, count, call.scale());
            kernels.elements()
                    .softCap(scores, at, scores, at, count, call.scores().softCap());
            return MaximumLanes.max(scores, at, count);
        }
        return MaximumLanes.scaledMax(scores, at, count, call.scale());
    }

    private void weigh(int rows, int kvHead, int head, int outOffset, int stride) {
        int dim = slice.valueDim();
        float[] out = call.out().data();
        int firstChunk = begin(0) / CHUNK * CHUNK;
        int end = end(rows - 1);
        if (end <= firstChunk + CHUNK) {
            numerators(0, rows, firstChunk);
            mix(0, rows, firstChunk, kvHead);
            for (int row = 0; row < rows; row++) {
                Arithmetic.scaleSum(mixed, row * dim, out, outOffset + row * stride, dim, inverse(row, head));
            }
            return;
        }
        for (int row = 0; row < rows; row++) {
            Arrays.fill(out, outOffset + row * stride, outOffset + row * stride + dim, 0);
        }
        for (int chunk = firstChunk; chunk < end; chunk += CHUNK) {
            int first = 0;
            while (end(first) <= chunk) {
                first++;
            }
            int last = rows;
            while (begin(last - 1) >= chunk + CHUNK) {
                last--;
            }
            numerators(first, last, chunk);
            mix(first, last, chunk, kvHead);
            for (int row = first; row < last; row++) {
                Arithmetic.addMultiple(mixed, row * dim, out, outOffset + row * stride, dim, weights[row]);
            }
        }
        for (int row = 0; row < rows; row++) {
            Arithmetic.scale(out, outOffset + row * stride, out, outOffset + row * stride, dim, inverse(row, head));
        }
    }

    private float inverse(int row, int head) {
        double sum = sums[row] + SoftmaxChunk.sink(call.scores(), oneHead ? head : head + row, maxima[row]);
        return Float.isFinite(maxima[row]) ? (float) (1 / sum) : Float.NaN;
    }

    private void score(int rows, int kvHead, int qOffset, int stride) {
        int dim = slice.keyDim();
        for (int page = origin; page < end(rows - 1); page += KEY_BLOCK) {
            float[] keys = blocks.keys(pages[page / KEY_BLOCK], slice, kvHead);
            tile.begin(call.q().data(), stride, keys, KEY_BLOCK, scores, scoreStride);
            int pageEnd = Math.min(page + KEY_BLOCK, end(rows - 1));
            for (int key = page; key < pageEnd; key += ChainTile.WIDTH) {
                int keyOffset = blocks.offset() + key - page;
                int row = 0;
                for (; row <= rows - ChainTile.ROWS; row += ChainTile.ROWS) {
                    int seen = end(row + ChainTile.ROWS - 1) - key;
                    if (seen > 0 && begin(row) < key + ChainTile.WIDTH) {
                        tile.startFour(qOffset + row * stride, keyOffset, dim, at(row, key), seen);
                    }
                }
                for (; row < rows; row++) {
                    if (key < end(row) && begin(row) < key + ChainTile.WIDTH) {
                        tile.startOne(qOffset + row * stride, keyOffset, dim, at(row, key));
                    }
                }
            }
        }
    }

    /** Numerators of a chunk, their sums, and the chunk's weight in each row. */
    private void numerators(int first, int last, int chunk) {
        for (int row = first; row < last + LAG; row++) {
            if (row < last) {
                numerators(row, chunk);
            }
            if (row - LAG >= first) {
                sum(row - LAG, chunk);
            }
        }
    }

    private void numerators(int row, int chunk) {
        SoftmaxScale one = SoftmaxScale.ONE;
        int from = Math.max(chunk, begin(row));
        int at = at(row, from);
        int to = Math.min(chunk + CHUNK, end(row));
        int count = to - from;
        float max = maxima[row];
        int rowBase = one.base(max, max);
        int base = count == end(row) - begin(row) ? rowBase : one.base(MaximumLanes.max(scores, at, count), max);
        // Whole steps may reach beyond the chunk, which is no harm where no scores follow.
        boolean apart = to == end(row) || (to - from) % KEY_BLOCK == 0;
        inSteps[row] = apart && one.holds(max) && SoftmaxLanes.inSteps(base, one);
        if (inSteps[row]) {
            softmax.numeratorsOfSteps(scores, at, count, base, one, row % SoftmaxLanes.TREES);
        } else {
            chunkSums[row] = SoftmaxChunk.numerators(kernels, scores, at, scores, at, count, base, max, one);
        }
        shifts[row] = base - rowBase;
    }

    private void sum(int row, int chunk) {
        if (inSteps[row]) {
            int from = Math.max(chunk, begin(row));
            int count = Math.min(chunk + CHUNK, end(row)) - from;
            chunkSums[row] = softmax.sumOfSteps(scores, at(row, from), count, row % SoftmaxLanes.TREES);
        }
        int shift = shifts[row];
        sums[row] += shift == 0 ? chunkSums[row] : Math.scalb(chunkSums[row], shift);
        weights[row] = shift == 0 ? 1 : Math.scalb(1f, shift);
    }

    /** Leaves Σ eⱼ·vⱼ over the positions of a chunk in {@link #mixed}, for each row that sees any of them. */
    private void mix(int first, int last, int chunk, int kvHead) {
        int dim = slice.valueDim();
        Arrays.fill(mixed, first * dim, last * dim, 0);
        int chunkEnd = Math.min(chunk + CHUNK, end(last - 1));
        for (int page = Math.max(chunk, begin(first) / KEY_BLOCK * KEY_BLOCK); page < chunkEnd; page += KEY_BLOCK) {
            float[] values = blocks.values(pages[page / KEY_BLOCK], slice, kvHead);
            tile.begin(scores, scoreStride, values, dim, mixed, dim);
            int end = Math.min(page + KEY_BLOCK, chunkEnd);
            mixHeads(first, last, page, end);
            for (int column = 0; column <= dim - ChainTile.WIDTH; column += ChainTile.WIDTH) {
                for (int row = first; row <= last - ChainTile.ROWS; row += ChainTile.ROWS) {
                    int from = commonBegin(row, page);
                    int count = commonEnd(row, end) - from;
                    if (count > 0) {
                        tile.addFour(at(row, from), value(page, from) + column, count, row * dim + column);
                    }
                }
            }
            mixRest(first, last, page, end);
        }
    }

    /** Where in the block of values a position's value begins. */
    private int value(int page, int position) {
        return blocks.offset() + (position - page) * slice.valueDim();
    }

    /** The first position from {@code from} on that each of the four rows from this one on sees. */
    private int commonBegin(int row, int from) {
        return Math.max(from, begin(row + ChainTile.ROWS - 1));
    }

    /** The position up to {@code to} behind the last that each of the four rows from this one on sees. */
    private int commonEnd(int row, int to) {
        return Math.min(to, end(row));
    }

    /** The positions before those that all of four rows see: up to three, where a window begins. */
    private void mixHeads(int first, int last, int page, int end) {
        for (int row = first; row <= last - ChainTile.ROWS; row += ChainTile.ROWS) {
            int common = commonBegin(row, page);
            for (int one = row; begin(one) < common && page < common && one < row + ChainTile.ROWS; one++) {
                mixOne(one, page, Math.min(end, common), page);
            }
        }
    }

    /** What tiles leave over: columns, the positions behind those that all of four rows see, and rows. */
    private void mixRest(int first, int last, int page, int end) {
        int dim = slice.valueDim();
        int tiled = dim - dim % ChainTile.WIDTH;
        int row = first;
        for (; row <= last - ChainTile.ROWS; row += ChainTile.ROWS) {
            int from = commonBegin(row, page);
            int to = Math.max(from, commonEnd(row, end));
            if (tiled < dim && to > from) {
                tile.addRestOfFour(at(row, from), value(page, from), to - from, row * dim, tiled, dim);
            }
            int rowEnd = end(row);
            boolean stairs = end(row + ChainTile.ROWS - 1) == rowEnd + ChainTile.ROWS - 1;
            if (stairs && rowEnd >= from && rowEnd + ChainTile.ROWS - 1 <= end) {
                tile.addStairs(at(row, rowEnd), value(page, rowEnd), row * dim, dim);
            } else {
                for (int one = row; one < row + ChainTile.ROWS; one++) {
                    mixOne(one, to, end, page);
                }
            }
        }
        for (; row < last; row++) {
            mixOne(row, page, end, page);
        }
    }

    /** One row's part of the positions of [from, to). */
    private void mixOne(int row, int from, int to, int page) {
        int begin = Math.max(from, begin(row));
        int count = Math.min(to, end(row)) - begin;
        if (count > 0) {
            int dim = slice.valueDim();
            tile.addOne(at(row, begin), value(page, begin), count, row * dim, dim);
        }
    }
}
