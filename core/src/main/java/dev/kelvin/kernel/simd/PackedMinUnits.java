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
 * What a unit of the types that end in K and have mins gives, before d and dmin: u and v of a vector of rows in each
 * group of a strip. {@link PackedGemv} says why the loops look as they do.
 *
 * <p>The loops and their parameters are those of {@link PackedUnits}; totals has sums where scales has scales, and v
 * goes a strip further on than u.
 */
final class PackedMinUnits {
    private static final VectorSpecies<Float> F = PackedScales.F;
    private static final VectorSpecies<Short> S = PackedScales.S;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private static final int STRIP = PackedLayout.STRIP;
    private static final int LINE = PackedLayout.LINE_BYTES;
    private static final int NEXT = PackedGemv.NEXT;
    private static final int NEXT_ROW = PackedGemv.NEXT_ROW;

    private PackedMinUnits() {}

    /** Q2_K: runs of 2 lines, two a block, each with a scale and a min. */
    static void two(
            MemorySegment w,
            long byteOffset,
            short[] factors,
            int f,
            float[] scales,
            float[] halfSums,
            int a,
            int step,
            float[] sums,
            int to) {
        IntVector nibble = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.NIBBLE_MASK);
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        FloatVector u0 = FloatVector.zero(F);
        FloatVector u1 = u0;
        FloatVector u2 = u0;
        FloatVector u3 = u0;
        FloatVector v0 = u0;
        FloatVector v1 = u0;
        FloatVector v2 = u0;
        FloatVector v3 = u0;
        long at = byteOffset;
        int factor = f;
        int scale = a;
        int end = a + PackedLayout.UNIT * step;
        while (scale != end) {
            long line = at + LINE;
            at += 5L * LINE;
            ShortVector s0 = ShortVector.zero(S);
            ShortVector s1 = s0;
            ShortVector t0 = s0;
            ShortVector t1 = s0;
            while (line != at) {
                t0 = s0;
                t1 = s1;
                s0 = ShortVector.zero(S);
                s1 = s0;
                long runEnd = line + 2L * LINE;
                while (line != runEnd) {
                    ShortVector w0 = ShortVector.fromMemorySegment(S, w, line, ORDER);
                    ShortVector w1 = ShortVector.fromMemorySegment(S, w, line + NEXT, ORDER);
                    for (int i = 0; i < 8; i++) {
                        ShortVector field = ShortVector.broadcast(S, factors[factor + i]);
                        s0 = s0.add(w0.mul(field));
                        s1 = s1.add(w1.mul(field));
                        w0 = w0.lanewise(VectorOperators.LSHR, 2);
                        w1 = w1.lanewise(VectorOperators.LSHR, 2);
                    }
                    line += LINE;
                    factor += 8;
                }
            }
            FloatVector both = FloatVector.broadcast(F, scales[scale]);
            FloatVector first = FloatVector.broadcast(F, halfSums[2 * scale]);
            FloatVector second = FloatVector.broadcast(F, halfSums[2 * scale + 1]);
            scale += step;
            IntVector pair0 =
                    ShortVector.fromMemorySegment(S, w, at - 5L * LINE, ORDER).reinterpretAsInts();
            IntVector sum0 = s0.reinterpretAsInts();
            IntVector other0 = t0.reinterpretAsInts();
            u0 = ((FloatVector)
                            pair0.lanewise(VectorOperators.LSHR, 8).and(nibble).convert(VectorOperators.I2F, 0))
                    .fma(
                            ((FloatVector)
                                    sum0.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0)),
                            ((FloatVector) pair0.and(nibble).convert(VectorOperators.I2F, 0)).mul(((FloatVector)
                                    other0.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))))
                    .fma(both, u0);
            v0 = ((FloatVector)
                            pair0.lanewise(VectorOperators.LSHR, 12).and(nibble).convert(VectorOperators.I2F, 0))
                    .fma(
                            second,
                            ((FloatVector) pair0.lanewise(VectorOperators.LSHR, 4)
                                            .and(nibble)
                                            .convert(VectorOperators.I2F, 0))
                                    .mul(first))
                    .fma(both, v0);
            u1 = ((FloatVector)
                            pair0.lanewise(VectorOperators.LSHR, 24).and(nibble).convert(VectorOperators.I2F, 0))
                    .fma(
                            ((FloatVector) sum0.and(upper).convert(VectorOperators.I2F, 0)),
                            ((FloatVector) pair0.lanewise(VectorOperators.LSHR, 16)
                                            .and(nibble)
                                            .convert(VectorOperators.I2F, 0))
                                    .mul(((FloatVector) other0.and(upper).convert(VectorOperators.I2F, 0))))
                    .fma(both, u1);
            v1 = ((FloatVector)
                            pair0.lanewise(VectorOperators.LSHR, 28).and(nibble).convert(VectorOperators.I2F, 0))
                    .fma(
                            second,
                            ((FloatVector) pair0.lanewise(VectorOperators.LSHR, 20)
                                            .and(nibble)
                                            .convert(VectorOperators.I2F, 0))
                                    .mul(first))
                    .fma(both, v1);
            IntVector pair1 = ShortVector.fromMemorySegment(S, w, at - 5L * LINE + NEXT, ORDER)
                    .reinterpretAsInts();
            IntVector sum1 = s1.reinterpretAsInts();
            IntVector other1 = t1.reinterpretAsInts();
            u2 = ((FloatVector)
                            pair1.lanewise(VectorOperators.LSHR, 8).and(nibble).convert(VectorOperators.I2F, 0))
                    .fma(
                            ((FloatVector)
                                    sum1.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0)),
                            ((FloatVector) pair1.and(nibble).convert(VectorOperators.I2F, 0)).mul(((FloatVector)
                                    other1.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))))
                    .fma(both, u2);
            v2 = ((FloatVector)
                            pair1.lanewise(VectorOperators.LSHR, 12).and(nibble).convert(VectorOperators.I2F, 0))
                    .fma(
                            second,
                            ((FloatVector) pair1.lanewise(VectorOperators.LSHR, 4)
                                            .and(nibble)
                                            .convert(VectorOperators.I2F, 0))
                                    .mul(first))
                    .fma(both, v2);
            u3 = ((FloatVector)
                            pair1.lanewise(VectorOperators.LSHR, 24).and(nibble).convert(VectorOperators.I2F, 0))
                    .fma(
                            ((FloatVector) sum1.and(upper).convert(VectorOperators.I2F, 0)),
                            ((FloatVector) pair1.lanewise(VectorOperators.LSHR, 16)
                                            .and(nibble)
                                            .convert(VectorOperators.I2F, 0))
                                    .mul(((FloatVector) other1.and(upper).convert(VectorOperators.I2F, 0))))
                    .fma(both, u3);
            v3 = ((FloatVector)
                            pair1.lanewise(VectorOperators.LSHR, 28).and(nibble).convert(VectorOperators.I2F, 0))
                    .fma(
                            second,
                            ((FloatVector) pair1.lanewise(VectorOperators.LSHR, 20)
                                            .and(nibble)
                                            .convert(VectorOperators.I2F, 0))
                                    .mul(first))
                    .fma(both, v3);
        }
        u0.intoArray(sums, to);
        u1.intoArray(sums, to + 16);
        u2.intoArray(sums, to + NEXT_ROW);
        u3.intoArray(sums, to + NEXT_ROW + 16);
        v0.intoArray(sums, to + STRIP);
        v1.intoArray(sums, to + STRIP + 16);
        v2.intoArray(sums, to + STRIP + NEXT_ROW);
        v3.intoArray(sums, to + STRIP + NEXT_ROW + 16);
    }

    /** Q4_K: runs of 8 lines, one a block. */
    static void four(
            MemorySegment w,
            long byteOffset,
            short[] factors,
            int f,
            short[] starts,
            int r,
            float[] scales,
            float[] totals,
            int a,
            int step,
            float[] sums,
            int to) {
        IntVector third = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.THIRD_MASK);
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        FloatVector u0 = FloatVector.zero(F);
        FloatVector u1 = u0;
        FloatVector u2 = u0;
        FloatVector u3 = u0;
        FloatVector v0 = u0;
        FloatVector v1 = u0;
        FloatVector v2 = u0;
        FloatVector v3 = u0;
        long at = byteOffset;
        int factor = f;
        int end = r + PackedLayout.UNIT;
        int scale = a;
        for (int run = r; run != end; run++) {
            long line = at + LINE;
            at += 9L * LINE;
            ShortVector s0 = ShortVector.broadcast(S, starts[run]);
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
            FloatVector both = FloatVector.broadcast(F, scales[scale] * (PackedScales.UPPER_HALF / 8));
            FloatVector total = FloatVector.broadcast(F, totals[scale]);
            scale += step;
            IntVector pair0 =
                    ShortVector.fromMemorySegment(S, w, at - 9L * LINE, ORDER).reinterpretAsInts();
            IntVector sum0 = s0.reinterpretAsInts();
            IntVector upperPair0 = pair0.lanewise(VectorOperators.LSHL, 16);
            u0 = ((FloatVector) sum0.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .fma(both, total)
                    .fma(((FloatVector) upperPair0.and(third).convert(VectorOperators.I2F, 0)), u0);
            v0 = ((FloatVector) upperPair0.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                    .fma(total, v0);
            u1 = ((FloatVector) sum0.and(upper).convert(VectorOperators.I2F, 0))
                    .fma(both, total)
                    .fma(((FloatVector) pair0.and(third).convert(VectorOperators.I2F, 0)), u1);
            v1 = ((FloatVector) pair0.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                    .fma(total, v1);
            IntVector pair1 = ShortVector.fromMemorySegment(S, w, at - 9L * LINE + NEXT, ORDER)
                    .reinterpretAsInts();
            IntVector sum1 = s1.reinterpretAsInts();
            IntVector upperPair1 = pair1.lanewise(VectorOperators.LSHL, 16);
            u2 = ((FloatVector) sum1.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .fma(both, total)
                    .fma(((FloatVector) upperPair1.and(third).convert(VectorOperators.I2F, 0)), u2);
            v2 = ((FloatVector) upperPair1.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                    .fma(total, v2);
            u3 = ((FloatVector) sum1.and(upper).convert(VectorOperators.I2F, 0))
                    .fma(both, total)
                    .fma(((FloatVector) pair1.and(third).convert(VectorOperators.I2F, 0)), u3);
            v3 = ((FloatVector) pair1.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                    .fma(total, v3);
        }
        u0.intoArray(sums, to);
        u1.intoArray(sums, to + 16);
        u2.intoArray(sums, to + NEXT_ROW);
        u3.intoArray(sums, to + NEXT_ROW + 16);
        v0.intoArray(sums, to + STRIP);
        v1.intoArray(sums, to + STRIP + 16);
        v2.intoArray(sums, to + STRIP + NEXT_ROW);
        v3.intoArray(sums, to + STRIP + NEXT_ROW + 16);
    }

    /** Q5_K: runs of 5 lines, two a block. */
    static void five(
            MemorySegment w,
            long byteOffset,
            short[] factors,
            int f,
            short[] starts,
            int r,
            float[] scales,
            float[] totals,
            int a,
            int step,
            float[] sums,
            int to) {
        IntVector third = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.THIRD_MASK);
        IntVector upper = IntVector.fromArray(PackedScales.I, PackedScales.MASKS, PackedScales.UPPER_MASK);
        FloatVector u0 = FloatVector.zero(F);
        FloatVector u1 = u0;
        FloatVector u2 = u0;
        FloatVector u3 = u0;
        FloatVector v0 = u0;
        FloatVector v1 = u0;
        FloatVector v2 = u0;
        FloatVector v3 = u0;
        long at = byteOffset;
        int factor = f;
        int run = r;
        int end = r + 2 * PackedLayout.UNIT;
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
            FloatVector both = FloatVector.broadcast(F, scales[scale] * (PackedScales.UPPER_HALF / 16));
            FloatVector total = FloatVector.broadcast(F, totals[scale]);
            scale += step;
            IntVector pair0 =
                    ShortVector.fromMemorySegment(S, w, at - 11L * LINE, ORDER).reinterpretAsInts();
            IntVector sum0 = s0.reinterpretAsInts();
            IntVector other0 = t0.reinterpretAsInts();
            IntVector upperPair0 = pair0.lanewise(VectorOperators.LSHL, 16);
            u0 = ((FloatVector) sum0.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .add((FloatVector) other0.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .fma(both, total)
                    .fma(((FloatVector) upperPair0.and(third).convert(VectorOperators.I2F, 0)), u0);
            v0 = ((FloatVector) upperPair0.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                    .fma(total, v0);
            u1 = ((FloatVector) sum0.and(upper).convert(VectorOperators.I2F, 0))
                    .add((FloatVector) other0.and(upper).convert(VectorOperators.I2F, 0))
                    .fma(both, total)
                    .fma(((FloatVector) pair0.and(third).convert(VectorOperators.I2F, 0)), u1);
            v1 = ((FloatVector) pair0.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                    .fma(total, v1);
            IntVector pair1 = ShortVector.fromMemorySegment(S, w, at - 11L * LINE + NEXT, ORDER)
                    .reinterpretAsInts();
            IntVector sum1 = s1.reinterpretAsInts();
            IntVector other1 = t1.reinterpretAsInts();
            IntVector upperPair1 = pair1.lanewise(VectorOperators.LSHL, 16);
            u2 = ((FloatVector) sum1.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .add((FloatVector) other1.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .fma(both, total)
                    .fma(((FloatVector) upperPair1.and(third).convert(VectorOperators.I2F, 0)), u2);
            v2 = ((FloatVector) upperPair1.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                    .fma(total, v2);
            u3 = ((FloatVector) sum1.and(upper).convert(VectorOperators.I2F, 0))
                    .add((FloatVector) other1.and(upper).convert(VectorOperators.I2F, 0))
                    .fma(both, total)
                    .fma(((FloatVector) pair1.and(third).convert(VectorOperators.I2F, 0)), u3);
            v3 = ((FloatVector) pair1.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                    .fma(total, v3);
        }
        u0.intoArray(sums, to);
        u1.intoArray(sums, to + 16);
        u2.intoArray(sums, to + NEXT_ROW);
        u3.intoArray(sums, to + NEXT_ROW + 16);
        v0.intoArray(sums, to + STRIP);
        v1.intoArray(sums, to + STRIP + 16);
        v2.intoArray(sums, to + STRIP + NEXT_ROW);
        v3.intoArray(sums, to + STRIP + NEXT_ROW + 16);
    }
}
