// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Y = X·Wᵀ with packed weights, for more than a few rows of X: the codes of a block of 64 rows of W are unpacked once,
 * to scratch in the first-level cache, and all rows of a block of X meet them there. The sums of a unit and y,
 * [rows][64] each, stay in the caches, from which {@link PackedTile} fetches them block by block.
 */
final class PackedGemm {
    private static final int STRIP = PackedLayout.STRIP;
    private static final int COLUMNS = PackedTile.COLUMNS;

    /** Rows of X that meet the rows of W before the next ones come. */
    private static final int ROWS = 128;

    /** Together with {@link PackedScales#UPPER_HALF} what decodes an f16. */
    private static final float SCALE_FACTOR = PackedScales.HALF_FACTOR * PackedScales.UPPER_HALF;

    private final short[] codes = new short[2 * PackedLayout.BLOCK * COLUMNS];
    private final short[] sums = new short[4 * PackedTile.ROWS * COLUMNS];
    private final int[] levelSums = new int[PackedLevels.SUMS];
    private final float[] d = new float[COLUMNS];
    private final float[] minusDmin = new float[COLUMNS];
    private final float[] scales = new float[2 * COLUMNS];
    private final float[] mins = new float[2 * PackedLayout.UNIT * COLUMNS];
    private final float[] u = new float[ROWS * COLUMNS];
    private final float[] y = new float[ROWS * COLUMNS];

    void run(QuantizedRows x, PackedTensor w, HeapTensor out, int rowBegin, int rowEnd) {
        long stripBytes = w.layout().stripBytes(w.columns());
        for (int n = rowBegin; n < rowEnd; n += COLUMNS) {
            int width = Math.min(COLUMNS, rowEnd - n);
            long lanes = n / STRIP * stripBytes + (long) n % STRIP * Short.BYTES;
            for (int m = 0; m < x.rows(); m += ROWS) {
                int rows = Math.min(ROWS, x.paddedRows() - m);
                tiles(x, m, rows, w.segment(), lanes);
                for (int i = 0; i < Math.min(rows, x.rows() - m); i++) {
                    System.arraycopy(y, i * COLUMNS, out.data(), out.offset() + (m + i) * out.columns() + n, width);
                }
            }
        }
    }

    private void tiles(QuantizedRows x, int m, int rows, MemorySegment w, long lanes) {
        PackedLayout layout = x.layout();
        Arrays.fill(y, 0, rows * COLUMNS, 0);
        Arrays.fill(u, 0, rows * COLUMNS, 0);
        // Units have eight blocks, so that two at a time come out even.
        int step = layout.runs() == 1 && layout.headerLines() > 0 ? 2 : 1;
        for (int block = 0; block < x.blocks(); block += step) {
            for (int b = 0; b < step; b++) {
                long at = lanes + layout.blockByteOffset(block + b);
                scales(w, at, (block + b) % PackedLayout.UNIT, b * COLUMNS, layout);
                unpack(
                        w,
                        at + (long) layout.scaleLines() * PackedLayout.LINE_BYTES,
                        b * PackedLayout.BLOCK * COLUMNS,
                        layout);
            }
            meet(x, m, rows, block, layout);
            int next = block + step;
            if (next % PackedLayout.UNIT == 0 && layout.headerLines() > 0) {
                finish(x, m, rows, next - PackedLayout.UNIT, w, lanes, layout);
            }
        }
    }

    private void scales(MemorySegment w, long byteOffset, int inUnit, int to, PackedLayout layout) {
        if (layout.hasLevels()) {
            MemorySegment.copy(w, PackedScales.FLOAT, byteOffset, scales, 0, COLUMNS);
        } else if (layout.scaleLines() == 2) {
            PackedScales.halves(w, byteOffset, PackedScales.HALF_FACTOR * layout.center(), scales, 0, COLUMNS);
            PackedScales.halves(w, byteOffset + PackedLayout.LINE_BYTES, PackedScales.HALF_FACTOR, mins, 0, COLUMNS);
        } else if (layout.headerLines() == 0) {
            PackedScales.halves(w, byteOffset, SCALE_FACTOR, scales, 0, COLUMNS);
        } else if (layout.hasHalfMins()) {
            PackedScales.nibbles(w, byteOffset, scales, mins, 2 * inUnit * COLUMNS);
        } else if (layout.hasMin()) {
            PackedScales.affine(w, byteOffset, scales, to, mins, inUnit * COLUMNS);
        } else {
            PackedScales.pairs(w, byteOffset, scales);
        }
    }

