// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
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

    private static final int UNIT = PackedLayout.UNIT;
    private static final int STRIP = PackedLayout.STRIP;
    private static final int LINE = PackedLayout.LINE_BYTES;

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
                    blocks(x, m, w.segment(), strip, layout);
                } else {
                    units(x, m, w.segment(), strip, layout);
                }
                int to = out.offset() + m * out.columns() + n;
                System.arraycopy(y, 0, out.data(), to, Math.min(STRIP, rowEnd - n));
            }
        }
    }

    private void blocks(QuantizedRows x, int m, MemorySegment w, long strip, PackedLayout layout) {
        int f = m * x.blocks() * x.factorsPerBlock();
        int r = m * x.blocks() * layout.runs();
        int blocks = x.blocks();
        short[] factors = x.factors();
        short[] starts = x.starts();
        float[] scales = x.scales();
        float[] totals = x.sums();
        int a = x.scaleOffset(0, m);
        int step = x.paddedRows();
        for (int lane = 0; lane < PackedLayout.GROUP; lane += S.length()) {
            long at = strip + 2L * lane;
            int to = PackedTile.row(lane);
            if (layout.hasLevels()) {
                levels(x, w, strip, lane, f, a);
            } else if (layout.hasMin() && layout.bits() == 4) {
                PackedMinBlocks.four(w, at, factors, f, starts, r, blocks, scales, totals, a, step, y, to);
            } else if (layout.hasMin()) {
                PackedMinBlocks.five(w, at, factors, f, starts, r, blocks, scales, totals, a, step, y, to);
            } else if (layout.bits() == 4) {
                PackedBlocks.four(w, at, factors, f, starts, r, blocks, scales, a, step, y, to);
            } else {
                PackedBlocks.five(w, at, factors, f, starts, r, blocks, scales, a, step, y, to);
            }
        }
    }

    /** A few blocks at a time: so that a method is called often enough to be compiled before a first prompt ends. */
    private void levels(QuantizedRows x, MemorySegment w, long strip, int lane, int f, int a) {
        if (lane == 0) {
            Arrays.fill(y, 0);
        }
        for (int block = 0; block < x.blocks(); block += UNIT) {
            int count = Math.min(UNIT, x.blocks() - block);
            int factor = f + block * x.factorsPerBlock();
            int scale = a + block * x.paddedRows();
            PackedLevels.blocks(
                    w, strip, lane, block, count, x.factors(), factor, x.scales(), scale, x.paddedRows(), y);
        }
    }

    private void units(QuantizedRows x, int m, MemorySegment w, long strip, PackedLayout layout) {
        Arrays.fill(y, 0);
        int units = x.blocks() / UNIT;
        for (int unit = 0; unit < units; unit++) {
            long at = strip + layout.headerByteOffset(unit * UNIT);
            header(w, at, layout);
            at += (long) layout.headerLines() * LINE;
            for (int lane = 0; lane < PackedLayout.GROUP; lane += S.length()) {
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
            case 2 -> PackedMinUnits.two(w, byteOffset, x.factors(), f, x.scales(), x.halfSums(), a, step, sums, to);
            case 3 -> PackedUnits.three(w, byteOffset, x.factors(), f, x.starts(), r, x.scales(), a, step, sums, to);
            case 4 ->
                PackedMinUnits.four(
                        w, byteOffset, x.factors(), f, x.starts(), r, x.scales(), x.sums(), a, step, sums, to);
            case 5 ->
                PackedMinUnits.five(
                        w, byteOffset, x.factors(), f, x.starts(), r, x.scales(), x.sums(), a, step, sums, to);
            default -> PackedUnits.six(w, byteOffset, x.factors(), f, x.starts(), r, x.scales(), a, step, sums, to);
        }
    }

    /** Decodes the header lines of a unit: d, times what its accumulators lack, then −dmin. */
    private void header(MemorySegment w, long byteOffset, PackedLayout layout) {
        float f16 = PackedScales.HALF_FACTOR;
        float center = layout.hasHalfMins() ? 1 : layout.center();
        float lack = layout.hasMin() ? center * PackedScales.UPPER_HALF : 0x1p-40f;
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
