// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of Y = X·Wᵀ for many rows of X where a vector holds fewer than 16 floats: lanes along k, a slice
 * of them at a time.
 *
 * <p>The 16 lanes of a sum know nothing of each other before the fold. So a tile with one vector a sum, as large as
 * that of 512 bits, passes over k for lanes 0 to COUNT − 1, then again for the next ones. With all 16 lanes in one pass
 * registers hold 4 × 3 or 2 × 3 sums ({@link GemmTile}), which load more than they multiply.
 *
 * <p>Both operands are packed by slices, so that each pass reads two streams and no line of the cache twice: X as [16 /
 * COUNT slices][k/16][4 rows][COUNT], W as [2][16 / COUNT slices][k/16][6 rows][COUNT]. Read where it lies, W costs a
 * pass six addresses a step and a second way through the second-level cache.
 */
final class SlicedTile {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int LANES = Gemm.LANES;
    private static final int PANEL = Gemm.PANEL;
    private static final int HALF_PANEL = PANEL / 2;
    private static final int TILE_ROWS = Gemm.TILE_ROWS;
    private static final int SLICES = LANES / COUNT;

    /** Floats of half a panel of W in a step of a slice. */
    static final int STEP = HALF_PANEL * COUNT;

    /** Floats of a slice of the sums of a tile. */
    private static final int SLICE = TILE_ROWS * PANEL * COUNT;

    /** Where registers are few, they hold two rows of X with six of W; else four. */
    private static final boolean FEW_REGISTERS = Lanes.FEW_REGISTERS;

    /**
     * Steps of k after which the sums of a slice should be put away: two rows of X with six of W take so much of W from
     * the second-level cache at each step that half a panel has to stay in the first.
     */
    static final int CHUNK = FEW_REGISTERS ? 64 : Integer.MAX_VALUE;

    private static final VectorMask<Float> UPPER_4 = GemmTile.upper(4);
    private static final VectorShuffle<Float> SWAP_4 = GemmTile.swap(4);

    private SlicedTile() {}

    /**
     * The sums of 4 rows of X with half a panel of W after some steps of a slice.
     *
     * @param x packed rows, of which the first step lies at x0
     * @param rows of X that are wanted, 1 to 4; sums of the others may be garbage
     * @param w packed rows, of which the first step lies at w0
     * @param steps k/16
     * @param lanes the sums, [6 rows of W][4 rows of X][COUNT] from {@code at} on
     */
    static void begin(float[] x, int x0, int rows, float[] w, int w0, int steps, float[] lanes, int at) {
        if (FEW_REGISTERS) {
            tile2x6(x, x0, w, w0, steps, lanes, at);
            if (rows > 2) {
                tile2x6(x, x0 + 2 * COUNT, w, w0, steps, lanes, at + 2 * COUNT);
            }
        } else {
            tile4x6(x, x0, w, w0, steps, lanes, at);
        }
    }

    /** Goes on with sums that {@link #begin} has begun, after at most {@link #CHUNK} steps each time. */
    static void goOn(float[] x, int x0, int rows, float[] w, int w0, int steps, float[] lanes, int at) {
        moreOf2x6(x, x0, w, w0, steps, lanes, at);
        if (rows > 2) {
            moreOf2x6(x, x0 + 2 * COUNT, w, w0, steps, lanes, at + 2 * COUNT);
        }
    }

    /** Where the first vector of row j of a panel lies, once it is packed. */
    static int rowOffset(int j, int steps) {
        return j / HALF_PANEL * SLICES * slice(steps) + j % HALF_PANEL * COUNT;
    }

    /** How far the slices of a packed row lie apart, in floats. */
    static int slice(int steps) {
        return steps * STEP;
    }

    /**
     * Packs rows of W.
     *
     * @param from rows at w0, w0 + stride ...
     * @param width how many, at most {@value Gemm#PANEL}
     * @param steps k/16
     * @param panel receives them
     */
    static void pack(float[] from, int w0, int stride, int width, int steps, float[] panel) {
        int last = w0 + (width - 1) * stride;
        int slice = slice(steps);
        for (int half = 0; half * HALF_PANEL < width; half++) {
            int first = w0 + half * HALF_PANEL * stride;
            int to = rowOffset(half * HALF_PANEL, steps);
            for (int j = 0; j < HALF_PANEL; j += 2) {
                int even = Math.min(first + j * stride, last);
                int odd = Math.min(even + stride, last);
                for (int s = 0; s < SLICES; s += 2) {
                    packPair(from, even + s * COUNT, odd + s * COUNT, steps, panel, to + j * COUNT + s * slice, slice);
                }
            }
        }
    }

