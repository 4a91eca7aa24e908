// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.AttentionCall.KEY_BLOCK;
import static dev.kelvin.kernel.ScalarSoftmax.CHUNK;

import dev.kelvin.kernel.AttentionCall;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.SoftmaxRow;
import dev.kelvin.kernel.SoftmaxScale;
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
final class AttentionLanes {
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
    private float[] scores = new float[0];
    private float[] mixed = new float[0];

    private AttentionCall call;
    private int dim;
    private int firstLength;
    private int lengthStep;
    private int scoreStride;

    AttentionLanes(Kernels kernels, SoftmaxLanes softmax) {
        this.kernels = kernels;
        this.softmax = softmax;
    }

    void run(AttentionCall call, int begin, int end) {
        this.call = call;
        int queries = call.q().rows();
        int group = call.heads() / call.kvHeads();
        dim = call.headDim();
        scoreStride = (call.position() + queries + KEY_BLOCK - 1) / KEY_BLOCK * KEY_BLOCK + SKEW;
        int fitting = SCORE_FLOATS / scoreStride / ChainTile.ROWS * ChainTile.ROWS;
        int most = Math.clamp(fitting, FEWEST_ROWS, MOST_ROWS);
        reserve(most);
        int rows;
        for (int item = begin; item < end; item += rows) {
            int head = item / queries;
            int query = item % queries;
            boolean single = queries == 1;
            int together = single ? group - head % group : queries - query;
            rows = Math.min(Math.min(end - item, together), most);
            firstLength = call.position() + query + 1;
            lengthStep = single ? 0 : 1;
            int stride = single ? dim : call.q().columns();
            int at = query * call.q().columns() + head * dim;
            block(rows, head / group, call.q().offset() + at, call.out().offset() + at, stride);
        }
        this.call = null;
    }

    private void reserve(int rows) {
        if (scores.length < rows * scoreStride) {
            scores = new float[rows * scoreStride];
        }
        if (mixed.length < rows * dim) {
            mixed = new float[rows * dim];
        }
    }

    /** The positions that a row of the block sees. */
    private int length(int row) {
        return firstLength + row * lengthStep;
    }

    private void block(int rows, int kvHead, int qOffset, int outOffset, int stride) {
        score(rows, (int) (kvHead * AttentionCall.keysPerHead(call.capacity(), dim)), qOffset, stride);
        for (int row = 0; row < rows; row++) {
            maxima[row] = SoftmaxLanes.scaledMax(scores, row * scoreStride, length(row), call.scale());
            sums[row] = 0;
        }
        float[] out = call.out().data();
        int valuesOffset = kvHead * call.capacity() * dim;
        if (length(rows - 1) <= CHUNK) {
            numerators(0, rows, 0);
            mix(0, rows, 0, valuesOffset);
            for (int row = 0; row < rows; row++) {
                RowLanes.scaleSum(mixed, row * dim, out, outOffset + row * stride, dim, inverse(row));
            }
            return;
        }
        for (int row = 0; row < rows; row++) {
            Arrays.fill(out, outOffset + row * stride, outOffset + row * stride + dim, 0);
        }
        for (int chunk = 0; chunk < length(rows - 1); chunk += CHUNK) {
            int first = 0;
            while (length(first) <= chunk) {
                first++;
            }
            numerators(first, rows, chunk);
            mix(first, rows, chunk, valuesOffset);
            for (int row = first; row < rows; row++) {
                RowLanes.addMultiple(mixed, row * dim, out, outOffset + row * stride, dim, weights[row]);
            }
        }
        for (int row = 0; row < rows; row++) {
            kernels.scale(out, outOffset + row * stride, out, outOffset + row * stride, dim, inverse(row));
        }
    }

    private float inverse(int row) {
        return Float.isFinite(maxima[row]) ? (float) (1 / sums[row]) : Float.NaN;
    }

    private void score(int rows, int keysOffset, int qOffset, int stride) {
        tile.begin(call.q().data(), stride, call.keys(), KEY_BLOCK, scores, scoreStride);
        for (int key = 0; key < length(rows - 1); key += ChainTile.WIDTH) {
            int keyOffset = keysOffset + AttentionCall.keyOffset(key, dim);
            int row = 0;
            for (; row <= rows - ChainTile.ROWS; row += ChainTile.ROWS) {
                int seen = length(row + ChainTile.ROWS - 1) - key;
                if (seen > 0) {
                    tile.startFour(qOffset + row * stride, keyOffset, dim, row * scoreStride + key, seen);
                }
            }
            for (; row < rows; row++) {
                if (key < length(row)) {
                    tile.startOne(qOffset + row * stride, keyOffset, dim, row * scoreStride + key);
                }
            }
        }
    }

