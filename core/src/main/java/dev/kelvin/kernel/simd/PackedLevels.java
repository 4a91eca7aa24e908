// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products with packed codes that name levels of a table, IQ4_NL and IQ4_XS. {@link PackedGemv} says why the loops look
 * as they do.
 *
 * <p>A level has eight bits, so that two products fill 16. Their sum with 2¹⁵ more is 16 bits without sign, and an int
 * holds two of those, low and high, of rows 16 apart. Of the ints the sum is kept, Σ(2¹⁶·high + low) modulo 2³², and
 * beside it Σ high; Σ low follows: an addition, a shift and another, as with products of bytes (record 0192). What was
 * too much, both sums begin less.
 */
final class PackedLevels {
    private static final VectorSpecies<Float> F = PackedScales.F;
    private static final VectorSpecies<Integer> I = PackedScales.I;
    private static final VectorSpecies<Short> S = PackedScales.S;
    private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, F.vectorShape());
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int SHORTS = S.length();
    private static final int INTS = I.length();
    private static final int LINE = PackedLayout.LINE_BYTES;
    private static final int NEXT = PackedScales.NEXT;
    private static final int COLUMNS = PackedTile.COLUMNS;
    private static final int BLOCK = PackedLayout.BLOCK;

    /** Bytes of a block: two lines of scales, eight of codes. */
    private static final long BLOCK_BYTES = 10L * LINE;

    /** From the float of a row to that of a row in the next half of a group, and of one in the next group, in bytes. */
    private static final int HALF_GROUP = 16 * Float.BYTES;

    private static final int GROUP = PackedLayout.GROUP * Float.BYTES;

    /** Ints of a tile of sums, and where those of upper halves begin. */
    static final int SUMS = PackedTile.ROWS * COLUMNS;

    private static final int HIGH = SUMS / 2;

    /** Ints of a row of a tile. */
    private static final int PAIRS = COLUMNS / 2;

    /** The levels, over and over: a look at them ignores what stands to the left of a code. */
    private static final byte[] LEVELS = new byte[64];

    /** 128 more, without sign. */
    private static final byte[] RAISED = new byte[64];

    /** 2¹⁵. */
    private static final short[] RAISE = new short[32];

    /** Less 16 times that: in sums of both halves 2³² times more makes no difference. */
    private static final int[] BEGIN = new int[16];

    static {
        Arrays.fill(RAISE, Short.MIN_VALUE);
        Arrays.fill(BEGIN, BLOCK / 2 * Short.MIN_VALUE);
        PackedLayout layout = PackedLayout.of(DType.IQ4_NL).orElseThrow();
        for (int i = 0; i < LEVELS.length; i++) {
            LEVELS[i] = (byte) layout.value(i % 16);
            RAISED[i] = (byte) (layout.value(i % 16) + 128);
        }
    }

    private PackedLevels() {}

    /**
     * Some blocks of a vector of rows in each group of a strip, for one row of X.
     *
     * @param strip where it begins
     * @param lane of the group, the first
     * @param factors those of the first block from f on, as {@link PackedLayout#factors} has them
     * @param scales that of the first block at a, step by step
     * @param y 64 sums, to which is added
     */
    static void blocks(
            MemorySegment w,
            long strip,
            int lane,
            int block,
            int count,
            short[] factors,
            int f,
            float[] scales,
            int a,
            int step,
            float[] y) {
        ByteVector levels = ByteVector.fromArray(B, RAISED, 0);
        int row = PackedTile.row(lane);
        FloatVector y0 = FloatVector.fromArray(F, y, row);
        FloatVector y1 = FloatVector.fromArray(F, y, row + 16);
        FloatVector y2 = FloatVector.fromArray(F, y, row + PackedLayout.GROUP);
        FloatVector y3 = FloatVector.fromArray(F, y, row + PackedLayout.GROUP + 16);
        long begin = strip + block * BLOCK_BYTES;
        long end = begin + count * BLOCK_BYTES;
        int factor = f;
        int scale = a;
        for (long at = begin; at != end; at += BLOCK_BYTES) {
            long line = at + 2 * LINE + 2L * lane;
            long last = line + 8 * LINE;
            IntVector both0 = IntVector.fromArray(I, BEGIN, 0);
            IntVector high0 = both0;
            IntVector both1 = both0;
            IntVector high1 = both0;
            while (line != last) {
                ByteVector w0 = ByteVector.fromMemorySegment(B, w, line, ORDER);
                ByteVector w1 = ByteVector.fromMemorySegment(B, w, line + NEXT, ORDER);
                ShortVector first = ShortVector.broadcast(S, factors[factor]);
                ShortVector second = ShortVector.broadcast(S, factors[factor + 1]);
                ShortVector shift = ShortVector.broadcast(S, factors[factor + 2]);
                ShortVector pair = w0.selectFrom(levels).reinterpretAsShorts();
                IntVector sum = pair.mul(first)
                        .add(pair.lanewise(VectorOperators.LSHR, 8).mul(second))
                        .add(shift)
                        .reinterpretAsInts();
                both0 = both0.add(sum);
                high0 = high0.add(sum.lanewise(VectorOperators.LSHR, 16));
                pair = w1.selectFrom(levels).reinterpretAsShorts();
                sum = pair.mul(first)
                        .add(pair.lanewise(VectorOperators.LSHR, 8).mul(second))
                        .add(shift)
                        .reinterpretAsInts();
                both1 = both1.add(sum);
                high1 = high1.add(sum.lanewise(VectorOperators.LSHR, 16));
                first = ShortVector.broadcast(S, factors[factor + 3]);
                second = ShortVector.broadcast(S, factors[factor + 4]);
                shift = ShortVector.broadcast(S, factors[factor + 5]);
                pair = w0.reinterpretAsInts()
                        .lanewise(VectorOperators.LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(levels)
                        .reinterpretAsShorts();
                sum = pair.mul(first)
                        .add(pair.lanewise(VectorOperators.LSHR, 8).mul(second))
                        .add(shift)
                        .reinterpretAsInts();
                both0 = both0.add(sum);
                high0 = high0.add(sum.lanewise(VectorOperators.LSHR, 16));
                pair = w1.reinterpretAsInts()
                        .lanewise(VectorOperators.LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(levels)
                        .reinterpretAsShorts();
                sum = pair.mul(first)
                        .add(pair.lanewise(VectorOperators.LSHR, 8).mul(second))
                        .add(shift)
                        .reinterpretAsInts();
                both1 = both1.add(sum);
                high1 = high1.add(sum.lanewise(VectorOperators.LSHR, 16));
                line += LINE;
                factor += 6;
            }
            FloatVector x = FloatVector.broadcast(F, scales[scale]);
            scale += step;
            long d = at + (long) row * Float.BYTES;
            y0 = ((FloatVector)
                            both0.sub(high0.lanewise(VectorOperators.LSHL, 16)).convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.fromMemorySegment(F, w, d, ORDER).mul(x), y0);
            y1 = ((FloatVector) high0.convert(VectorOperators.I2F, 0))
                    .fma(
                            FloatVector.fromMemorySegment(F, w, d + HALF_GROUP, ORDER)
                                    .mul(x),
                            y1);
            y2 = ((FloatVector)
                            both1.sub(high1.lanewise(VectorOperators.LSHL, 16)).convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.fromMemorySegment(F, w, d + GROUP, ORDER).mul(x), y2);
            y3 = ((FloatVector) high1.convert(VectorOperators.I2F, 0))
                    .fma(
                            FloatVector.fromMemorySegment(F, w, d + GROUP + HALF_GROUP, ORDER)
                                    .mul(x),
                            y3);
        }
        y0.intoArray(y, row);
        y1.intoArray(y, row + 16);
        y2.intoArray(y, row + PackedLayout.GROUP);
        y3.intoArray(y, row + PackedLayout.GROUP + 16);
    }

    /** Levels of a block, [32][64] in the order of the lanes, from its first line of codes. */
    static void unpack(MemorySegment w, long byteOffset, short[] codes) {
        ByteVector levels = ByteVector.fromArray(B, LEVELS, 0);
        for (int lane = 0; lane < COLUMNS; lane += S.length()) {
            for (int i = 0; i < 8; i++) {
                ByteVector line = ByteVector.fromMemorySegment(B, w, byteOffset + (long) i * LINE + 2L * lane, ORDER);
                ShortVector low = line.selectFrom(levels).reinterpretAsShorts();
                ShortVector high = line.reinterpretAsInts()
                        .lanewise(VectorOperators.LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(levels)
                        .reinterpretAsShorts();
                int at = lane + 2 * i * COLUMNS;
                low.lanewise(VectorOperators.LSHL, 8)
                        .lanewise(VectorOperators.ASHR, 8)
                        .intoArray(codes, at);
                low.lanewise(VectorOperators.ASHR, 8).intoArray(codes, at + COLUMNS);
                high.lanewise(VectorOperators.LSHL, 8)
                        .lanewise(VectorOperators.ASHR, 8)
                        .intoArray(codes, at + 16 * COLUMNS);
                high.lanewise(VectorOperators.ASHR, 8).intoArray(codes, at + 17 * COLUMNS);
            }
        }
    }

    /**
     * Sums of a block for four rows of X and 64 of W.
     *
     * @param w levels [32][64]
     * @param x codes [4][32] from x0 on
     * @param sums receives [4][32] sums of pairs of rows, then [4][32] of their upper halves
     */
    static void products(short[] w, short[] x, int x0, int[] sums) {
        for (int lane = 0; lane < COLUMNS; lane += 2 * SHORTS) {
            pairs(w, lane, x, x0, sums);
        }
    }

    private static void pairs(short[] w, int lane, short[] x, int x0, int[] sums) {
        ShortVector raise = ShortVector.fromArray(S, RAISE, 0);
        IntVector begin = IntVector.fromArray(I, BEGIN, 0);
        IntVector both00 = begin;
        IntVector high00 = begin;
        IntVector both01 = begin;
        IntVector high01 = begin;
        IntVector both10 = begin;
        IntVector high10 = begin;
        IntVector both11 = begin;
        IntVector high11 = begin;
        IntVector both20 = begin;
        IntVector high20 = begin;
        IntVector both21 = begin;
        IntVector high21 = begin;
        IntVector both30 = begin;
        IntVector high30 = begin;
        IntVector both31 = begin;
        IntVector high31 = begin;
        for (int k = 0; k < BLOCK; k += 2) {
            int at = k * COLUMNS + lane;
            ShortVector a0 = ShortVector.fromArray(S, w, at);
            ShortVector a1 = ShortVector.fromArray(S, w, at + SHORTS);
            ShortVector b0 = ShortVector.fromArray(S, w, at + COLUMNS);
            ShortVector b1 = ShortVector.fromArray(S, w, at + COLUMNS + SHORTS);
            ShortVector first = ShortVector.broadcast(S, x[x0 + k]);
            ShortVector second = ShortVector.broadcast(S, x[x0 + k + 1]);
            IntVector sum = a0.mul(first).add(b0.mul(second)).add(raise).reinterpretAsInts();
            both00 = both00.add(sum);
            high00 = high00.add(sum.lanewise(VectorOperators.LSHR, 16));
            sum = a1.mul(first).add(b1.mul(second)).add(raise).reinterpretAsInts();
            both01 = both01.add(sum);
            high01 = high01.add(sum.lanewise(VectorOperators.LSHR, 16));
            first = ShortVector.broadcast(S, x[x0 + BLOCK + k]);
            second = ShortVector.broadcast(S, x[x0 + BLOCK + k + 1]);
            sum = a0.mul(first).add(b0.mul(second)).add(raise).reinterpretAsInts();
            both10 = both10.add(sum);
            high10 = high10.add(sum.lanewise(VectorOperators.LSHR, 16));
            sum = a1.mul(first).add(b1.mul(second)).add(raise).reinterpretAsInts();
            both11 = both11.add(sum);
            high11 = high11.add(sum.lanewise(VectorOperators.LSHR, 16));
            first = ShortVector.broadcast(S, x[x0 + 2 * BLOCK + k]);
            second = ShortVector.broadcast(S, x[x0 + 2 * BLOCK + k + 1]);
            sum = a0.mul(first).add(b0.mul(second)).add(raise).reinterpretAsInts();
            both20 = both20.add(sum);
            high20 = high20.add(sum.lanewise(VectorOperators.LSHR, 16));
            sum = a1.mul(first).add(b1.mul(second)).add(raise).reinterpretAsInts();
            both21 = both21.add(sum);
            high21 = high21.add(sum.lanewise(VectorOperators.LSHR, 16));
            first = ShortVector.broadcast(S, x[x0 + 3 * BLOCK + k]);
            second = ShortVector.broadcast(S, x[x0 + 3 * BLOCK + k + 1]);
            sum = a0.mul(first).add(b0.mul(second)).add(raise).reinterpretAsInts();
            both30 = both30.add(sum);
            high30 = high30.add(sum.lanewise(VectorOperators.LSHR, 16));
            sum = a1.mul(first).add(b1.mul(second)).add(raise).reinterpretAsInts();
            both31 = both31.add(sum);
            high31 = high31.add(sum.lanewise(VectorOperators.LSHR, 16));
        }
        int to = lane / 2;
        both00.intoArray(sums, to);
        high00.intoArray(sums, HIGH + to);
        both01.intoArray(sums, to + INTS);
        high01.intoArray(sums, HIGH + to + INTS);
        both10.intoArray(sums, PAIRS + to);
        high10.intoArray(sums, HIGH + PAIRS + to);
        both11.intoArray(sums, PAIRS + to + INTS);
        high11.intoArray(sums, HIGH + PAIRS + to + INTS);
        both20.intoArray(sums, 2 * PAIRS + to);
        high20.intoArray(sums, HIGH + 2 * PAIRS + to);
        both21.intoArray(sums, 2 * PAIRS + to + INTS);
        high21.intoArray(sums, HIGH + 2 * PAIRS + to + INTS);
        both30.intoArray(sums, 3 * PAIRS + to);
        high30.intoArray(sums, HIGH + 3 * PAIRS + to);
        both31.intoArray(sums, 3 * PAIRS + to + INTS);
        high31.intoArray(sums, HIGH + 3 * PAIRS + to + INTS);
    }

    /**
     * y = fma(sum, scale·a, y) for a tile.
     *
     * @param sums as {@link #products} leaves them
     * @param scales of 64 rows of W
     * @param a scales of four rows of X from {@code a0} on
     * @param y [4][64] from {@code to} on
     */
    static void scale(int[] sums, float[] scales, float[] a, int a0, float[] y, int to) {
        for (int m = 0; m < PackedTile.ROWS; m++) {
            FloatVector factor = FloatVector.broadcast(F, a[a0 + m]);
            for (int lane = 0; lane < COLUMNS; lane += SHORTS) {
                int row = PackedTile.row(lane);
                int at = to + m * COLUMNS + row;
                IntVector both = IntVector.fromArray(I, sums, m * PAIRS + lane / 2);
                IntVector high = IntVector.fromArray(I, sums, HIGH + m * PAIRS + lane / 2);
                ((FloatVector) both.sub(high.lanewise(VectorOperators.LSHL, 16)).convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.fromArray(F, scales, row).mul(factor), FloatVector.fromArray(F, y, at))
                        .intoArray(y, at);
                ((FloatVector) high.convert(VectorOperators.I2F, 0))
                        .fma(
                                FloatVector.fromArray(F, scales, row + 16).mul(factor),
                                FloatVector.fromArray(F, y, at + 16))
                        .intoArray(y, at + 16);
            }
        }
    }
}
