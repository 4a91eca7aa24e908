// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * All columns of a vector of rows in each group of a strip, with the types that have neither header lines nor mins.
 * {@link PackedGemv} says why the loops look as they do.
 *
 * <p>Sums are taken where they lie, in the upper half of an int, where they are 2¹⁶ times too large; those of the lower
 * half are moved there. Both are exact.
 *
 * <p>Of the parameters, byteOffset is where the first line of scales of the first block is, f where in factors those of
 * the first block begin, r where in starts those, a where in scales that, step from there to the next block, and to
 * where in y the first row is.
 */
final class PackedBlocks {
    private static final VectorSpecies<Float> F = PackedScales.F;
    private static final VectorSpecies<Short> S = PackedScales.S;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private static final int LINE = PackedLayout.LINE_BYTES;
    private static final int NEXT = PackedGemv.NEXT;
    private static final int NEXT_ROW = PackedGemv.NEXT_ROW;

    /** Together with {@link PackedScales#UPPER_HALF} what decodes an f16. */
    private static final float SCALE_FACTOR = PackedScales.HALF_FACTOR * PackedScales.UPPER_HALF;

    private PackedBlocks() {}

    /** Q4_0: runs of 8 lines, one a block. */
    static void four(
            MemorySegment w,
            long byteOffset,
            short[] factors,
            int f,
            short[] starts,
            int r,
            int blocks,
            float[] scales,
            int a,
            int step,
            float[] y,
            int to) {
        IntVector halves = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.HALF_MASK);
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        FloatVector y0 = FloatVector.zero(F);
        FloatVector y1 = y0;
        FloatVector y2 = y0;
        FloatVector y3 = y0;
        long at = byteOffset;
        int factor = f;
        int end = r + blocks;
        int scale = a;
        for (int block = r; block != end; block++) {
            long line = at + LINE;
            at += 9L * LINE;
            ShortVector s0 = ShortVector.broadcast(S, starts[block]);
            ShortVector s1 = s0;
            while (line != at) {
                ShortVector w0 = ShortVector.fromMemorySegment(S, w, line, ORDER);
                ShortVector w1 = ShortVector.fromMemorySegment(S, w, line + NEXT, ORDER);
                for (int i = 0; i < 4; i++) {
                    ShortVector field = ShortVector.broadcast(S, factors[factor + i]);
                    s0 = s0.add(w0.mul(field));
                    s1 = s1.add(w1.mul(field));
                    w0 = w0.lanewise(VectorOperators.LSHR, 4);
                    w1 = w1.lanewise(VectorOperators.LSHR, 4);
                }
                line += LINE;
                factor += 4;
            }
            FloatVector both = FloatVector.broadcast(F, scales[scale] * SCALE_FACTOR);
            scale += step;
            long header = at - 9L * LINE;
            IntVector d0 = ShortVector.fromMemorySegment(S, w, header, ORDER).reinterpretAsInts();
            IntVector sum0 = s0.reinterpretAsInts();
            y0 = ((FloatVector) sum0.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .fma(
                            d0.lanewise(VectorOperators.LSHL, 16)
                                    .lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                                    .and(halves)
                                    .reinterpretAsFloats()
                                    .mul(both),
                            y0);
            y1 = ((FloatVector) sum0.and(upper).convert(VectorOperators.I2F, 0))
                    .fma(
                            d0.lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                                    .and(halves)
                                    .reinterpretAsFloats()
                                    .mul(both),
                            y1);
            IntVector d1 =
                    ShortVector.fromMemorySegment(S, w, header + NEXT, ORDER).reinterpretAsInts();
            IntVector sum1 = s1.reinterpretAsInts();
            y2 = ((FloatVector) sum1.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .fma(
                            d1.lanewise(VectorOperators.LSHL, 16)
                                    .lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                                    .and(halves)
                                    .reinterpretAsFloats()
                                    .mul(both),
                            y2);
            y3 = ((FloatVector) sum1.and(upper).convert(VectorOperators.I2F, 0))
                    .fma(
                            d1.lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                                    .and(halves)
                                    .reinterpretAsFloats()
                                    .mul(both),
                            y3);
        }
        y0.intoArray(y, to);
        y1.intoArray(y, to + 16);
        y2.intoArray(y, to + NEXT_ROW);
        y3.intoArray(y, to + NEXT_ROW + 16);
    }

    /** Q5_0: runs of 5 lines, two a block. */
    static void five(
            MemorySegment w,
            long byteOffset,
            short[] factors,
            int f,
            short[] starts,
            int r,
            int blocks,
            float[] scales,
            int a,
            int step,
            float[] y,
            int to) {
        IntVector halves = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.HALF_MASK);
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        FloatVector y0 = FloatVector.zero(F);
        FloatVector y1 = y0;
        FloatVector y2 = y0;
        FloatVector y3 = y0;
        long at = byteOffset;
        int factor = f;
        int run = r;
        int end = r + 2 * blocks;
        int scale = a;
        while (run != end) {
            long line = at + LINE;
            at += 11L * LINE;
            ShortVector s0 = ShortVector.zero(S);
            ShortVector s1 = s0;
            ShortVector t0 = s0;
            ShortVector t1 = s0;
            while (line != at) {
                t0 = s0;
                t1 = s1;
                s0 = ShortVector.broadcast(S, starts[run]);
                s1 = s0;
                long runEnd = line + 5L * LINE;
                while (line != runEnd) {
                    ShortVector w0 = ShortVector.fromMemorySegment(S, w, line, ORDER);
                    ShortVector w1 = ShortVector.fromMemorySegment(S, w, line + NEXT, ORDER);
                    for (int i = 0; i < 4; i++) {
                        ShortVector field = ShortVector.broadcast(S, factors[factor + i]);
                        s0 = s0.add(w0.mul(field));
                        s1 = s1.add(w1.mul(field));
                        w0 = w0.lanewise(VectorOperators.LSHR, 5);
                        w1 = w1.lanewise(VectorOperators.LSHR, 5);
                    }
                    line += LINE;
                    factor += 4;
                }
                run++;
            }
            FloatVector both = FloatVector.broadcast(F, scales[scale] * SCALE_FACTOR);
            scale += step;
            long header = at - 11L * LINE;
            IntVector d0 = ShortVector.fromMemorySegment(S, w, header, ORDER).reinterpretAsInts();
            IntVector sum0 = s0.reinterpretAsInts();
            IntVector other0 = t0.reinterpretAsInts();
            y0 = ((FloatVector) sum0.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .add((FloatVector) other0.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .fma(
                            d0.lanewise(VectorOperators.LSHL, 16)
                                    .lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                                    .and(halves)
                                    .reinterpretAsFloats()
                                    .mul(both),
                            y0);
            y1 = ((FloatVector) sum0.and(upper).convert(VectorOperators.I2F, 0))
                    .add((FloatVector) other0.and(upper).convert(VectorOperators.I2F, 0))
                    .fma(
                            d0.lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                                    .and(halves)
                                    .reinterpretAsFloats()
                                    .mul(both),
                            y1);
            IntVector d1 =
                    ShortVector.fromMemorySegment(S, w, header + NEXT, ORDER).reinterpretAsInts();
            IntVector sum1 = s1.reinterpretAsInts();
            IntVector other1 = t1.reinterpretAsInts();
            y2 = ((FloatVector) sum1.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .add((FloatVector) other1.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .fma(
                            d1.lanewise(VectorOperators.LSHL, 16)
                                    .lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                                    .and(halves)
                                    .reinterpretAsFloats()
                                    .mul(both),
                            y2);
            y3 = ((FloatVector) sum1.and(upper).convert(VectorOperators.I2F, 0))
                    .add((FloatVector) other1.and(upper).convert(VectorOperators.I2F, 0))
                    .fma(
                            d1.lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                                    .and(halves)
                                    .reinterpretAsFloats()
                                    .mul(both),
                            y3);
        }
        y0.intoArray(y, to);
        y1.intoArray(y, to + 16);
        y2.intoArray(y, to + NEXT_ROW);
        y3.intoArray(y, to + NEXT_ROW + 16);
    }
}
