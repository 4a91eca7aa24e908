// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.PackedLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Four rows of X and 64 of W: 8 vectors of exact 16-bit sums at 512 bits, and what scales them. The sums cross from one
 * method to the other in memory.
 */
final class PackedTile {
    /** Rows of X in a tile. */
    static final int ROWS = 4;

    /** Rows of W in a tile. */
    static final int COLUMNS = 64;

    private static final VectorSpecies<Float> F = PackedScales.F;
    private static final VectorSpecies<Short> S = PackedScales.S;
    private static final int COUNT = F.length();
    private static final int SHORTS = S.length();
    private static final int BLOCK = PackedLayout.BLOCK;
    private static final int STRIP = PackedLayout.STRIP;

    private PackedTile() {}

    /**
     * Sums of a run.
     *
     * @param w codes [length][64] from w0 on
     * @param x codes [4][32] from x0 on
     * @param length of the run
     * @param sums receives [4][64] from {@code to} on
     */
    static void products(short[] w, int w0, short[] x, int x0, int length, short[] sums, int to) {
        for (int lane = 0; lane < COLUMNS; lane += 2 * SHORTS) {
            ShortVector s00 = ShortVector.zero(S);
            ShortVector s01 = s00;
            ShortVector s10 = s00;
            ShortVector s11 = s00;
            ShortVector s20 = s00;
            ShortVector s21 = s00;
            ShortVector s30 = s00;
            ShortVector s31 = s00;
            for (int k = 0; k < length; k++) {
                ShortVector a = ShortVector.fromArray(S, w, w0 + k * COLUMNS + lane);
                ShortVector b = ShortVector.fromArray(S, w, w0 + k * COLUMNS + lane + SHORTS);
                ShortVector factor = ShortVector.broadcast(S, x[x0 + k]);
                s00 = s00.add(a.mul(factor));
                s01 = s01.add(b.mul(factor));
                factor = ShortVector.broadcast(S, x[x0 + BLOCK + k]);
                s10 = s10.add(a.mul(factor));
                s11 = s11.add(b.mul(factor));
                factor = ShortVector.broadcast(S, x[x0 + 2 * BLOCK + k]);
                s20 = s20.add(a.mul(factor));
                s21 = s21.add(b.mul(factor));
                factor = ShortVector.broadcast(S, x[x0 + 3 * BLOCK + k]);
                s30 = s30.add(a.mul(factor));
                s31 = s31.add(b.mul(factor));
            }
            int at = to + lane;
            s00.intoArray(sums, at);
            s01.intoArray(sums, at + SHORTS);
            s10.intoArray(sums, at + COLUMNS);
            s11.intoArray(sums, at + COLUMNS + SHORTS);
            s20.intoArray(sums, at + 2 * COLUMNS);
            s21.intoArray(sums, at + 2 * COLUMNS + SHORTS);
            s30.intoArray(sums, at + 3 * COLUMNS);
            s31.intoArray(sums, at + 3 * COLUMNS + SHORTS);
        }
    }

    private static int row(int lane) {
        return lane / PackedLayout.GROUP * PackedLayout.GROUP + lane % PackedLayout.GROUP / 2;
    }

    /**
     * y = fma(sum, scale·a, y) for a tile of sums of one run.
     *
     * @param sums [4][64], of which each stands for 2¹⁶ times itself
     * @param scales of 64 rows of W from {@code n} on, times {@link PackedScales#UPPER_HALF}
     * @param a scales of four rows of X from {@code a0} on
     * @param y [4][128] from {@code to} on
     */
    static void scale(short[] sums, float[] scales, int n, float[] a, int a0, float[] y, int to) {
        for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
            int row = row(lane);
            FloatVector low = FloatVector.fromArray(F, scales, n + row);
            FloatVector high = FloatVector.fromArray(F, scales, n + row + 16);
            for (int m = 0; m < ROWS; m++) {
                float d = a[a0 + m];
                int at = to + m * STRIP + row;
                IntVector s = ShortVector.fromArray(S, sums, m * COLUMNS + lane).reinterpretAsInts();
                ((FloatVector) s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .fma(low.mul(d), FloatVector.fromArray(F, y, at))
                        .intoArray(y, at);
                ((FloatVector) s.and(PackedScales.UPPER_BITS).convert(VectorOperators.I2F, 0))
                        .fma(high.mul(d), FloatVector.fromArray(F, y, at + 16))
                        .intoArray(y, at + 16);
            }
        }
    }

