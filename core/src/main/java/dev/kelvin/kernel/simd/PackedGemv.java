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
 * memory, and the sums of a block are scaled where they are, in registers.
 *
 * <p>A vector of 16-bit integers holds one element of 32 rows. Fields are only shifted, never masked
 * ({@link PackedLayout#factors}), so a field costs a shift, a product and a sum; all modulo 2¹⁶, where the sum of a run
 * is exact again.
 *
 * <p>C2 counts nodes while it inlines. Beyond its limit it still inlines the Vector API, later, but no method of our
 * own, and a vector that enters or leaves such a method is boxed: so conversions are spelled out. Nor do vectors change
 * places from turn to turn of a loop: in some processes C2 boxes them then. Loops over lines and blocks end where an
 * offset is reached and are not counted: C2 makes three of a counted one, which costs more than the checks that this
 * saves where a loop has three to eight turns.
 */
final class PackedGemv {
    private static final VectorSpecies<Float> F = PackedScales.F;
    private static final VectorSpecies<Short> S = PackedScales.S;
    private static final int COUNT = F.length();
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private static final int UNIT = PackedLayout.UNIT;
    private static final int GROUP = PackedLayout.GROUP;
    private static final int STRIP = PackedLayout.STRIP;
    private static final int LINE = PackedLayout.LINE_BYTES;

    /** Lines of codes in a block of 4 bits. */
    private static final int LINES = 8;

    /** Together with {@link PackedScales#UPPER_HALF} what decodes an f16. */
    private static final float SCALE_FACTOR = PackedScales.HALF_FACTOR * PackedScales.UPPER_HALF;

    /** d and −dmin of a unit. */
    private final float[] headers = new float[2 * STRIP];

    /** u and v of a unit. */
    private final float[] sums = new float[2 * STRIP];

    private final float[] y = new float[STRIP];

    void run(QuantizedRows x, PackedTensor w, HeapTensor out, int rowBegin, int rowEnd) {
        PackedLayout layout = w.layout();
        long stripBytes = layout.stripBytes(w.columns());
        for (int n = rowBegin; n < rowEnd; n += STRIP) {
            long strip = n / STRIP * stripBytes;
            for (int m = 0; m < x.rows(); m++) {
                if (layout.headerLines() == 0) {
                    blocks(x, m, w.segment(), strip);
                } else {
                    units(x, m, w.segment(), strip, layout);
                }
                int to = out.offset() + m * out.columns() + n;
                System.arraycopy(y, 0, out.data(), to, Math.min(STRIP, rowEnd - n));
            }
        }
    }

    private void blocks(QuantizedRows x, int m, MemorySegment w, long strip) {
        int index = m * x.blocks();
        for (int lane = 0; lane < GROUP; lane += 2 * COUNT) {
            blocks(
                    w,
                    strip + 2L * lane,
                    x.factors(),
                    index * x.factorsPerBlock(),
                    x.starts(),
                    index,
                    x.blocks(),
                    x.scales(),
                    x.scaleOffset(0, m),
                    x.paddedRows(),
                    y,
                    PackedTile.row(lane));
        }
    }

    /**
     * All columns of a vector of rows in each group, with weights of Q4_0.
     *
     * @param f where in factors those of the first block begin
     * @param r where in starts that of the first block is
     * @param a where in scales that of the first block is
     * @param step from there to the next
     * @param to where in y the first row is
     */
    private static void blocks(
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
            at += (1 + LINES) * (long) LINE;
            ShortVector s0 = ShortVector.broadcast(S, starts[block]);
            ShortVector s1 = s0;
            while (line != at) {
                ShortVector w0 = ShortVector.fromMemorySegment(S, w, line, ORDER);
                ShortVector w1 = ShortVector.fromMemorySegment(S, w, line + 64, ORDER);
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
            long header = at - (1 + LINES) * (long) LINE;
            float both = scales[scale] * SCALE_FACTOR;
            scale += step;
            IntVector d0 =
                    ShortVector.fromMemorySegment(S, w, header + 0, ORDER).reinterpretAsInts();
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
                    ShortVector.fromMemorySegment(S, w, header + 64, ORDER).reinterpretAsInts();
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
        y2.intoArray(y, to + GROUP);
        y3.intoArray(y, to + GROUP + 16);
    }

    private void units(QuantizedRows x, int m, MemorySegment w, long strip, PackedLayout layout) {
        Arrays.fill(y, 0);
        int units = x.blocks() / UNIT;
        for (int unit = 0; unit < units; unit++) {
            long at = strip + layout.headerByteOffset(unit * UNIT);
            header(w, at, layout);
            at += (long) layout.headerLines() * LINE;
            for (int lane = 0; lane < GROUP; lane += 2 * COUNT) {
                unit(x, m, unit * UNIT, w, at + 2L * lane, layout, PackedTile.row(lane));
            }
            endUnit(layout.hasMin());
        }
    }

    private void unit(
            QuantizedRows x, int m, int block, MemorySegment w, long byteOffset, PackedLayout layout, int to) {
        int index = m * x.blocks() + block;
        int f = index * x.factorsPerBlock();
        int r = index * layout.runs();
        int a = x.scaleOffset(block, m);
        int step = x.paddedRows();
        switch (layout.bits()) {
            case 4 ->
                PackedUnits.four(w, byteOffset, x.factors(), f, x.starts(), r, x.scales(), x.sums(), a, step, sums, to);
            case 5 ->
                PackedUnits.five(w, byteOffset, x.factors(), f, x.starts(), r, x.scales(), x.sums(), a, step, sums, to);
            default -> PackedUnits.six(w, byteOffset, x.factors(), f, x.starts(), r, x.scales(), a, step, sums, to);
        }
    }

    /** Decodes the header lines of a unit: d, times what its accumulators lack, then −dmin. */
    private void header(MemorySegment w, long byteOffset, PackedLayout layout) {
        float f16 = PackedScales.HALF_FACTOR;
        float lack = layout.hasMin() ? layout.center() / 0x1p16f : 0x1p-40f;
        PackedScales.halves(w, byteOffset, f16 * lack, headers, 0, STRIP);
        if (layout.hasMin()) {
            PackedScales.halves(w, byteOffset + LINE, -f16, headers, STRIP, 2 * STRIP);
        }
    }

    /** Adds to y what a unit has summed. */
    private void endUnit(boolean hasMin) {
        for (int row = 0; row < STRIP; row += COUNT) {
            FloatVector sum = FloatVector.fromArray(F, y, row);
            sum = FloatVector.fromArray(F, sums, row).fma(FloatVector.fromArray(F, headers, row), sum);
            if (hasMin) {
                int min = STRIP + row;
                sum = FloatVector.fromArray(F, sums, min).fma(FloatVector.fromArray(F, headers, min), sum);
            }
            sum.intoArray(y, row);
        }
    }
}