    /** Two slices of two rows. */
    private static void packPair(float[] from, int even, int odd, int steps, float[] panel, int to, int slice) {
        for (int t = 0, at = to; t < steps; t++, at += STEP) {
            FloatVector.fromArray(F, from, even + t * LANES).intoArray(panel, at);
            FloatVector.fromArray(F, from, even + t * LANES + COUNT).intoArray(panel, at + slice);
            FloatVector.fromArray(F, from, odd + t * LANES).intoArray(panel, at + COUNT);
            FloatVector.fromArray(F, from, odd + t * LANES + COUNT).intoArray(panel, at + slice + COUNT);
        }
    }

    /**
     * Folds the sums of a tile to four lanes each.
     *
     * @param lanes [slice][12 rows of W][4 rows of X][COUNT] from {@code from} on
     * @param quads receives them as {@link GemmTile#finish} wants them
     */
    static void fold(float[] lanes, int from, float[] quads) {
        for (int j = 0; j < PANEL; j++) {
            for (int i = 0; i < TILE_ROWS; i += COUNT / 4) {
                int at = from + (j * TILE_ROWS + i) * COUNT;
                FloatVector sum = FloatVector.fromArray(F, lanes, at);
                if (COUNT == 8) {
                    // The lower half gets the sums of one row, the upper half those of the next.
                    sum = sum.add(FloatVector.fromArray(F, lanes, at + SLICE));
                    FloatVector next = FloatVector.fromArray(F, lanes, at + COUNT)
                            .add(FloatVector.fromArray(F, lanes, at + COUNT + SLICE));
                    sum = sum.blend(next, UPPER_4).add(next.blend(sum, UPPER_4).rearrange(SWAP_4));
                } else {
                    sum = sum.add(FloatVector.fromArray(F, lanes, at + 2 * SLICE))
                            .add(FloatVector.fromArray(F, lanes, at + SLICE)
                                    .add(FloatVector.fromArray(F, lanes, at + 3 * SLICE)));
                }
                sum.intoArray(quads, i * 4 / COUNT * GemmTile.GROUP + j * COUNT);
            }
        }
    }

