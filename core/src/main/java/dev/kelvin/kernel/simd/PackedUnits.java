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
 * What a unit of the types that end in K and have no mins gives, before d: u of a vector of rows in each group of a
 * strip. {@link PackedGemv} says why the loops look as they do.
 *
 * <p>Sums and scales are taken where they lie, in the upper half of an int, and are too large by a power of two that d
 * makes good; those of the lower half are moved there. All of it is exact.
 *
 * <p>Of the parameters, byteOffset is where the line of scales of the first block is, f where in factors those of the
 * first block begin, r where in starts those, a where in scales that, step from there to the next block, and to where u
 * of the first row goes.
 */
final class PackedUnits {
    private static final VectorSpecies<Float> F = PackedScales.F;
    private static final VectorSpecies<Short> S = PackedScales.S;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private static final int LINE = PackedLayout.LINE_BYTES;
    private static final int NEXT = PackedGemv.NEXT;
    private static final int NEXT_ROW = PackedGemv.NEXT_ROW;

    private PackedUnits() {}

    /** Q3_K: runs of 3 lines, two a block, each with a scale. */
    static void three(
            MemorySegment w,
            long byteOffset,
            short[] factors,
            int f,
            short[] starts,
            int r,
            float[] scales,
            int a,
            int step,
            float[] sums,
            int to) {
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        IntVector fourth = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.FOURTH_MASK);
        FloatVector u0 = FloatVector.zero(F);
        FloatVector u1 = u0;
        FloatVector u2 = u0;
        FloatVector u3 = u0;
        long at = byteOffset;
        int factor = f;
        int run = r;
        int end = r + 2 * PackedLayout.UNIT;
        int scale = a;
        while (run != end) {
            long line = at + LINE;
            at += 7L * LINE;
            FloatVector e0 = FloatVector.zero(F);
            FloatVector e1 = e0;
            FloatVector e2 = e0;
            FloatVector e3 = e0;
            while (line != at) {
                ShortVector s0 = ShortVector.broadcast(S, starts[run]);
                ShortVector s1 = s0;
                long runEnd = line + 3L * LINE;
                while (line != runEnd) {
                    ShortVector w0 = ShortVector.fromMemorySegment(S, w, line, ORDER);
                    ShortVector w1 = ShortVector.fromMemorySegment(S, w, line + NEXT, ORDER);
                    for (int i = 0; i < 6; i++) {
                        ShortVector field = ShortVector.broadcast(S, factors[factor + i]);
                        s0 = s0.add(w0.mul(field));
                        s1 = s1.add(w1.mul(field));
                        w0 = w0.lanewise(VectorOperators.LSHR, 3);
                        w1 = w1.lanewise(VectorOperators.LSHR, 3);
                    }
                    line += LINE;
                    factor += 6;
                }
                // The second run takes the second byte of each short.
                int shift = (run - r) % 2 == 0 ? 8 : 0;
                IntVector pair0 = ShortVector.fromMemorySegment(S, w, at - 7L * LINE, ORDER)
                        .reinterpretAsInts()
                        .lanewise(VectorOperators.LSHL, shift);
                IntVector sum0 = s0.reinterpretAsInts();
                e0 = ((FloatVector) pair0.lanewise(VectorOperators.LSHL, 16)
                                .and(fourth)
                                .convert(VectorOperators.I2F, 0))
                        .fma(
                                (FloatVector)
                                        sum0.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0),
                                e0);
                e1 = ((FloatVector) pair0.and(fourth).convert(VectorOperators.I2F, 0))
                        .fma((FloatVector) sum0.and(upper).convert(VectorOperators.I2F, 0), e1);
                IntVector pair1 = ShortVector.fromMemorySegment(S, w, at - 7L * LINE + NEXT, ORDER)
                        .reinterpretAsInts()
                        .lanewise(VectorOperators.LSHL, shift);
                IntVector sum1 = s1.reinterpretAsInts();
                e2 = ((FloatVector) pair1.lanewise(VectorOperators.LSHL, 16)
                                .and(fourth)
                                .convert(VectorOperators.I2F, 0))
                        .fma(
                                (FloatVector)
                                        sum1.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0),
                                e2);
                e3 = ((FloatVector) pair1.and(fourth).convert(VectorOperators.I2F, 0))
                        .fma((FloatVector) sum1.and(upper).convert(VectorOperators.I2F, 0), e3);
                run++;
            }
            FloatVector both = FloatVector.broadcast(F, scales[scale]);
            scale += step;
            u0 = e0.fma(both, u0);
            u1 = e1.fma(both, u1);
            u2 = e2.fma(both, u2);
            u3 = e3.fma(both, u3);
        }
        u0.intoArray(sums, to);
        u1.intoArray(sums, to + 16);
        u2.intoArray(sums, to + NEXT_ROW);
        u3.intoArray(sums, to + NEXT_ROW + 16);
    }

    /** Q6_K: runs of 3 lines, four a block, of which two share a scale. */
    static void six(
            MemorySegment w,
            long byteOffset,
            short[] factors,
            int f,
            short[] starts,
            int r,
            float[] scales,
            int a,
            int step,
            float[] sums,
            int to) {
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        IntVector fourth = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.FOURTH_MASK);
        FloatVector u0 = FloatVector.zero(F);
        FloatVector u1 = u0;
        FloatVector u2 = u0;
        FloatVector u3 = u0;
        long at = byteOffset;
        int factor = f;
        int run = r;
        int end = r + 4 * PackedLayout.UNIT;
        int scale = a;
        while (run != end) {
            long line = at + LINE;
            at += 13L * LINE;
            FloatVector e0 = FloatVector.zero(F);
            FloatVector e1 = e0;
            FloatVector e2 = e0;
            FloatVector e3 = e0;
            while (line != at) {
                ShortVector s0 = ShortVector.broadcast(S, starts[run]);
                ShortVector s1 = s0;
                long runEnd = line + 3L * LINE;
                while (line != runEnd) {
                    ShortVector w0 = ShortVector.fromMemorySegment(S, w, line, ORDER);
                    ShortVector w1 = ShortVector.fromMemorySegment(S, w, line + NEXT, ORDER);
                    for (int i = 0; i < 4; i++) {
                        ShortVector field = ShortVector.broadcast(S, factors[factor + i]);
                        s0 = s0.add(w0.mul(field));
                        s1 = s1.add(w1.mul(field));
                        int shift = i < 2 ? 6 : 2;
                        w0 = w0.lanewise(VectorOperators.LSHR, shift);
                        w1 = w1.lanewise(VectorOperators.LSHR, shift);
                    }
                    line += LINE;
                    factor += 4;
                }
                // The second pair of runs takes the second byte of each short.
                int shift = (run - r) % 4 < 2 ? 8 : 0;
                IntVector pair0 = ShortVector.fromMemorySegment(S, w, at - 13L * LINE, ORDER)
                        .reinterpretAsInts()
                        .lanewise(VectorOperators.LSHL, shift);
                IntVector sum0 = s0.reinterpretAsInts();
                e0 = ((FloatVector) pair0.lanewise(VectorOperators.LSHL, 16)
                                .and(fourth)
                                .convert(VectorOperators.I2F, 0))
                        .fma(
                                (FloatVector)
                                        sum0.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0),
                                e0);
                e1 = ((FloatVector) pair0.and(fourth).convert(VectorOperators.I2F, 0))
                        .fma((FloatVector) sum0.and(upper).convert(VectorOperators.I2F, 0), e1);
                IntVector pair1 = ShortVector.fromMemorySegment(S, w, at - 13L * LINE + NEXT, ORDER)
                        .reinterpretAsInts()
                        .lanewise(VectorOperators.LSHL, shift);
                IntVector sum1 = s1.reinterpretAsInts();
                e2 = ((FloatVector) pair1.lanewise(VectorOperators.LSHL, 16)
                                .and(fourth)
                                .convert(VectorOperators.I2F, 0))
                        .fma(
                                (FloatVector)
                                        sum1.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0),
                                e2);
                e3 = ((FloatVector) pair1.and(fourth).convert(VectorOperators.I2F, 0))
                        .fma((FloatVector) sum1.and(upper).convert(VectorOperators.I2F, 0), e3);
                run++;
            }
            FloatVector both = FloatVector.broadcast(F, scales[scale]);
            scale += step;
            u0 = e0.fma(both, u0);
            u1 = e1.fma(both, u1);
            u2 = e2.fma(both, u2);
            u3 = e3.fma(both, u3);
        }
        u0.intoArray(sums, to);
        u1.intoArray(sums, to + 16);
        u2.intoArray(sums, to + NEXT_ROW);
        u3.intoArray(sums, to + NEXT_ROW + 16);
    }
}
