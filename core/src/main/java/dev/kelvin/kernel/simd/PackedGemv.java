// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * y = W·x with packed weights, row by row of a few: each line of codes meets the factors of its fields as it comes from
 * memory.
 *
 * <p>A vector of 16-bit integers holds one element of 32 rows. Fields are only shifted, never masked
 * ({@link PackedLayout#factors}), so a field costs a shift, a product and a sum; all modulo 2¹⁶, where the sum of a run
 * is exact again. Four vectors share a broadcast factor, which on its way from memory to all lanes costs as much as a
 * product.
 *
 * <p>Sums go through scratch to a second pass that scales them. It comes long after the stores: a vector that is loaded
 * soon after it was stored waits until all older loads have come from memory.
 */
final class PackedGemv {
    private static final VectorSpecies<Float> F = PackedScales.F;
    private static final VectorSpecies<Short> S = PackedScales.S;
    private static final int COUNT = F.length();
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private static final int GROUP = PackedLayout.GROUP;
    private static final int STRIP = PackedLayout.STRIP;
    private static final int LINE = PackedLayout.LINE_BYTES;

    /** Runs whose sums are in scratch at once: 16 KiB, half of the first-level cache. */
    private static final int RUNS = 64;

    /** Together with {@link PackedScales#UPPER_HALF} what decodes an f16. */
    private static final float SCALE_FACTOR = PackedScales.HALF_FACTOR * PackedScales.UPPER_HALF;

    /** Bytes of a block of 4, 5 and 6 bits, and of a unit with its header. */
    private static final int FOUR_BITS = 9 * LINE;

    private static final int FIVE_BITS = 11 * LINE;
    private static final int SIX_BITS = 13 * LINE;
    private static final int FOUR_BITS_UNIT = PackedLayout.UNIT * FOUR_BITS + 2 * LINE;
    private static final int FIVE_BITS_UNIT = PackedLayout.UNIT * FIVE_BITS + 2 * LINE;
    private static final int SIX_BITS_UNIT = PackedLayout.UNIT * SIX_BITS + LINE;

    private final short[] sums = new short[RUNS * STRIP];
    private final float[] header = new float[RUNS / PackedLayout.UNIT * 2 * STRIP];
    private final float[] y = new float[STRIP];

    /** Takes what was read for its cache lines alone, so that it is not left out. */
    int touched;

    void run(QuantizedRows x, PackedTensor w, HeapTensor out, int rowBegin, int rowEnd) {
        PackedLayout layout = w.layout();
        long stripBytes = layout.stripBytes(w.columns());
        for (int n = rowBegin; n < rowEnd; n += STRIP) {
            long strip = n / STRIP * stripBytes;
            for (int m = 0; m < x.rows(); m++) {
                strip(x, m, w.segment(), strip, layout);
                int to = out.offset() + m * out.columns() + n;
                System.arraycopy(y, 0, out.data(), to, Math.min(STRIP, rowEnd - n));
            }
        }
    }

    private void strip(QuantizedRows x, int m, MemorySegment w, long strip, PackedLayout layout) {
        Arrays.fill(y, 0);
        int blocks = x.blocks();
        int most = RUNS / layout.runs();
        for (int block = 0; block < blocks; block += most) {
            int count = Math.min(most, blocks - block);
            products(x, m, block, count, w, strip, layout);
            for (int lane = 0; lane < STRIP; lane += 2 * COUNT) {
                scale(x, m, block, count, w, strip, layout, lane);
            }
        }
    }

    private void products(
            QuantizedRows x, int m, int block, int count, MemorySegment w, long strip, PackedLayout layout) {
        int runs = layout.runs();
        for (int b = 0; b < count; b += PackedLayout.UNIT) {
            int blocks = Math.min(PackedLayout.UNIT, count - b);
            if (layout.headerLines() > 0) {
                long header = strip + layout.headerByteOffset(block + b);
                header(w, header, b / PackedLayout.UNIT * 2 * STRIP, layout);
            }
            long at = strip + layout.blockByteOffset(block + b);
            int index = m * x.blocks() + block + b;
            for (int lane = 0; lane < GROUP; lane += 2 * COUNT) {
                products(
                        w,
                        at + 2L * lane,
                        x.factors(),
                        index * x.factorsPerBlock(),
                        x.starts(),
                        index * runs,
                        blocks,
                        runs,
                        layout.linesPerRun(),
                        layout.shift(1),
                        layout.shift(2),
                        layout.shift(3),
                        b * runs * STRIP + lane);
            }
        }
    }

    private void products(
            MemorySegment w,
            long byteOffset,
            short[] factors,
            int factorsOffset,
            short[] starts,
            int startsOffset,
            int blocks,
            int runs,
            int lines,
            int shift1,
            int shift2,
            int shift3,
            int to) {
        short[] sums = this.sums;
        long at = byteOffset;
        int f = factorsOffset;
        int inBlock = 0;
        int read = 0;
        for (int run = 0; run < blocks * runs; run++) {
            if (inBlock == 0) {
                read += touch(w, at);
                at += LINE;
            }
            inBlock = inBlock + 1 == runs ? 0 : inBlock + 1;
            ShortVector s0 = ShortVector.broadcast(S, starts[startsOffset + run]);
            ShortVector s1 = s0;
            ShortVector s2 = s0;
            ShortVector s3 = s0;
            for (int i = 0; i < lines; i++) {
                ShortVector w0 = ShortVector.fromMemorySegment(S, w, at, ORDER);
                ShortVector w1 = ShortVector.fromMemorySegment(S, w, at + 64, ORDER);
                ShortVector w2 = ShortVector.fromMemorySegment(S, w, at + 128, ORDER);
                ShortVector w3 = ShortVector.fromMemorySegment(S, w, at + 192, ORDER);
                ShortVector factor = ShortVector.broadcast(S, factors[f]);
                s0 = s0.add(w0.mul(factor));
                s1 = s1.add(w1.mul(factor));
                s2 = s2.add(w2.mul(factor));
                s3 = s3.add(w3.mul(factor));
                factor = ShortVector.broadcast(S, factors[f + 1]);
                s0 = s0.add(w0.lanewise(VectorOperators.LSHR, shift1).mul(factor));
                s1 = s1.add(w1.lanewise(VectorOperators.LSHR, shift1).mul(factor));
                s2 = s2.add(w2.lanewise(VectorOperators.LSHR, shift1).mul(factor));
                s3 = s3.add(w3.lanewise(VectorOperators.LSHR, shift1).mul(factor));
                factor = ShortVector.broadcast(S, factors[f + 2]);
                s0 = s0.add(w0.lanewise(VectorOperators.LSHR, shift2).mul(factor));
                s1 = s1.add(w1.lanewise(VectorOperators.LSHR, shift2).mul(factor));
                s2 = s2.add(w2.lanewise(VectorOperators.LSHR, shift2).mul(factor));
                s3 = s3.add(w3.lanewise(VectorOperators.LSHR, shift2).mul(factor));
                factor = ShortVector.broadcast(S, factors[f + 3]);
                s0 = s0.add(w0.lanewise(VectorOperators.LSHR, shift3).mul(factor));
                s1 = s1.add(w1.lanewise(VectorOperators.LSHR, shift3).mul(factor));
                s2 = s2.add(w2.lanewise(VectorOperators.LSHR, shift3).mul(factor));
                s3 = s3.add(w3.lanewise(VectorOperators.LSHR, shift3).mul(factor));
                at += LINE;
                f += 4;
            }
            s0.intoArray(sums, to + run * STRIP);
            s1.intoArray(sums, to + run * STRIP + GROUP);
            s2.intoArray(sums, to + run * STRIP + 2 * GROUP);
            s3.intoArray(sums, to + run * STRIP + 3 * GROUP);
        }
        touched = read;
    }

    /** Reads a byte of each cache line of a line of scales: a stream without gaps is prefetched further ahead. */
    private static int touch(MemorySegment w, long at) {
        return w.get(ValueLayout.JAVA_BYTE, at)
                + w.get(ValueLayout.JAVA_BYTE, at + 64)
                + w.get(ValueLayout.JAVA_BYTE, at + 128)
                + w.get(ValueLayout.JAVA_BYTE, at + 192);
    }

    /**
     * Decodes the header lines of a unit: d, times what its accumulators lack, then −dmin. The two halves of an int
     * lack different powers of two.
     */
    private void header(MemorySegment w, long byteOffset, int to, PackedLayout layout) {
        float f16 = PackedScales.HALF_FACTOR;
        float low = layout.hasMin() ? f16 * layout.center() : f16 / 0x1p40f;
        float high = layout.hasMin() ? low / 0x1p16f : low;
        PackedScales.halves(w, byteOffset, low, high, header, to, to + STRIP);
        if (layout.hasMin()) {
            PackedScales.halves(w, byteOffset + LINE, -f16 / 0x1p8f, -f16, header, to + STRIP, to + 2 * STRIP);
        }
    }

    /** Adds to y what the sums in scratch give, of as many rows as there are in two vectors of floats. */
    private void scale(
            QuantizedRows x, int m, int block, int count, MemorySegment w, long strip, PackedLayout layout, int lane) {
        int a = x.scaleOffset(block, m);
        int step = x.paddedRows();
        int row = PackedTile.row(lane);
        int units = count / PackedLayout.UNIT;
        long at = strip + layout.blockByteOffset(block) + 2L * lane;
        if (layout.headerLines() == 0) {
            scaleHalves(x.scales(), a, step, count, w, at, lane, row);
        } else if (!layout.hasMin()) {
            scalePairs(x.scales(), a, step, units, w, at, lane, row, 24, 16);
            scalePairs(x.scales(), a, step, units, w, at, lane, row + 16, 8, 0);
        } else if (layout.runs() == 1) {
            scaleAffine(x.scales(), x.sums(), a, step, units, w, at, lane, row);
        } else {
            scaleAffineOfTwo(x.scales(), x.sums(), a, step, units, w, at, lane, row);
        }
    }

    private void scaleHalves(
            float[] scales, int a, int step, int count, MemorySegment w, long byteOffset, int from, int row) {
        short[] sums = this.sums;
        IntVector halves = PackedScales.mask(PackedScales.HALF_MASK);
        IntVector upper = PackedScales.mask(PackedScales.UPPER_MASK);
        FloatVector low = FloatVector.fromArray(F, y, row);
        FloatVector high = FloatVector.fromArray(F, y, row + 16);
        for (int b = 0; b < count; b++) {
            float factor = scales[a + b * step] * SCALE_FACTOR;
            IntVector s = ShortVector.fromArray(S, sums, from + b * STRIP).reinterpretAsInts();
            IntVector d = ShortVector.fromMemorySegment(S, w, byteOffset + (long) b * FOUR_BITS, ORDER)
                    .reinterpretAsInts();
            FloatVector scale = lower(d, halves).mul(factor);
            low = lower(s).fma(scale, low);
            scale = upper(d, halves).mul(factor);
            high = masked(s, upper).fma(scale, high);
        }
        low.intoArray(y, row);
        high.intoArray(y, row + 16);
    }

    /*
     * Bytes of a line of pairs are not shifted down but masked where they lie, and sums are taken where they lie as
     * well: each accumulator has a power of two to itself, which the unit's d or dmin makes good. All of it is exact.
     */

    private void scaleAffine(
            float[] scales,
            float[] totals,
            int a,
            int step,
            int units,
            MemorySegment w,
            long byteOffset,
            int from,
            int row) {
        short[] sums = this.sums;
        float[] header = this.header;
        IntVector first = PackedScales.mask(PackedScales.FIRST_MASK);
        IntVector second = PackedScales.mask(PackedScales.SECOND_MASK);
        IntVector third = PackedScales.mask(PackedScales.THIRD_MASK);
        IntVector upper = PackedScales.mask(PackedScales.UPPER_MASK);
        FloatVector low = FloatVector.fromArray(F, y, row);
        FloatVector high = FloatVector.fromArray(F, y, row + 16);
        int block = 0;
        for (int unit = 0; unit < units; unit++) {
            long at = byteOffset + (long) unit * FOUR_BITS_UNIT;
            FloatVector u0 = FloatVector.zero(F);
            FloatVector u1 = u0;
            FloatVector v0 = u0;
            FloatVector v1 = u0;
            for (int b = 0; b < PackedLayout.UNIT; b++) {
                FloatVector factor = FloatVector.broadcast(F, scales[a + block * step] * (PackedScales.UPPER_HALF / 8));
                FloatVector total = FloatVector.broadcast(F, totals[a + block * step]);
                IntVector s =
                        ShortVector.fromArray(S, sums, from + block * STRIP).reinterpretAsInts();
                IntVector pair = ShortVector.fromMemorySegment(S, w, at + (long) b * FOUR_BITS, ORDER)
                        .reinterpretAsInts();
                u0 = lower(s).fma(factor, total).fma(masked(pair, first), u0);
                u1 = masked(s, upper).fma(factor, total).fma(masked(pair, third), u1);
                v0 = masked(pair, second).fma(total, v0);
                v1 = ((FloatVector) pair.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                        .fma(total, v1);
                block++;
            }
            int h = 2 * unit * STRIP + row;
            low = u0.fma(FloatVector.fromArray(F, header, h), low);
            low = v0.fma(FloatVector.fromArray(F, header, h + STRIP), low);
            high = u1.fma(FloatVector.fromArray(F, header, h + 16), high);
            high = v1.fma(FloatVector.fromArray(F, header, h + STRIP + 16), high);
        }
        low.intoArray(y, row);
        high.intoArray(y, row + 16);
    }

    private static FloatVector lower(IntVector halves, IntVector mask) {
        return halves.lanewise(VectorOperators.LSHL, 16)
                .lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                .and(mask)
                .reinterpretAsFloats();
    }

    private static FloatVector upper(IntVector halves, IntVector mask) {
        return halves.lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                .and(mask)
                .reinterpretAsFloats();
    }

    private static FloatVector lower(IntVector sums) {
        return (FloatVector) sums.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0);
    }

    private static FloatVector masked(IntVector bits, IntVector mask) {
        return (FloatVector) bits.and(mask).convert(VectorOperators.I2F, 0);
    }

    private void scaleAffineOfTwo(
            float[] scales,
            float[] totals,
            int a,
            int step,
            int units,
            MemorySegment w,
            long byteOffset,
            int from,
            int row) {
        short[] sums = this.sums;
        float[] header = this.header;
        IntVector first = PackedScales.mask(PackedScales.FIRST_MASK);
        IntVector second = PackedScales.mask(PackedScales.SECOND_MASK);
        IntVector third = PackedScales.mask(PackedScales.THIRD_MASK);
        IntVector upper = PackedScales.mask(PackedScales.UPPER_MASK);
        FloatVector low = FloatVector.fromArray(F, y, row);
        FloatVector high = FloatVector.fromArray(F, y, row + 16);
        int block = 0;
        for (int unit = 0; unit < units; unit++) {
            long at = byteOffset + (long) unit * FIVE_BITS_UNIT;
            FloatVector u0 = FloatVector.zero(F);
            FloatVector u1 = u0;
            FloatVector v0 = u0;
            FloatVector v1 = u0;
            for (int b = 0; b < PackedLayout.UNIT; b++) {
                FloatVector factor =
                        FloatVector.broadcast(F, scales[a + block * step] * (PackedScales.UPPER_HALF / 16));
                FloatVector total = FloatVector.broadcast(F, totals[a + block * step]);
                IntVector s =
                        ShortVector.fromArray(S, sums, from + 2 * block * STRIP).reinterpretAsInts();
                IntVector t = ShortVector.fromArray(S, sums, from + (2 * block + 1) * STRIP)
                        .reinterpretAsInts();
                IntVector pair = ShortVector.fromMemorySegment(S, w, at + (long) b * FIVE_BITS, ORDER)
                        .reinterpretAsInts();
                u0 = lower(s).add(lower(t)).fma(factor, total).fma(masked(pair, first), u0);
                u1 = masked(s, upper).add(masked(t, upper)).fma(factor, total).fma(masked(pair, third), u1);
                v0 = masked(pair, second).fma(total, v0);
                v1 = ((FloatVector) pair.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                        .fma(total, v1);
                block++;
            }
            int h = 2 * unit * STRIP + row;
            low = u0.fma(FloatVector.fromArray(F, header, h), low);
            low = v0.fma(FloatVector.fromArray(F, header, h + STRIP), low);
            high = u1.fma(FloatVector.fromArray(F, header, h + 16), high);
            high = v1.fma(FloatVector.fromArray(F, header, h + STRIP + 16), high);
        }
        low.intoArray(y, row);
        high.intoArray(y, row + 16);
    }

    /** Of one row for each int only, to keep the method small enough for C2. */
    private void scalePairs(
            float[] scales,
            int a,
            int step,
            int units,
            MemorySegment w,
            long byteOffset,
            int from,
            int row,
            int scaleShift,
            int sumShift) {
        IntVector upper = PackedScales.mask(PackedScales.UPPER_MASK);
        IntVector fourth = PackedScales.mask(PackedScales.FOURTH_MASK);
        FloatVector sum = FloatVector.fromArray(F, y, row);
        int block = 0;
        for (int unit = 0; unit < units; unit++) {
            long at = byteOffset + (long) unit * SIX_BITS_UNIT;
            FloatVector u = FloatVector.zero(F);
            for (int b = 0; b < PackedLayout.UNIT; b++) {
                IntVector pair = ShortVector.fromMemorySegment(S, w, at + (long) b * SIX_BITS, ORDER)
                        .reinterpretAsInts();
                int first = from + 4 * block * STRIP;
                FloatVector both = FloatVector.zero(F);
                for (int half = 0; half < 2; half++) {
                    int run = first + 2 * half * STRIP;
                    both = shifted(run, sumShift, upper)
                            .add(shifted(run + STRIP, sumShift, upper))
                            .fma(masked(pair.lanewise(VectorOperators.LSHL, scaleShift - 8 * half), fourth), both);
                }
                u = both.fma(FloatVector.broadcast(F, scales[a + block * step]), u);
                block++;
            }
            sum = u.fma(FloatVector.fromArray(F, header, 2 * unit * STRIP + row), sum);
        }
        sum.intoArray(y, row);
    }

    private FloatVector shifted(int from, int shift, IntVector mask) {
        IntVector s = ShortVector.fromArray(S, sums, from).reinterpretAsInts();
        return masked(s.lanewise(VectorOperators.LSHL, shift), mask);
    }
}