    /**
     * As {@link #scale}, then y = fma(constant, total, y).
     *
     * @param constants of 64 rows of W from {@code n} on
     * @param totals of four rows of X from {@code a0} on
     */
    static void scaleAffine(
            short[] sums,
            float[] scales,
            float[] constants,
            int n,
            float[] a,
            float[] totals,
            int a0,
            float[] y,
            int to) {
        for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
            int row = row(lane);
            FloatVector low = FloatVector.fromArray(F, scales, n + row);
            FloatVector high = FloatVector.fromArray(F, scales, n + row + 16);
            FloatVector lowConstant = FloatVector.fromArray(F, constants, n + row);
            FloatVector highConstant = FloatVector.fromArray(F, constants, n + row + 16);
            for (int m = 0; m < ROWS; m++) {
                float d = a[a0 + m];
                FloatVector total = FloatVector.broadcast(F, totals[a0 + m]);
                int at = to + m * STRIP + row;
                IntVector s = ShortVector.fromArray(S, sums, m * COLUMNS + lane).reinterpretAsInts();
                FloatVector sum = ((FloatVector)
                                s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .fma(low.mul(d), FloatVector.fromArray(F, y, at));
                lowConstant.fma(total, sum).intoArray(y, at);
                sum = ((FloatVector) s.and(PackedScales.UPPER_BITS).convert(VectorOperators.I2F, 0))
                        .fma(high.mul(d), FloatVector.fromArray(F, y, at + 16));
                highConstant.fma(total, sum).intoArray(y, at + 16);
            }
        }
    }

    /** As {@link #scale} for the sums of two runs, [2][4][64] from {@code from} on, with scales as they are. */
    static void scaleOfTwo(short[] sums, int from, float[] scales, int n, float[] a, int a0, float[] y, int to) {
        for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
            int row = row(lane);
            FloatVector low = FloatVector.fromArray(F, scales, n + row);
            FloatVector high = FloatVector.fromArray(F, scales, n + row + 16);
            for (int m = 0; m < ROWS; m++) {
                float d = a[a0 + m];
                int at = to + m * STRIP + row;
                int first = from + m * COLUMNS + lane;
                IntVector s = ShortVector.fromArray(S, sums, first).reinterpretAsInts();
                IntVector t =
                        ShortVector.fromArray(S, sums, first + ROWS * COLUMNS).reinterpretAsInts();
                IntVector both = s.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 16)
                        .add(t.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
                ((FloatVector) both.convert(VectorOperators.I2F, 0))
                        .fma(low.mul(d), FloatVector.fromArray(F, y, at))
                        .intoArray(y, at);
                both = s.lanewise(VectorOperators.ASHR, 16).add(t.lanewise(VectorOperators.ASHR, 16));
                ((FloatVector) both.convert(VectorOperators.I2F, 0))
                        .fma(high.mul(d), FloatVector.fromArray(F, y, at + 16))
                        .intoArray(y, at + 16);
            }
        }
    }

    /** y = fma(constant, total, y) for a tile. */
    static void add(float[] constants, int n, float[] totals, int a0, float[] y, int to) {
        for (int m = 0; m < ROWS; m++) {
            FloatVector total = FloatVector.broadcast(F, totals[a0 + m]);
            for (int i = 0; i < COLUMNS; i += COUNT) {
                int at = to + m * STRIP + i;
                FloatVector.fromArray(F, constants, n + i)
                        .fma(total, FloatVector.fromArray(F, y, at))
                        .intoArray(y, at);
            }
        }
    }
}
