// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of Y = X·Wᵀ: products of packed rows of X with rows of W in a {@code float[]}, lanes along k.
 *
 * <p>24 sums wait for no fma: two units with a latency of four cycles need eight chains. With the operands they fill 32
 * registers; a machine with 16 spills some to the first-level cache. Their shape follows from the width: 4 × 6 vectors
 * of 16, 4 × 3 pairs of 8, 2 × 3 quadruples of 4, so that one pass over k serves all 16 lanes. That suits few rows of
 * X, which wait for W; where the last two would meet many, {@link SlicedTile} does.
 *
 * <p>The fold begins in registers, where it costs next to nothing: two vectors become one whose lower half holds the
 * sums of the first and whose upper half those of the second. It ends at {@code quads}: 4 lanes a sum, [16 / COUNT
 * groups of rows][{@value Gemm#PANEL} columns][COUNT]. {@link #finish} does the rest from there: a vector may not cross
 * a call, and more work in one method than this makes the compiler spill.
 */
final class GemmTile {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Float> QUAD = FloatVector.SPECIES_128;
    private static final int COUNT = Lanes.COUNT;
    private static final int LANES = Gemm.LANES;
    private static final int PANEL = Gemm.PANEL;
    private static final int TILE_ROWS = Gemm.TILE_ROWS;

    /** Floats of {@code quads} in a group of COUNT / 4 rows. */
    static final int GROUP = PANEL * COUNT;

    /** Lanes whose index has the bit, and the exchange of those with the lanes that lack it. */
    private static final VectorMask<Float> UPPER_8 = upper(8);

    private static final VectorMask<Float> UPPER_4 = upper(4);
    private static final VectorMask<Float> UPPER_2 = upper(2);
    private static final VectorMask<Float> UPPER_1 = upper(1);
    private static final VectorShuffle<Float> SWAP_8 = swap(8);
    private static final VectorShuffle<Float> SWAP_4 = swap(4);
    private static final VectorShuffle<Float> SWAP_2 = swap(2);
    private static final VectorShuffle<Float> SWAP_1 = swap(1);

    private GemmTile() {}

    static VectorMask<Float> upper(int bit) {
        boolean[] lanes = new boolean[COUNT];
        for (int l = 0; l < COUNT; l++) {
            lanes[l] = (l & bit) != 0;
        }
        return VectorMask.fromArray(F, lanes, 0);
    }

    static VectorShuffle<Float> swap(int bit) {
        return VectorShuffle.fromOp(F, l -> (l ^ bit) % COUNT);
    }

    /**
     * 4 rows of X with a panel of W.
     *
     * @param x packed rows [k/16][4][16] from x0 on
     * @param w rows at w0, w0 + stride ...
     * @param width rows of W in the panel; columns of quads beyond are garbage
     * @param end k, a positive multiple of 16
     * @param quads receives the sums
     * @param ahead an index of w from which every step of k touches an element, to have it in cache later
     * @param spread how far apart the {@value Gemm#STREAMS} streams of touched elements begin, which take turns; 0 for
     *     a single element
     * @param step how far the touched elements of a stream lie apart
     * @return what was touched, so that the compiler cannot leave it out
     */
    static int panel(
            float[] x,
            int x0,
            float[] w,
            int w0,
            int stride,
            int width,
            int end,
            float[] quads,
            int ahead,
            int spread,
            int step) {
        int last = w0 + (width - 1) * stride;
        if (COUNT == 16) {
            int seen = tile4x6(x, x0, w, w0, stride, last, end, quads, 0, ahead, spread, step);
            if (width > 6) {
                int next = ahead + end / LANES / Gemm.STREAMS * step;
                seen |= tile4x6(x, x0, w, w0 + 6 * stride, stride, last, end, quads, 6 * COUNT, next, spread, step);
            }
            return seen;
        }
        for (int j = 0; j < width; j += 3) {
            if (COUNT == 8) {
                tile4x3x2(x, x0, w, w0 + j * stride, stride, last, end, quads, j * COUNT);
            } else {
                tile2x3x4(x, x0, w, w0 + j * stride, stride, last, end, quads, j * COUNT);
                int lower = 2 * GROUP + j * COUNT;
                tile2x3x4(x, x0 + 2 * LANES, w, w0 + j * stride, stride, last, end, quads, lower);
            }
        }
        return 0;
    }

    /**
     * Folds the quads to sums.
     *
     * @param quads of 4 rows and a panel
     * @param sums receives [3][4 rows][4 columns]
     */
    static void finish(float[] quads, float[] sums) {
        for (int group = 0; group < LANES / COUNT; group++) {
            for (int j = 0; j < PANEL; j += 4) {
                int at = group * GROUP + j * COUNT;
                FloatVector a = FloatVector.fromArray(F, quads, at);
                FloatVector b = FloatVector.fromArray(F, quads, at + COUNT);
                FloatVector c = FloatVector.fromArray(F, quads, at + 2 * COUNT);
                FloatVector d = FloatVector.fromArray(F, quads, at + 3 * COUNT);
                FloatVector even = a.blend(c, UPPER_2).add(c.blend(a, UPPER_2).rearrange(SWAP_2));
                FloatVector odd = b.blend(d, UPPER_2).add(d.blend(b, UPPER_2).rearrange(SWAP_2));
                even.blend(odd, UPPER_1)
                        .add(odd.blend(even, UPPER_1).rearrange(SWAP_1))
                        .intoArray(sums, 4 * j + group * COUNT);
            }
        }
    }

    /** Copies 4 × {@value Gemm#PANEL} sums to where they belong. */
    static void store(float[] sums, float[] y, int to, int columns) {
        for (int i = 0; i < TILE_ROWS; i++) {
            FloatVector.fromArray(QUAD, sums, 4 * i).intoArray(y, to + i * columns);
            FloatVector.fromArray(QUAD, sums, 16 + 4 * i).intoArray(y, to + i * columns + 4);
            FloatVector.fromArray(QUAD, sums, 32 + 4 * i).intoArray(y, to + i * columns + 8);
        }
    }

    static int tile4x6(
            float[] x,
            int x0,
            float[] w,
            int w0,
            int stride,
            int last,
            int end,
            float[] quads,
            int to,
            int ahead,
            int spread,
            int step) {
        int w1 = Math.min(w0 + stride, last);
        int w2 = Math.min(w0 + 2 * stride, last);
        int w3 = Math.min(w0 + 3 * stride, last);
        int w4 = Math.min(w0 + 4 * stride, last);
        int w5 = Math.min(w0 + 5 * stride, last);
        FloatVector s00 = FloatVector.zero(F);
        FloatVector s01 = FloatVector.zero(F);
        FloatVector s02 = FloatVector.zero(F);
        FloatVector s03 = FloatVector.zero(F);
        FloatVector s04 = FloatVector.zero(F);
        FloatVector s05 = FloatVector.zero(F);
        FloatVector s10 = FloatVector.zero(F);
        FloatVector s11 = FloatVector.zero(F);
        FloatVector s12 = FloatVector.zero(F);
        FloatVector s13 = FloatVector.zero(F);
        FloatVector s14 = FloatVector.zero(F);
        FloatVector s15 = FloatVector.zero(F);
        FloatVector s20 = FloatVector.zero(F);
        FloatVector s21 = FloatVector.zero(F);
        FloatVector s22 = FloatVector.zero(F);
        FloatVector s23 = FloatVector.zero(F);
        FloatVector s24 = FloatVector.zero(F);
        FloatVector s25 = FloatVector.zero(F);
        FloatVector s30 = FloatVector.zero(F);
        FloatVector s31 = FloatVector.zero(F);
        FloatVector s32 = FloatVector.zero(F);
        FloatVector s33 = FloatVector.zero(F);
        FloatVector s34 = FloatVector.zero(F);
        FloatVector s35 = FloatVector.zero(F);
        int lastStream = ahead + (Gemm.STREAMS - 1) * spread;
        int back = (Gemm.STREAMS - 1) * spread - step;
        int at = ahead;
        int seen = 0;
        for (int k = 0, xk = x0; k < end; k += LANES, xk += TILE_ROWS * LANES) {
            seen |= Float.floatToRawIntBits(w[at]);
            at = at < lastStream ? at + spread : at - back;
            FloatVector x0k = FloatVector.fromArray(F, x, xk);
            FloatVector x1k = FloatVector.fromArray(F, x, xk + LANES);
            FloatVector x2k = FloatVector.fromArray(F, x, xk + 2 * LANES);
            FloatVector x3k = FloatVector.fromArray(F, x, xk + 3 * LANES);
            FloatVector wk = FloatVector.fromArray(F, w, w0 + k);
            s00 = x0k.fma(wk, s00);
            s10 = x1k.fma(wk, s10);
            s20 = x2k.fma(wk, s20);
            s30 = x3k.fma(wk, s30);
            wk = FloatVector.fromArray(F, w, w1 + k);
            s01 = x0k.fma(wk, s01);
            s11 = x1k.fma(wk, s11);
            s21 = x2k.fma(wk, s21);
            s31 = x3k.fma(wk, s31);
            wk = FloatVector.fromArray(F, w, w2 + k);
            s02 = x0k.fma(wk, s02);
            s12 = x1k.fma(wk, s12);
            s22 = x2k.fma(wk, s22);
            s32 = x3k.fma(wk, s32);
            wk = FloatVector.fromArray(F, w, w3 + k);
            s03 = x0k.fma(wk, s03);
            s13 = x1k.fma(wk, s13);
            s23 = x2k.fma(wk, s23);
            s33 = x3k.fma(wk, s33);
            wk = FloatVector.fromArray(F, w, w4 + k);
            s04 = x0k.fma(wk, s04);
            s14 = x1k.fma(wk, s14);
            s24 = x2k.fma(wk, s24);
            s34 = x3k.fma(wk, s34);
            wk = FloatVector.fromArray(F, w, w5 + k);
            s05 = x0k.fma(wk, s05);
            s15 = x1k.fma(wk, s15);
            s25 = x2k.fma(wk, s25);
            s35 = x3k.fma(wk, s35);
        }
        FloatVector even = s00.blend(s20, UPPER_8).add(s20.blend(s00, UPPER_8).rearrange(SWAP_8));
        FloatVector odd = s10.blend(s30, UPPER_8).add(s30.blend(s10, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to);
        even = s01.blend(s21, UPPER_8).add(s21.blend(s01, UPPER_8).rearrange(SWAP_8));
        odd = s11.blend(s31, UPPER_8).add(s31.blend(s11, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + COUNT);
        even = s02.blend(s22, UPPER_8).add(s22.blend(s02, UPPER_8).rearrange(SWAP_8));
        odd = s12.blend(s32, UPPER_8).add(s32.blend(s12, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + 2 * COUNT);
        even = s03.blend(s23, UPPER_8).add(s23.blend(s03, UPPER_8).rearrange(SWAP_8));
        odd = s13.blend(s33, UPPER_8).add(s33.blend(s13, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + 3 * COUNT);
        even = s04.blend(s24, UPPER_8).add(s24.blend(s04, UPPER_8).rearrange(SWAP_8));
        odd = s14.blend(s34, UPPER_8).add(s34.blend(s14, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + 4 * COUNT);
        even = s05.blend(s25, UPPER_8).add(s25.blend(s05, UPPER_8).rearrange(SWAP_8));
        odd = s15.blend(s35, UPPER_8).add(s35.blend(s15, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + 5 * COUNT);
        return seen;
    }

    static void tile4x3x2(float[] x, int x0, float[] w, int w0, int stride, int last, int end, float[] quads, int to) {
        int w1 = Math.min(w0 + stride, last);
        int w2 = Math.min(w0 + 2 * stride, last);
        FloatVector s00a = FloatVector.zero(F);
        FloatVector s00b = FloatVector.zero(F);
        FloatVector s01a = FloatVector.zero(F);
        FloatVector s01b = FloatVector.zero(F);
        FloatVector s02a = FloatVector.zero(F);
        FloatVector s02b = FloatVector.zero(F);
        FloatVector s10a = FloatVector.zero(F);
        FloatVector s10b = FloatVector.zero(F);
        FloatVector s11a = FloatVector.zero(F);
        FloatVector s11b = FloatVector.zero(F);
        FloatVector s12a = FloatVector.zero(F);
        FloatVector s12b = FloatVector.zero(F);
        FloatVector s20a = FloatVector.zero(F);
        FloatVector s20b = FloatVector.zero(F);
        FloatVector s21a = FloatVector.zero(F);
        FloatVector s21b = FloatVector.zero(F);
        FloatVector s22a = FloatVector.zero(F);
        FloatVector s22b = FloatVector.zero(F);
        FloatVector s30a = FloatVector.zero(F);
        FloatVector s30b = FloatVector.zero(F);
        FloatVector s31a = FloatVector.zero(F);
        FloatVector s31b = FloatVector.zero(F);
        FloatVector s32a = FloatVector.zero(F);
        FloatVector s32b = FloatVector.zero(F);
        for (int k = 0, xk = x0; k < end; k += LANES, xk += TILE_ROWS * LANES) {
            FloatVector x0a = FloatVector.fromArray(F, x, xk);
            FloatVector x0b = FloatVector.fromArray(F, x, xk + COUNT);
            FloatVector x1a = FloatVector.fromArray(F, x, xk + LANES);
            FloatVector x1b = FloatVector.fromArray(F, x, xk + LANES + COUNT);
            FloatVector x2a = FloatVector.fromArray(F, x, xk + 2 * LANES);
            FloatVector x2b = FloatVector.fromArray(F, x, xk + 2 * LANES + COUNT);
            FloatVector x3a = FloatVector.fromArray(F, x, xk + 3 * LANES);
            FloatVector x3b = FloatVector.fromArray(F, x, xk + 3 * LANES + COUNT);
            FloatVector wka = FloatVector.fromArray(F, w, w0 + k);
            FloatVector wkb = FloatVector.fromArray(F, w, w0 + k + COUNT);
            s00a = x0a.fma(wka, s00a);
            s00b = x0b.fma(wkb, s00b);
            s10a = x1a.fma(wka, s10a);
            s10b = x1b.fma(wkb, s10b);
            s20a = x2a.fma(wka, s20a);
            s20b = x2b.fma(wkb, s20b);
            s30a = x3a.fma(wka, s30a);
            s30b = x3b.fma(wkb, s30b);
            wka = FloatVector.fromArray(F, w, w1 + k);
            wkb = FloatVector.fromArray(F, w, w1 + k + COUNT);
            s01a = x0a.fma(wka, s01a);
            s01b = x0b.fma(wkb, s01b);
            s11a = x1a.fma(wka, s11a);
            s11b = x1b.fma(wkb, s11b);
            s21a = x2a.fma(wka, s21a);
            s21b = x2b.fma(wkb, s21b);
            s31a = x3a.fma(wka, s31a);
            s31b = x3b.fma(wkb, s31b);
            wka = FloatVector.fromArray(F, w, w2 + k);
            wkb = FloatVector.fromArray(F, w, w2 + k + COUNT);
            s02a = x0a.fma(wka, s02a);
            s02b = x0b.fma(wkb, s02b);
            s12a = x1a.fma(wka, s12a);
            s12b = x1b.fma(wkb, s12b);
            s22a = x2a.fma(wka, s22a);
            s22b = x2b.fma(wkb, s22b);
            s32a = x3a.fma(wka, s32a);
            s32b = x3b.fma(wkb, s32b);
        }
        FloatVector even = s00a.add(s00b);
        FloatVector odd = s10a.add(s10b);
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to);
        even = s20a.add(s20b);
        odd = s30a.add(s30b);
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + GROUP);
        even = s01a.add(s01b);
        odd = s11a.add(s11b);
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + COUNT);
        even = s21a.add(s21b);
        odd = s31a.add(s31b);
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + GROUP + COUNT);
        even = s02a.add(s02b);
        odd = s12a.add(s12b);
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + 2 * COUNT);
        even = s22a.add(s22b);
        odd = s32a.add(s32b);
        even.blend(odd, UPPER_4)
                .add(odd.blend(even, UPPER_4).rearrange(SWAP_4))
                .intoArray(quads, to + GROUP + 2 * COUNT);
    }

    static void tile2x3x4(float[] x, int x0, float[] w, int w0, int stride, int last, int end, float[] quads, int to) {
        int w1 = Math.min(w0 + stride, last);
        int w2 = Math.min(w0 + 2 * stride, last);
        FloatVector s00a = FloatVector.zero(F);
        FloatVector s00b = FloatVector.zero(F);
        FloatVector s00c = FloatVector.zero(F);
        FloatVector s00d = FloatVector.zero(F);
        FloatVector s01a = FloatVector.zero(F);
        FloatVector s01b = FloatVector.zero(F);
        FloatVector s01c = FloatVector.zero(F);
        FloatVector s01d = FloatVector.zero(F);
        FloatVector s02a = FloatVector.zero(F);
        FloatVector s02b = FloatVector.zero(F);
        FloatVector s02c = FloatVector.zero(F);
        FloatVector s02d = FloatVector.zero(F);
        FloatVector s10a = FloatVector.zero(F);
        FloatVector s10b = FloatVector.zero(F);
        FloatVector s10c = FloatVector.zero(F);
        FloatVector s10d = FloatVector.zero(F);
        FloatVector s11a = FloatVector.zero(F);
        FloatVector s11b = FloatVector.zero(F);
        FloatVector s11c = FloatVector.zero(F);
        FloatVector s11d = FloatVector.zero(F);
        FloatVector s12a = FloatVector.zero(F);
        FloatVector s12b = FloatVector.zero(F);
        FloatVector s12c = FloatVector.zero(F);
        FloatVector s12d = FloatVector.zero(F);
        for (int k = 0, xk = x0; k < end; k += LANES, xk += TILE_ROWS * LANES) {
            FloatVector x0a = FloatVector.fromArray(F, x, xk);
            FloatVector x0b = FloatVector.fromArray(F, x, xk + COUNT);
            FloatVector x0c = FloatVector.fromArray(F, x, xk + 2 * COUNT);
            FloatVector x0d = FloatVector.fromArray(F, x, xk + 3 * COUNT);
            FloatVector x1a = FloatVector.fromArray(F, x, xk + LANES);
            FloatVector x1b = FloatVector.fromArray(F, x, xk + LANES + COUNT);
            FloatVector x1c = FloatVector.fromArray(F, x, xk + LANES + 2 * COUNT);
            FloatVector x1d = FloatVector.fromArray(F, x, xk + LANES + 3 * COUNT);
            FloatVector wka = FloatVector.fromArray(F, w, w0 + k);
            FloatVector wkb = FloatVector.fromArray(F, w, w0 + k + COUNT);
            FloatVector wkc = FloatVector.fromArray(F, w, w0 + k + 2 * COUNT);
            FloatVector wkd = FloatVector.fromArray(F, w, w0 + k + 3 * COUNT);
            s00a = x0a.fma(wka, s00a);
            s00b = x0b.fma(wkb, s00b);
            s00c = x0c.fma(wkc, s00c);
            s00d = x0d.fma(wkd, s00d);
            s10a = x1a.fma(wka, s10a);
            s10b = x1b.fma(wkb, s10b);
            s10c = x1c.fma(wkc, s10c);
            s10d = x1d.fma(wkd, s10d);
            wka = FloatVector.fromArray(F, w, w1 + k);
            wkb = FloatVector.fromArray(F, w, w1 + k + COUNT);
            wkc = FloatVector.fromArray(F, w, w1 + k + 2 * COUNT);
            wkd = FloatVector.fromArray(F, w, w1 + k + 3 * COUNT);
            s01a = x0a.fma(wka, s01a);
            s01b = x0b.fma(wkb, s01b);
            s01c = x0c.fma(wkc, s01c);
            s01d = x0d.fma(wkd, s01d);
            s11a = x1a.fma(wka, s11a);
            s11b = x1b.fma(wkb, s11b);
            s11c = x1c.fma(wkc, s11c);
            s11d = x1d.fma(wkd, s11d);
            wka = FloatVector.fromArray(F, w, w2 + k);
            wkb = FloatVector.fromArray(F, w, w2 + k + COUNT);
            wkc = FloatVector.fromArray(F, w, w2 + k + 2 * COUNT);
            wkd = FloatVector.fromArray(F, w, w2 + k + 3 * COUNT);
            s02a = x0a.fma(wka, s02a);
            s02b = x0b.fma(wkb, s02b);
            s02c = x0c.fma(wkc, s02c);
            s02d = x0d.fma(wkd, s02d);
            s12a = x1a.fma(wka, s12a);
            s12b = x1b.fma(wkb, s12b);
            s12c = x1c.fma(wkc, s12c);
            s12d = x1d.fma(wkd, s12d);
        }
        s00a.add(s00c).add(s00b.add(s00d)).intoArray(quads, to);
        s10a.add(s10c).add(s10b.add(s10d)).intoArray(quads, to + GROUP);
        s01a.add(s01c).add(s01b.add(s01d)).intoArray(quads, to + COUNT);
        s11a.add(s11c).add(s11b.add(s11d)).intoArray(quads, to + GROUP + COUNT);
        s02a.add(s02c).add(s02b.add(s02d)).intoArray(quads, to + 2 * COUNT);
        s12a.add(s12c).add(s12b.add(s12d)).intoArray(quads, to + GROUP + 2 * COUNT);
    }
}