    private void unpack(MemorySegment w, long byteOffset, int to, PackedLayout layout) {
        if (layout.hasLevels()) {
            PackedLevels.unpack(w, byteOffset, codes);
            return;
        }
        switch (layout.bits()) {
            case 2 -> PackedCodes.two(w, byteOffset, codes);
            case 3 -> PackedCodes.three(w, byteOffset, codes);
            case 4 -> PackedCodes.four(w, byteOffset, codes, to);
            case 5 -> PackedCodes.five(w, byteOffset, codes);
            default -> PackedCodes.six(w, byteOffset, codes);
        }
    }

    /** All rows of a block of X meet a block of 64 rows of W. */
    private void meet(QuantizedRows x, int m, int rows, int block, PackedLayout layout) {
        int runs = layout.runs();
        int length = PackedLayout.BLOCK / runs;
        if (layout.hasLevels()) {
            for (int i = 0; i < rows; i += PackedTile.ROWS) {
                PackedLevels.products(codes, x.codes(), x.codesOffset(block, m + i), levelSums);
                PackedLevels.scale(levelSums, scales, x.scales(), x.scaleOffset(block, m + i), y, i * COLUMNS);
            }
            return;
        }
        for (int i = 0; i < rows; i += PackedTile.ROWS) {
            int x0 = x.codesOffset(block, m + i);
            int a = x.scaleOffset(block, m + i);
            for (int r = 0; r < runs; r++) {
                int k = r * length;
                PackedTile.products(codes, k * COLUMNS, x.codes(), x0 + k, length, sums, r * PackedTile.ROWS * COLUMNS);
            }
            int to = i * COLUMNS;
            if (layout.headerLines() == 0) {
                addBlock(x, a, to, layout);
            } else if (layout.bits() <= 3) {
                PackedTile.scaleTwo(sums, scales, x.scales(), a, u, to);
            } else if (!layout.hasMin()) {
                PackedTile.scalePairs(sums, scales, x.scales(), a, u, to);
            } else if (runs == 1) {
                int next = x.codesOffset(block + 1, m + i);
                PackedTile.products(codes, length * COLUMNS, x.codes(), next, length, sums, PackedTile.ROWS * COLUMNS);
                int b = x.scaleOffset(block + 1, m + i);
                PackedTile.scaleCentered(sums, scales, layout.center(), x.scales(), x.sums(), a, b, u, to);
            } else {
                PackedTile.scaleCenteredOfTwo(sums, scales, layout.center(), x.scales(), x.sums(), a, u, to);
            }
        }
    }

    /** Takes to y what a block of a type without header lines gave; a is where the scales of the rows of X are. */
    private void addBlock(QuantizedRows x, int a, int to, PackedLayout layout) {
        float shift = PackedScales.UPPER_HALF / layout.center();
        if (layout.hasMin() && layout.runs() == 1) {
            PackedTile.scaleWithMin(sums, scales, mins, shift, x.scales(), x.sums(), a, y, to);
        } else if (layout.hasMin()) {
            PackedTile.scaleWithMinOfTwo(sums, scales, mins, shift, x.scales(), x.sums(), a, y, to);
        } else if (layout.runs() == 1) {
            PackedTile.scale(sums, scales, x.scales(), a, y, to);
        } else {
            PackedTile.scaleOfTwo(sums, scales, x.scales(), a, y, to);
        }
    }

    /** Takes to y what the blocks of a unit gave; tiles hold u less a factor, which d gets instead. */
    private void finish(QuantizedRows x, int m, int rows, int block, MemorySegment w, long lanes, PackedLayout layout) {
        long header = lanes + layout.headerByteOffset(block);
        float lacking = layout.hasHalfMins() ? PackedScales.UPPER_HALF : layout.hasMin() ? layout.center() : 0x1p-40f;
        PackedScales.halves(w, header, PackedScales.HALF_FACTOR * lacking, d, 0, COLUMNS);
        if (layout.hasMin()) {
            PackedScales.halves(w, header + PackedLayout.LINE_BYTES, -PackedScales.HALF_FACTOR, minusDmin, 0, COLUMNS);
        }
        for (int i = 0; i < rows; i += PackedTile.ROWS) {
            PackedTile.finish(d, u, y, i * COLUMNS);
            int a = x.scaleOffset(block, m + i);
            int step = x.paddedRows();
            if (layout.hasHalfMins()) {
                PackedMins.finishHalves(mins, minusDmin, x.scales(), x.halfSums(), a, step, y, i * COLUMNS);
            } else if (layout.hasMin()) {
                PackedMins.finish(mins, minusDmin, x.sums(), a, step, y, i * COLUMNS);
            }
        }
    }
}
