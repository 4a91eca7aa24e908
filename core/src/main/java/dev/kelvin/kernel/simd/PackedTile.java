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
 *
 * <p>The methods that scale are called from one loop, into which C2 inlines those that are smaller than 325 bytes of
 * code until it reaches its limit of nodes. From there on it still inlines the Vector API but nothing else, and a
 * method that takes or returns vectors boxes them: so there is none, and conversions are spelled out.
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

    /** Which row of a strip, or of W in a tile, has the lower half of the int at a lane. */
    static int row(int lane) {
        return lane / PackedLayout.GROUP * PackedLayout.GROUP + lane % PackedLayout.GROUP / 2;
    }

    /**
     * y = fma(sum, scale·a, y) for a tile of sums of one run.
     *
     * @param sums [4][64], of which each is taken 2¹⁶ times
     * @param scales of 64 rows of W, times {@link PackedScales#UPPER_HALF}
     * @param a scales of four rows of X from {@code a0} on
     * @param y [4][64] from {@code to} on
     */
    static void scale(short[] sums, float[] scales, float[] a, int a0, float[] y, int to) {
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        for (int m = 0; m < ROWS; m += 2) {
            FloatVector factor = FloatVector.broadcast(F, a[a0 + m]);
            FloatVector nextFactor = FloatVector.broadcast(F, a[a0 + m + 1]);
            for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
                int row = row(lane);
                FloatVector low = FloatVector.fromArray(F, scales, row);
                FloatVector high = FloatVector.fromArray(F, scales, row + 16);
                int at = to + m * COLUMNS + row;
                IntVector s = ShortVector.fromArray(S, sums, m * COLUMNS + lane).reinterpretAsInts();
                ((FloatVector) s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .fma(low.mul(factor), FloatVector.fromArray(F, y, at))
                        .intoArray(y, at);
                ((FloatVector) s.and(upper).convert(VectorOperators.I2F, 0))
                        .fma(high.mul(factor), FloatVector.fromArray(F, y, at + 16))
                        .intoArray(y, at + 16);
                at += COLUMNS;
                s = ShortVector.fromArray(S, sums, (m + 1) * COLUMNS + lane).reinterpretAsInts();
                ((FloatVector) s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .fma(low.mul(nextFactor), FloatVector.fromArray(F, y, at))
                        .intoArray(y, at);
                ((FloatVector) s.and(upper).convert(VectorOperators.I2F, 0))
                        .fma(high.mul(nextFactor), FloatVector.fromArray(F, y, at + 16))
                        .intoArray(y, at + 16);
            }
        }
    }

    /** y = fma(sum, scale·a, y) for the sums of two runs of one block, [2][4][64]. */
    static void scaleOfTwo(short[] sums, float[] scales, float[] a, int a0, float[] y, int to) {
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        for (int m = 0; m < ROWS; m++) {
            FloatVector factor = FloatVector.broadcast(F, a[a0 + m]);
            for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
                int row = row(lane);
                int at = to + m * COLUMNS + row;
                int from = m * COLUMNS + lane;
                IntVector s = ShortVector.fromArray(S, sums, from).reinterpretAsInts();
                IntVector t =
                        ShortVector.fromArray(S, sums, from + ROWS * COLUMNS).reinterpretAsInts();
                ((FloatVector) s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .add(((FloatVector) t.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0)))
                        .fma(FloatVector.fromArray(F, scales, row).mul(factor), FloatVector.fromArray(F, y, at))
                        .intoArray(y, at);
                ((FloatVector) s.and(upper).convert(VectorOperators.I2F, 0))
                        .add(((FloatVector) t.and(upper).convert(VectorOperators.I2F, 0)))
                        .fma(
                                FloatVector.fromArray(F, scales, row + 16).mul(factor),
                                FloatVector.fromArray(F, y, at + 16))
                        .intoArray(y, at + 16);
            }
        }
    }

    /**
     * y = fma(min, total, fma(scale, fma(sum, a, center·total), y)) for a tile of sums of one run.
     *
     * @param sums [4][64], of which each is taken 2¹⁶ times
     * @param scales of 64 rows of W, times the center of the codes
     * @param mins of 64 rows of W
     * @param shift 2⁻¹⁶/center
     * @param totals of four rows of X from {@code a0} on, where in {@code a} their scales are
     */
    static void scaleWithMin(
            short[] sums,
            float[] scales,
            float[] mins,
            float shift,
            float[] a,
            float[] totals,
            int a0,
            float[] y,
            int to) {
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        for (int m = 0; m < ROWS; m++) {
            FloatVector factor = FloatVector.broadcast(F, a[a0 + m] * shift);
            FloatVector total = FloatVector.broadcast(F, totals[a0 + m]);
            for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
                int row = row(lane);
                int at = to + m * COLUMNS + row;
                IntVector s = ShortVector.fromArray(S, sums, m * COLUMNS + lane).reinterpretAsInts();
                FloatVector low = ((FloatVector)
                                s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .fma(factor, total)
                        .fma(FloatVector.fromArray(F, scales, row), FloatVector.fromArray(F, y, at));
                FloatVector.fromArray(F, mins, row).fma(total, low).intoArray(y, at);
                FloatVector high = ((FloatVector) s.and(upper).convert(VectorOperators.I2F, 0))
                        .fma(factor, total)
                        .fma(FloatVector.fromArray(F, scales, row + 16), FloatVector.fromArray(F, y, at + 16));
                FloatVector.fromArray(F, mins, row + 16).fma(total, high).intoArray(y, at + 16);
            }
        }
    }

    /** The same for the sums of two runs of one block, [2][4][64]. */
    static void scaleWithMinOfTwo(
            short[] sums,
            float[] scales,
            float[] mins,
            float shift,
            float[] a,
            float[] totals,
            int a0,
            float[] y,
            int to) {
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        for (int m = 0; m < ROWS; m++) {
            FloatVector factor = FloatVector.broadcast(F, a[a0 + m] * shift);
            FloatVector total = FloatVector.broadcast(F, totals[a0 + m]);
            for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
                int row = row(lane);
                int at = to + m * COLUMNS + row;
                int from = m * COLUMNS + lane;
                IntVector s = ShortVector.fromArray(S, sums, from).reinterpretAsInts();
                IntVector t =
                        ShortVector.fromArray(S, sums, from + ROWS * COLUMNS).reinterpretAsInts();
                FloatVector low = ((FloatVector)
                                s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .add(((FloatVector) t.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0)))
                        .fma(factor, total)
                        .fma(FloatVector.fromArray(F, scales, row), FloatVector.fromArray(F, y, at));
                FloatVector.fromArray(F, mins, row).fma(total, low).intoArray(y, at);
                FloatVector high = ((FloatVector) s.and(upper).convert(VectorOperators.I2F, 0))
                        .add(((FloatVector) t.and(upper).convert(VectorOperators.I2F, 0)))
                        .fma(factor, total)
                        .fma(FloatVector.fromArray(F, scales, row + 16), FloatVector.fromArray(F, y, at + 16));
                FloatVector.fromArray(F, mins, row + 16).fma(total, high).intoArray(y, at + 16);
            }
        }
    }

    /**
     * u = fma(scale, fma(sum, a, center·total), u) for a tile of sums of one block, then of the next, where the tile
     * holds u/center: u is fetched and stored once for both.
     *
     * @param sums [2][4][64], of which each is taken 2¹⁶ times
     * @param scales of 64 rows of W, [2][64]
     * @param center of the codes
     * @param totals of four rows of X from {@code a0} on, those of the next block from {@code a1} on
     * @param u [4][64] from {@code to} on
     */
    static void scaleCentered(
            short[] sums, float[] scales, float center, float[] a, float[] totals, int a0, int a1, float[] u, int to) {
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        float shift = PackedScales.UPPER_HALF / center;
        for (int m = 0; m < ROWS; m++) {
            FloatVector factor = FloatVector.broadcast(F, a[a0 + m] * shift);
            FloatVector total = FloatVector.broadcast(F, totals[a0 + m]);
            FloatVector nextFactor = FloatVector.broadcast(F, a[a1 + m] * shift);
            FloatVector nextTotal = FloatVector.broadcast(F, totals[a1 + m]);
            for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
                int row = row(lane);
                int at = to + m * COLUMNS + row;
                int from = m * COLUMNS + lane;
                IntVector s = ShortVector.fromArray(S, sums, from).reinterpretAsInts();
                IntVector t =
                        ShortVector.fromArray(S, sums, from + ROWS * COLUMNS).reinterpretAsInts();
                FloatVector low = ((FloatVector)
                                s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .fma(factor, total)
                        .fma(FloatVector.fromArray(F, scales, row), FloatVector.fromArray(F, u, at));
                ((FloatVector) t.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .fma(nextFactor, nextTotal)
                        .fma(FloatVector.fromArray(F, scales, COLUMNS + row), low)
                        .intoArray(u, at);
                FloatVector high = ((FloatVector) s.and(upper).convert(VectorOperators.I2F, 0))
                        .fma(factor, total)
                        .fma(FloatVector.fromArray(F, scales, row + 16), FloatVector.fromArray(F, u, at + 16));
                ((FloatVector) t.and(upper).convert(VectorOperators.I2F, 0))
                        .fma(nextFactor, nextTotal)
                        .fma(FloatVector.fromArray(F, scales, COLUMNS + row + 16), high)
                        .intoArray(u, at + 16);
            }
        }
    }

    /** u = fma(scale, fma(sum, a, center·total), u) for the sums of two runs of one block, [2][4][64]. */
    static void scaleCenteredOfTwo(
            short[] sums, float[] scales, float center, float[] a, float[] totals, int a0, float[] u, int to) {
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        for (int m = 0; m < ROWS; m++) {
            FloatVector factor = FloatVector.broadcast(F, a[a0 + m] * (PackedScales.UPPER_HALF / center));
            FloatVector total = FloatVector.broadcast(F, totals[a0 + m]);
            for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
                int row = row(lane);
                int at = to + m * COLUMNS + row;
                int from = m * COLUMNS + lane;
                IntVector s = ShortVector.fromArray(S, sums, from).reinterpretAsInts();
                IntVector t =
                        ShortVector.fromArray(S, sums, from + ROWS * COLUMNS).reinterpretAsInts();
                ((FloatVector) s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .add(((FloatVector) t.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0)))
                        .fma(factor, total)
                        .fma(FloatVector.fromArray(F, scales, row), FloatVector.fromArray(F, u, at))
                        .intoArray(u, at);
                ((FloatVector) s.and(upper).convert(VectorOperators.I2F, 0))
                        .add(((FloatVector) t.and(upper).convert(VectorOperators.I2F, 0)))
                        .fma(factor, total)
                        .fma(FloatVector.fromArray(F, scales, row + 16), FloatVector.fromArray(F, u, at + 16))
                        .intoArray(u, at + 16);
            }
        }
    }

    /**
     * u = fma(scale₀·(sum₀ + sum₁) + scale₁·(sum₂ + sum₃), a, u) for the sums of four runs, [4][4][64]; the tile holds
     * u·2⁴⁰.
     *
     * @param scales [2][64], times 2²⁴
     */
    static void scalePairs(short[] sums, float[] scales, float[] a, int a0, float[] u, int to) {
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        int run = ROWS * COLUMNS;
        for (int m = 0; m < ROWS; m++) {
            FloatVector factor = FloatVector.broadcast(F, a[a0 + m]);
            for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
                int row = row(lane);
                int at = to + m * COLUMNS + row;
                int from = m * COLUMNS + lane;
                IntVector s = ShortVector.fromArray(S, sums, from).reinterpretAsInts();
                IntVector t = ShortVector.fromArray(S, sums, from + run).reinterpretAsInts();
                FloatVector low = ((FloatVector)
                                s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .add(((FloatVector) t.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0)))
                        .mul(FloatVector.fromArray(F, scales, row));
                FloatVector high = ((FloatVector) s.and(upper).convert(VectorOperators.I2F, 0))
                        .add(((FloatVector) t.and(upper).convert(VectorOperators.I2F, 0)))
                        .mul(FloatVector.fromArray(F, scales, row + 16));
                s = ShortVector.fromArray(S, sums, from + 2 * run).reinterpretAsInts();
                t = ShortVector.fromArray(S, sums, from + 3 * run).reinterpretAsInts();
                ((FloatVector) s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .add(((FloatVector) t.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0)))
                        .fma(FloatVector.fromArray(F, scales, COLUMNS + row), low)
                        .fma(factor, FloatVector.fromArray(F, u, at))
                        .intoArray(u, at);
                ((FloatVector) s.and(upper).convert(VectorOperators.I2F, 0))
                        .add(((FloatVector) t.and(upper).convert(VectorOperators.I2F, 0)))
                        .fma(FloatVector.fromArray(F, scales, COLUMNS + row + 16), high)
                        .fma(factor, FloatVector.fromArray(F, u, at + 16))
                        .intoArray(u, at + 16);
            }
        }
    }

    /** u = fma(scale₀·sum₀ + scale₁·sum₁, a, u) for the sums of two runs, [2][4][64]; else as {@link #scalePairs}. */
    static void scaleTwo(short[] sums, float[] scales, float[] a, int a0, float[] u, int to) {
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        for (int m = 0; m < ROWS; m++) {
            FloatVector factor = FloatVector.broadcast(F, a[a0 + m]);
            for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
                int row = row(lane);
                int at = to + m * COLUMNS + row;
                int from = m * COLUMNS + lane;
                IntVector s = ShortVector.fromArray(S, sums, from).reinterpretAsInts();
                IntVector t =
                        ShortVector.fromArray(S, sums, from + ROWS * COLUMNS).reinterpretAsInts();
                FloatVector low = ((FloatVector)
                                s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .mul(FloatVector.fromArray(F, scales, row));
                ((FloatVector) t.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.fromArray(F, scales, COLUMNS + row), low)
                        .fma(factor, FloatVector.fromArray(F, u, at))
                        .intoArray(u, at);
                FloatVector high = ((FloatVector) s.and(upper).convert(VectorOperators.I2F, 0))
                        .mul(FloatVector.fromArray(F, scales, row + 16));
                ((FloatVector) t.and(upper).convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.fromArray(F, scales, COLUMNS + row + 16), high)
                        .fma(factor, FloatVector.fromArray(F, u, at + 16))
                        .intoArray(u, at + 16);
            }
        }
    }

    /** y = fma(d, u, y) for a tile at the end of a unit, and u = +0; d is that of 64 rows of W. */
    static void finish(float[] d, float[] u, float[] y, int to) {
        FloatVector zero = FloatVector.zero(F);
        for (int m = 0; m < ROWS; m++) {
            for (int i = 0; i < COLUMNS; i += COUNT) {
                int at = to + m * COLUMNS + i;
                FloatVector.fromArray(F, d, i)
                        .fma(FloatVector.fromArray(F, u, at), FloatVector.fromArray(F, y, at))
                        .intoArray(y, at);
                zero.intoArray(u, at);
            }
        }
    }
}
