// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The loops around the tiles of Y = X·Wᵀ, for both kinds of storage of W. Lanes run along k.
 *
 * <p>Rows of X go in blocks that stay in the second-level cache while the rows of W pass by in panels of eight, each
 * read from memory once a block: all rows of the block, those that fill no tile included, meet a panel before the next
 * one comes. A tile leaves the 16 lanes of each of its sums in scratch; {@link #finish} adds the rest of k and folds
 * them.
 */
abstract class Gemm {
    /** Rows of X and of W in the large tile: 16 sums and 4 + 1 operands fit into 32 registers. */
    static final int TILE = 4;

    /** Rows of W in the tile of a single row of X, and in a panel: 8 chains hide the latency of the fma. */
    static final int ROW_TILE = 8;

    /** Lanes of a sum. */
    static final int LANES = 16;

    /** Floats of X in a block: 256 KiB, half of the smallest second-level cache that matters. */
    private static final int BLOCK_FLOATS = 1 << 16;

    /** Sums of a tile [16][LANES]. */
    final float[] sums = new float[TILE * TILE * LANES];

    /** What follows the last full step of k: rows of X, then rows of W, [TILE + ROW_TILE][LANES]. */
    private final float[] tails = new float[(TILE + ROW_TILE) * LANES];

    float[] x;
    int xOffset;
    int inner;

    /** Leaves the sums of 4 × 4 products over the full steps of k in {@link #sums}. */
    abstract void tile4x4(int m, int n);

    /** Leaves the sums of 1 × 8 products. */
    abstract void tile1x8(int m, int n);

    /** Leaves the sum of 1 × 1 product. */
    abstract void tile1x1(int m, int n);

    /** Copies the last {@code inner % 16} weights of a row. */
    abstract void copyTail(int n, float[] to, int offset);

    final void run(int rows, float[] y, int yOffset, int columns, int rowBegin, int rowEnd) {
        if (inner < LANES) {
            shortRows(rows, y, yOffset, columns, rowBegin, rowEnd);
            return;
        }
        int block = Math.max(TILE, BLOCK_FLOATS / inner / TILE * TILE);
        for (int begin = 0; begin < rows; begin += block) {
            int end = Math.min(rows, begin + block);
            int tiled = begin + (end - begin) / TILE * TILE;
            int n = rowBegin;
            for (; n <= rowEnd - ROW_TILE; n += ROW_TILE) {
                squareTiles(begin, tiled, n, y, yOffset, columns);
                squareTiles(begin, tiled, n + TILE, y, yOffset, columns);
                for (int m = tiled; m < end; m++) {
                    tile1x8(m, n);
                    finish(1, ROW_TILE, m, n, y, yOffset, columns);
                }
            }
            singleTiles(tiled, end, n, rowEnd, y, yOffset, columns);
            if (n <= rowEnd - TILE) {
                squareTiles(begin, tiled, n, y, yOffset, columns);
                n += TILE;
            }
            singleTiles(begin, tiled, n, rowEnd, y, yOffset, columns);
        }
    }

    /** Rows without a full step of k: a tile whose loop never runs would be compiled with its vectors boxed. */
    private void shortRows(int rows, float[] y, int yOffset, int columns, int rowBegin, int rowEnd) {
        for (int m = 0; m < rows; m++) {
            for (int n = rowBegin; n < rowEnd; n++) {
                Arrays.fill(sums, 0, LANES, 0);
                finish(1, 1, m, n, y, yOffset, columns);
            }
        }
    }

    private void squareTiles(int begin, int end, int n, float[] y, int yOffset, int columns) {
        for (int m = begin; m < end; m += TILE) {
            tile4x4(m, n);
            finish(TILE, TILE, m, n, y, yOffset, columns);
        }
    }

    private void singleTiles(int begin, int end, int rowBegin, int rowEnd, float[] y, int yOffset, int columns) {
        for (int n = rowBegin; n < rowEnd; n++) {
            for (int m = begin; m < end; m++) {
                tile1x1(m, n);
                finish(1, 1, m, n, y, yOffset, columns);
            }
        }
    }

    private void finish(int tileRows, int tileColumns, int m, int n, float[] y, int yOffset, int columns) {
        int tail = inner % LANES;
        if (tail > 0) {
            addTails(tileRows, tileColumns, m, n, tail);
        }
        for (int i = 0; i < tileRows; i++) {
            for (int j = 0; j < tileColumns; j++) {
                y[yOffset + (m + i) * columns + n + j] = fold(sums, (i * tileColumns + j) * LANES);
            }
        }
    }

    private void addTails(int tileRows, int tileColumns, int m, int n, int tail) {
        for (int i = 0; i < tileRows; i++) {
            System.arraycopy(x, xOffset + (m + i + 1) * inner - tail, tails, i * LANES, tail);
        }
        for (int j = 0; j < tileColumns; j++) {
            copyTail(n + j, tails, (TILE + j) * LANES);
        }
        for (int i = 0; i < tileRows; i++) {
            for (int j = 0; j < tileColumns; j++) {
                int sum = (i * tileColumns + j) * LANES;
                for (int l = 0; l < tail; l++) {
                    sums[sum + l] = Math.fma(tails[i * LANES + l], tails[(TILE + j) * LANES + l], sums[sum + l]);
                }
            }
        }
    }

    /** Folds 16 lanes by halves; the vectors of four serve every width. */
    static float fold(float[] lanes, int offset) {
        FloatVector a = FloatVector.fromArray(FloatVector.SPECIES_128, lanes, offset);
        FloatVector b = FloatVector.fromArray(FloatVector.SPECIES_128, lanes, offset + 4);
        FloatVector c = FloatVector.fromArray(FloatVector.SPECIES_128, lanes, offset + 8);
        FloatVector d = FloatVector.fromArray(FloatVector.SPECIES_128, lanes, offset + 12);
        a.add(c).add(b.add(d)).intoArray(lanes, offset);
        return (lanes[offset] + lanes[offset + 2]) + (lanes[offset + 1] + lanes[offset + 3]);
    }
}