    /** Numerators of a chunk, their sums, and the chunk's weight in each row. */
    private void numerators(int first, int rows, int chunk) {
        for (int row = first; row < rows + LAG; row++) {
            if (row < rows) {
                numerators(row, chunk);
            }
            if (row - LAG >= first) {
                sum(row - LAG, chunk);
            }
        }
    }

    private void numerators(int row, int chunk) {
        SoftmaxScale one = SoftmaxScale.ONE;
        int at = row * scoreStride + chunk;
        int count = count(row, chunk);
        float max = maxima[row];
        int rowBase = one.base(max, max);
        int base = count == length(row) ? rowBase : one.base(kernels.max(scores, at, count), max);
        inSteps[row] = one.holds(max) && SoftmaxLanes.inSteps(base, one);
        if (inSteps[row]) {
            softmax.numeratorsOfSteps(scores, at, count, base, one, row % SoftmaxLanes.TREES);
        } else {
            chunkSums[row] = SoftmaxRow.numerators(kernels, scores, at, scores, at, count, base, max, one);
        }
        shifts[row] = base - rowBase;
    }

    private void sum(int row, int chunk) {
        if (inSteps[row]) {
            int at = row * scoreStride + chunk;
            chunkSums[row] = softmax.sumOfSteps(scores, at, count(row, chunk), row % SoftmaxLanes.TREES);
        }
        int shift = shifts[row];
        sums[row] += shift == 0 ? chunkSums[row] : Math.scalb(chunkSums[row], shift);
        weights[row] = shift == 0 ? 1 : Math.scalb(1f, shift);
    }

    /** The positions of a chunk that the row sees. */
    private int count(int row, int chunk) {
        return Math.min(CHUNK, length(row) - chunk);
    }

    /** Leaves Σ eⱼ·vⱼ over the positions of a chunk in {@link #mixed}, for each row that sees any of them. */
    private void mix(int first, int rows, int chunk, int valuesOffset) {
        Arrays.fill(mixed, first * dim, rows * dim, 0);
        tile.begin(scores, scoreStride, call.values(), dim, mixed, dim);
        int chunkEnd = Math.min(chunk + CHUNK, length(rows - 1));
        for (int key = chunk; key < chunkEnd; key += KEY_BLOCK) {
            int end = Math.min(key + KEY_BLOCK, chunkEnd);
            for (int column = 0; column <= dim - ChainTile.WIDTH; column += ChainTile.WIDTH) {
                for (int row = first; row <= rows - ChainTile.ROWS; row += ChainTile.ROWS) {
                    int count = common(row, key, end);
                    if (count > 0) {
                        int valueOffset = valuesOffset + key * dim + column;
                        tile.addFour(row * scoreStride + key, valueOffset, count, row * dim + column);
                    }
                }
            }
            mixRest(first, rows, key, end, valuesOffset);
        }
    }

    /** The positions of [key, end) that each of the four rows from this one on sees. */
    private int common(int row, int key, int end) {
        return Math.min(end, length(row)) - key;
    }

    /** What tiles leave over: columns, the positions that only some of four rows see, and rows. */
    private void mixRest(int first, int rows, int key, int end, int valuesOffset) {
        int tiled = dim - dim % ChainTile.WIDTH;
        int row = first;
        for (; row <= rows - ChainTile.ROWS; row += ChainTile.ROWS) {
            int count = Math.max(0, common(row, key, end));
            if (tiled < dim && count > 0) {
                int valueOffset = valuesOffset + key * dim;
                tile.addRestOfFour(row * scoreStride + key, valueOffset, count, row * dim, tiled, dim);
            }
            if (lengthStep == 1 && length(row) >= key && length(row) + ChainTile.ROWS - 1 <= end) {
                tile.addStairs(row * scoreStride + length(row), valuesOffset + length(row) * dim, row * dim, dim);
            } else {
                for (int one = row; one < row + ChainTile.ROWS; one++) {
                    mixOne(one, key + count, end, valuesOffset);
                }
            }
        }
        for (; row < rows; row++) {
            mixOne(row, key, end, valuesOffset);
        }
    }

    private void mixOne(int row, int key, int end, int valuesOffset) {
        int count = Math.min(end, length(row)) - key;
        if (count > 0) {
            tile.addOne(row * scoreStride + key, valuesOffset + key * dim, count, row * dim, dim);
        }
    }
}