    private static void tile4x6(float[] x, int x0, float[] w, int w0, int steps, float[] to, int at) {
        FloatVector s00 = FloatVector.zero(F);
        FloatVector s10 = FloatVector.zero(F);
        FloatVector s20 = FloatVector.zero(F);
        FloatVector s30 = FloatVector.zero(F);
        FloatVector s01 = FloatVector.zero(F);
        FloatVector s11 = FloatVector.zero(F);
        FloatVector s21 = FloatVector.zero(F);
        FloatVector s31 = FloatVector.zero(F);
        FloatVector s02 = FloatVector.zero(F);
        FloatVector s12 = FloatVector.zero(F);
        FloatVector s22 = FloatVector.zero(F);
        FloatVector s32 = FloatVector.zero(F);
        FloatVector s03 = FloatVector.zero(F);
        FloatVector s13 = FloatVector.zero(F);
        FloatVector s23 = FloatVector.zero(F);
        FloatVector s33 = FloatVector.zero(F);
        FloatVector s04 = FloatVector.zero(F);
        FloatVector s14 = FloatVector.zero(F);
        FloatVector s24 = FloatVector.zero(F);
        FloatVector s34 = FloatVector.zero(F);
        FloatVector s05 = FloatVector.zero(F);
        FloatVector s15 = FloatVector.zero(F);
        FloatVector s25 = FloatVector.zero(F);
        FloatVector s35 = FloatVector.zero(F);
        for (int t = 0, xk = x0, wk = w0; t < steps; t++, xk += TILE_ROWS * COUNT, wk += STEP) {
            FloatVector x0k = FloatVector.fromArray(F, x, xk);
            FloatVector x1k = FloatVector.fromArray(F, x, xk + COUNT);
            FloatVector x2k = FloatVector.fromArray(F, x, xk + 2 * COUNT);
            FloatVector x3k = FloatVector.fromArray(F, x, xk + 3 * COUNT);
            FloatVector wj = FloatVector.fromArray(F, w, wk);
            s00 = x0k.fma(wj, s00);
            s10 = x1k.fma(wj, s10);
            s20 = x2k.fma(wj, s20);
            s30 = x3k.fma(wj, s30);
            wj = FloatVector.fromArray(F, w, wk + COUNT);
            s01 = x0k.fma(wj, s01);
            s11 = x1k.fma(wj, s11);
            s21 = x2k.fma(wj, s21);
            s31 = x3k.fma(wj, s31);
            wj = FloatVector.fromArray(F, w, wk + 2 * COUNT);
            s02 = x0k.fma(wj, s02);
            s12 = x1k.fma(wj, s12);
            s22 = x2k.fma(wj, s22);
            s32 = x3k.fma(wj, s32);
            wj = FloatVector.fromArray(F, w, wk + 3 * COUNT);
            s03 = x0k.fma(wj, s03);
            s13 = x1k.fma(wj, s13);
            s23 = x2k.fma(wj, s23);
            s33 = x3k.fma(wj, s33);
            wj = FloatVector.fromArray(F, w, wk + 4 * COUNT);
            s04 = x0k.fma(wj, s04);
            s14 = x1k.fma(wj, s14);
            s24 = x2k.fma(wj, s24);
            s34 = x3k.fma(wj, s34);
            wj = FloatVector.fromArray(F, w, wk + 5 * COUNT);
            s05 = x0k.fma(wj, s05);
            s15 = x1k.fma(wj, s15);
            s25 = x2k.fma(wj, s25);
            s35 = x3k.fma(wj, s35);
        }
        s00.intoArray(to, at);
        s10.intoArray(to, at + COUNT);
        s20.intoArray(to, at + 2 * COUNT);
        s30.intoArray(to, at + 3 * COUNT);
        s01.intoArray(to, at + 4 * COUNT);
        s11.intoArray(to, at + 5 * COUNT);
        s21.intoArray(to, at + 6 * COUNT);
        s31.intoArray(to, at + 7 * COUNT);
        s02.intoArray(to, at + 8 * COUNT);
        s12.intoArray(to, at + 9 * COUNT);
        s22.intoArray(to, at + 10 * COUNT);
        s32.intoArray(to, at + 11 * COUNT);
        s03.intoArray(to, at + 12 * COUNT);
        s13.intoArray(to, at + 13 * COUNT);
        s23.intoArray(to, at + 14 * COUNT);
        s33.intoArray(to, at + 15 * COUNT);
        s04.intoArray(to, at + 16 * COUNT);
        s14.intoArray(to, at + 17 * COUNT);
        s24.intoArray(to, at + 18 * COUNT);
        s34.intoArray(to, at + 19 * COUNT);
        s05.intoArray(to, at + 20 * COUNT);
        s15.intoArray(to, at + 21 * COUNT);
        s25.intoArray(to, at + 22 * COUNT);
        s35.intoArray(to, at + 23 * COUNT);
    }

    private static void tile2x6(float[] x, int x0, float[] w, int w0, int steps, float[] to, int at) {
        FloatVector s00 = FloatVector.zero(F);
        FloatVector s10 = FloatVector.zero(F);
        FloatVector s01 = FloatVector.zero(F);
        FloatVector s11 = FloatVector.zero(F);
        FloatVector s02 = FloatVector.zero(F);
        FloatVector s12 = FloatVector.zero(F);
        FloatVector s03 = FloatVector.zero(F);
        FloatVector s13 = FloatVector.zero(F);
        FloatVector s04 = FloatVector.zero(F);
        FloatVector s14 = FloatVector.zero(F);
        FloatVector s05 = FloatVector.zero(F);
        FloatVector s15 = FloatVector.zero(F);
        for (int t = 0, xk = x0, wk = w0; t < steps; t++, xk += TILE_ROWS * COUNT, wk += STEP) {
            FloatVector x0k = FloatVector.fromArray(F, x, xk);
            FloatVector x1k = FloatVector.fromArray(F, x, xk + COUNT);
            FloatVector wj = FloatVector.fromArray(F, w, wk);
            s00 = x0k.fma(wj, s00);
            s10 = x1k.fma(wj, s10);
            wj = FloatVector.fromArray(F, w, wk + COUNT);
            s01 = x0k.fma(wj, s01);
            s11 = x1k.fma(wj, s11);
            wj = FloatVector.fromArray(F, w, wk + 2 * COUNT);
            s02 = x0k.fma(wj, s02);
            s12 = x1k.fma(wj, s12);
            wj = FloatVector.fromArray(F, w, wk + 3 * COUNT);
            s03 = x0k.fma(wj, s03);
            s13 = x1k.fma(wj, s13);
            wj = FloatVector.fromArray(F, w, wk + 4 * COUNT);
            s04 = x0k.fma(wj, s04);
            s14 = x1k.fma(wj, s14);
            wj = FloatVector.fromArray(F, w, wk + 5 * COUNT);
            s05 = x0k.fma(wj, s05);
            s15 = x1k.fma(wj, s15);
        }
        s00.intoArray(to, at);
        s10.intoArray(to, at + COUNT);
        s01.intoArray(to, at + 4 * COUNT);
        s11.intoArray(to, at + 5 * COUNT);
        s02.intoArray(to, at + 8 * COUNT);
        s12.intoArray(to, at + 9 * COUNT);
        s03.intoArray(to, at + 12 * COUNT);
        s13.intoArray(to, at + 13 * COUNT);
        s04.intoArray(to, at + 16 * COUNT);
        s14.intoArray(to, at + 17 * COUNT);
        s05.intoArray(to, at + 20 * COUNT);
        s15.intoArray(to, at + 21 * COUNT);
    }

