// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import java.lang.foreign.MemorySegment;
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

    private final short[] sums = new short[RUNS * STRIP];
    private final float[] header = new float[RUNS / PackedLayout.UNIT * 2 * STRIP];
    private final float[] y = new float[STRIP];

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
            long base = strip + layout.headerByteOffset(block);
            headers(w, base, count, layout);
            for (int group = 0; group < STRIP; group += GROUP) {
                for (int lane = 0; lane < GROUP; lane += 2 * COUNT) {
                    scale(x, m, block, count, w, strip, layout, group, lane);
                }
            }
        }
    }

    private void products(
            QuantizedRows x, int m, int block, int count, MemorySegment w, long strip, PackedLayout layout) {
        int runs = layout.runs();
        int lines = layout.linesPerRun();
        short[] factors = x.factors();
        short[] starts = x.starts();
        for (int b = 0; b < count; b++) {
            long codes = strip + layout.blockByteOffset(block + b) + LINE;
            int index = m * x.blocks() + block + b;
            int at = index * x.factorsPerBlock();
            for (int lane = 0; lane < GROUP; lane += 2 * COUNT) {
                products(
                        w,
                        codes + 2L * lane,
                        factors,
                        at,
                        starts,
                        index * runs,
                        runs,
                        lines,
                        layout.shift(1),
                        layout.shift(2),
                        layout.shift(3),
                        b * runs * STRIP + lane);
            }
        }
    }

    private void products(
            MemorySegment w,
            long codes,
            short[] factors,
            int factorsOffset,
            short[] starts,
            int startsOffset,
            int runs,
            int lines,
            int shift1,
            int shift2,
            int shift3,
            int to) {
        short[] sums = this.sums;
        for (int run = 0; run < runs; run++) {
            ShortVector s0 = ShortVector.broadcast(S, starts[startsOffset + run]);
            ShortVector s1 = s0;
            ShortVector s2 = s0;
            ShortVector s3 = s0;
            long at = codes + (long) run * lines * LINE;
            int f = factorsOffset + run * lines * 4;
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
    }

    /** Decodes the header lines of so many blocks: d, scaled as the sums need it, then −dmin. */
    private void headers(MemorySegment w, long byteOffset, int count, PackedLayout layout) {
        int lines = layout.headerLines();
        if (lines == 0) {
            return;
        }
        long unitBytes = layout.headerByteOffset(PackedLayout.UNIT);
        float first = layout.runs() == 1 ? SCALE_FACTOR : PackedScales.HALF_FACTOR;
        for (int unit = 0; unit < count / PackedLayout.UNIT; unit++) {
            long at = byteOffset + unit * unitBytes;
            PackedScales.halves(w, at, first, header, unit * 2 * STRIP);
            if (lines == 2) {
                PackedScales.halves(w, at + LINE, -PackedScales.HALF_FACTOR, header, (unit * 2 + 1) * STRIP);
            }
        }
    }

    private void scale(
            QuantizedRows x,
            int m,
            int block,
            int count,
            MemorySegment w,
            long strip,
            PackedLayout layout,
            int group,
            int lane) {
        long at = strip + 2L * (group + lane);
        int scales = x.scaleOffset(block, m);
        int step = x.paddedRows();
        int row = group + lane / 2;
        if (layout.headerLines() == 0) {
            scaleHalves(
                    x.scales(), scales, step, count, w, at + layout.blockByteOffset(block), layout, group + lane, row);
            return;
        }
        for (int unit = 0; unit < count / PackedLayout.UNIT; unit++) {
            int first = unit * PackedLayout.UNIT;
            long unitAt = at + layout.blockByteOffset(block + first);
            int from = first * layout.runs() * STRIP + group + lane;
            int a = scales + first * step;
            int h = unit * 2 * STRIP + row;
            long blockBytes = (1L + layout.lines()) * LINE;
            switch (layout.bits()) {
                case 4 -> scaleAffine(x.scales(), x.sums(), a, step, w, unitAt, blockBytes, from, h, row);
                case 5 -> scaleAffineOfTwo(x.scales(), x.sums(), a, step, w, unitAt, blockBytes, from, h, row);
                default -> scalePairs(x.scales(), a, step, w, unitAt, blockBytes, from, h, row);
            }
        }
    }

    private void scaleHalves(
            float[] scales,
            int scalesOffset,
            int step,
            int count,
            MemorySegment w,
            long byteOffset,
            PackedLayout layout,
            int from,
            int row) {
        short[] sums = this.sums;
        long blockBytes = (1L + layout.lines()) * LINE;
        FloatVector low = FloatVector.fromArray(F, y, row);
        FloatVector high = FloatVector.fromArray(F, y, row + 16);
        for (int b = 0; b < count; b++) {
            float a = scales[scalesOffset + b * step] * SCALE_FACTOR;
            IntVector s = ShortVector.fromArray(S, sums, from + b * STRIP).reinterpretAsInts();
            IntVector d = ShortVector.fromMemorySegment(S, w, byteOffset + b * blockBytes, ORDER)
                    .reinterpretAsInts();
            FloatVector scale = d.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                    .and(PackedScales.HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(a);
            low = ((FloatVector) s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0)).fma(scale, low);
            scale = d.lanewise(VectorOperators.ASHR, PackedScales.HALF_SHIFT)
                    .and(PackedScales.HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(a);
            high = ((FloatVector) s.and(PackedScales.UPPER_BITS).convert(VectorOperators.I2F, 0)).fma(scale, high);
        }
        low.intoArray(y, row);
        high.intoArray(y, row + 16);
    }

    private void scaleAffine(
            float[] scales,
            float[] totals,
            int scalesOffset,
            int step,
            MemorySegment w,
            long byteOffset,
            long blockBytes,
            int from,
            int h,
            int row) {
        short[] sums = this.sums;
        FloatVector d0 = FloatVector.fromArray(F, header, h);
        FloatVector d1 = FloatVector.fromArray(F, header, h + 16);
        FloatVector m0 = FloatVector.fromArray(F, header, h + STRIP);
        FloatVector m1 = FloatVector.fromArray(F, header, h + STRIP + 16);
        FloatVector low = FloatVector.fromArray(F, y, row);
        FloatVector high = FloatVector.fromArray(F, y, row + 16);
        FloatVector center = FloatVector.broadcast(F, 8 / PackedScales.UPPER_HALF);
        for (int b = 0; b < PackedLayout.UNIT; b++) {
            float a = scales[scalesOffset + b * step];
            float total = totals[scalesOffset + b * step];
            IntVector s = ShortVector.fromArray(S, sums, from + b * STRIP).reinterpretAsInts();
            IntVector pairs = ShortVector.fromMemorySegment(S, w, byteOffset + b * blockBytes, ORDER)
                    .reinterpretAsInts();
            FloatVector scale = ((FloatVector) pairs.and(255).convert(VectorOperators.I2F, 0)).mul(d0);
            FloatVector min = ((FloatVector)
                            pairs.lanewise(VectorOperators.LSHR, 8).and(255).convert(VectorOperators.I2F, 0))
                    .mul(m0);
            low = ((FloatVector) s.lanewise(VectorOperators.LSHL, 16).convert(VectorOperators.I2F, 0))
                    .fma(scale.mul(a), low);
            low = scale.fma(center, min).fma(FloatVector.broadcast(F, total), low);
            scale = ((FloatVector)
                            pairs.lanewise(VectorOperators.LSHR, 16).and(255).convert(VectorOperators.I2F, 0))
                    .mul(d1);
            min = ((FloatVector) pairs.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0)).mul(m1);
            high = ((FloatVector) s.and(PackedScales.UPPER_BITS).convert(VectorOperators.I2F, 0))
                    .fma(scale.mul(a), high);
            high = scale.fma(center, min).fma(FloatVector.broadcast(F, total), high);
        }
        low.intoArray(y, row);
        high.intoArray(y, row + 16);
    }

    private void scaleAffineOfTwo(
            float[] scales,
            float[] totals,
            int scalesOffset,
            int step,
            MemorySegment w,
            long byteOffset,
            long blockBytes,
            int from,
            int h,
            int row) {
        short[] sums = this.sums;
        FloatVector d0 = FloatVector.fromArray(F, header, h);
        FloatVector d1 = FloatVector.fromArray(F, header, h + 16);
        FloatVector m0 = FloatVector.fromArray(F, header, h + STRIP);
        FloatVector m1 = FloatVector.fromArray(F, header, h + STRIP + 16);
        FloatVector low = FloatVector.fromArray(F, y, row);
        FloatVector high = FloatVector.fromArray(F, y, row + 16);
        FloatVector center = FloatVector.broadcast(F, 16);
        for (int b = 0; b < PackedLayout.UNIT; b++) {
            float a = scales[scalesOffset + b * step];
            float total = totals[scalesOffset + b * step];
            IntVector s = ShortVector.fromArray(S, sums, from + 2 * b * STRIP).reinterpretAsInts();
            IntVector t =
                    ShortVector.fromArray(S, sums, from + (2 * b + 1) * STRIP).reinterpretAsInts();
            IntVector pairs = ShortVector.fromMemorySegment(S, w, byteOffset + b * blockBytes, ORDER)
                    .reinterpretAsInts();
            FloatVector scale = ((FloatVector) pairs.and(255).convert(VectorOperators.I2F, 0)).mul(d0);
            FloatVector min = ((FloatVector)
                            pairs.lanewise(VectorOperators.LSHR, 8).and(255).convert(VectorOperators.I2F, 0))
                    .mul(m0);
            IntVector both = s.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 16)
                    .add(t.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
            low = ((FloatVector) both.convert(VectorOperators.I2F, 0)).fma(scale.mul(a), low);
            low = scale.fma(center, min).fma(FloatVector.broadcast(F, total), low);
            scale = ((FloatVector)
                            pairs.lanewise(VectorOperators.LSHR, 16).and(255).convert(VectorOperators.I2F, 0))
                    .mul(d1);
            min = ((FloatVector) pairs.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0)).mul(m1);
            both = s.lanewise(VectorOperators.ASHR, 16).add(t.lanewise(VectorOperators.ASHR, 16));
            high = ((FloatVector) both.convert(VectorOperators.I2F, 0)).fma(scale.mul(a), high);
            high = scale.fma(center, min).fma(FloatVector.broadcast(F, total), high);
        }
        low.intoArray(y, row);
        high.intoArray(y, row + 16);
    }

    private void scalePairs(
            float[] scales,
            int scalesOffset,
            int step,
            MemorySegment w,
            long byteOffset,
            long blockBytes,
            int from,
            int h,
            int row) {
        short[] sums = this.sums;
        FloatVector d0 = FloatVector.fromArray(F, header, h);
        FloatVector d1 = FloatVector.fromArray(F, header, h + 16);
        FloatVector low = FloatVector.fromArray(F, y, row);
        FloatVector high = FloatVector.fromArray(F, y, row + 16);
        for (int b = 0; b < PackedLayout.UNIT; b++) {
            float a = scales[scalesOffset + b * step];
            IntVector pairs = ShortVector.fromMemorySegment(S, w, byteOffset + b * blockBytes, ORDER)
                    .reinterpretAsInts();
            int to = from + 4 * b * STRIP;
            for (int half = 0; half < 2; half++) {
                IntVector s = ShortVector.fromArray(S, sums, to).reinterpretAsInts();
                IntVector t = ShortVector.fromArray(S, sums, to + STRIP).reinterpretAsInts();
                FloatVector scale = ((FloatVector) pairs.lanewise(VectorOperators.LSHL, 24)
                                .lanewise(VectorOperators.ASHR, 24)
                                .convert(VectorOperators.I2F, 0))
                        .mul(d0);
                IntVector both = s.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 16)
                        .add(t.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
                low = ((FloatVector) both.convert(VectorOperators.I2F, 0)).fma(scale.mul(a), low);
                scale = ((FloatVector) pairs.lanewise(VectorOperators.LSHL, 8)
                                .lanewise(VectorOperators.ASHR, 24)
                                .convert(VectorOperators.I2F, 0))
                        .mul(d1);
                both = s.lanewise(VectorOperators.ASHR, 16).add(t.lanewise(VectorOperators.ASHR, 16));
                high = ((FloatVector) both.convert(VectorOperators.I2F, 0)).fma(scale.mul(a), high);
                to += 2 * STRIP;
                pairs = pairs.lanewise(VectorOperators.ASHR, 8);
            }
        }
        low.intoArray(y, row);
        high.intoArray(y, row + 16);
    }
}