    /** As {@link #tile2x6}, where the sums have begun: a choice in one method would cost both a tenth. */
    private static void moreOf2x6(float[] x, int x0, float[] w, int w0, int steps, float[] to, int at) {
        FloatVector s00 = FloatVector.fromArray(F, to, at);
        FloatVector s10 = FloatVector.fromArray(F, to, at + COUNT);
        FloatVector s01 = FloatVector.fromArray(F, to, at + 4 * COUNT);
        FloatVector s11 = FloatVector.fromArray(F, to, at + 5 * COUNT);
        FloatVector s02 = FloatVector.fromArray(F, to, at + 8 * COUNT);
        FloatVector s12 = FloatVector.fromArray(F, to, at + 9 * COUNT);
        FloatVector s03 = FloatVector.fromArray(F, to, at + 12 * COUNT);
        FloatVector s13 = FloatVector.fromArray(F, to, at + 13 * COUNT);
        FloatVector s04 = FloatVector.fromArray(F, to, at + 16 * COUNT);
        FloatVector s14 = FloatVector.fromArray(F, to, at + 17 * COUNT);
        FloatVector s05 = FloatVector.fromArray(F, to, at + 20 * COUNT);
        FloatVector s15 = FloatVector.fromArray(F, to, at + 21 * COUNT);
        for (int t = 0, xk = x0, wk = w0; t < steps; t++, xk += TILE_ROWS * COUNT, wk += STEP) {
            FloatVector x0k = FloatVector.fromArray(F, x, xk);
            FloatVector x1k = FloatVector.fromArray(F, x, xk + COUNT);
            FloatVector wj = FloatVector.fromArray(F, w, wk);
            s00 = x0k.fma(wj, s00);
            s10 = x1k.fma(wj, s10);
            wj = FloatVector.fromArray(F, w, wk + COUNT);
            s01 = x0k.fma(wj, s01);
            s11 = x1k.fma(wj, s11);
            wj = FloatVector.fromArray(F, w, wk + 2 * COUNT);
            s02 = x0k.fma(wj, s02);
            s12 = x1k.fma(wj, s12);
            wj = FloatVector.fromArray(F, w, wk + 3 * COUNT);
            s03 = x0k.fma(wj, s03);
            s13 = x1k.fma(wj, s13);
            wj = FloatVector.fromArray(F, w, wk + 4 * COUNT);
            s04 = x0k.fma(wj, s04);
            s14 = x1k.fma(wj, s14);
            wj = FloatVector.fromArray(F, w, wk + 5 * COUNT);
            s05 = x0k.fma(wj, s05);
            s15 = x1k.fma(wj, s15);
        }
        s00.intoArray(to, at);
        s10.intoArray(to, at + COUNT);
        s01.intoArray(to, at + 4 * COUNT);
        s11.intoArray(to, at + 5 * COUNT);
        s02.intoArray(to, at + 8 * COUNT);
        s12.intoArray(to, at + 9 * COUNT);
        s03.intoArray(to, at + 12 * COUNT);
        s13.intoArray(to, at + 13 * COUNT);
        s04.intoArray(to, at + 16 * COUNT);
        s14.intoArray(to, at + 17 * COUNT);
        s05.intoArray(to, at + 20 * COUNT);
        s15.intoArray(to, at + 21 * COUNT);
    }
}
