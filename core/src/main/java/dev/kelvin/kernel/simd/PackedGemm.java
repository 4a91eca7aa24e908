// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Y = X·Wᵀ with packed weights, for more than a few rows of X: the codes of a block of a strip are unpacked once, to
 * scratch in the first-level cache, and all rows of a block of X meet them there. Sums of the strip [rows][128] stay in
 * the second-level cache, from which {@link PackedTile} fetches them block by block.
 */
final class PackedGemm {
    private static final int STRIP = PackedLayout.STRIP;

    /** Rows of X that meet a strip before the next ones come. */
    private static final int ROWS = 128;

    /** Together with {@link PackedScales#UPPER_HALF} what decodes an f16. */
    private static final float SCALE_FACTOR = PackedScales.HALF_FACTOR * PackedScales.UPPER_HALF;

    private final short[] codes = new short[PackedLayout.BLOCK * STRIP];
    private final short[] sums = new short[4 * PackedTile.ROWS * PackedTile.COLUMNS];
    private final float[] header = new float[2 * STRIP];
    private final float[] scales = new float[2 * STRIP];
    private final float[] constants = new float[STRIP];
    private final float[] y = new float[ROWS * STRIP];

    void run(QuantizedRows x, PackedTensor w, HeapTensor out, int rowBegin, int rowEnd) {
        long stripBytes = w.layout().stripBytes(w.columns());
        for (int n = rowBegin; n < rowEnd; n += STRIP) {
            int width = Math.min(STRIP, rowEnd - n);
            for (int m = 0; m < x.rows(); m += ROWS) {
                int rows = Math.min(ROWS, x.paddedRows() - m);
                strip(x, m, rows, w.segment(), n / STRIP * stripBytes);
                for (int i = 0; i < Math.min(rows, x.rows() - m); i++) {
                    System.arraycopy(y, i * STRIP, out.data(), out.offset() + (m + i) * out.columns() + n, width);
                }
            }
        }
    }

    private void strip(QuantizedRows x, int m, int rows, MemorySegment w, long strip) {
        PackedLayout layout = x.layout();
        Arrays.fill(y, 0, rows * STRIP, 0);
        for (int block = 0; block < x.blocks(); block++) {
            if (block % PackedLayout.UNIT == 0) {
                header(w, strip + layout.headerByteOffset(block), layout);
            }
            long at = strip + layout.blockByteOffset(block);
            scales(w, at, layout);
            unpack(w, at + PackedLayout.LINE_BYTES, layout);
            meet(x, m, rows, block, layout);
        }
    }

    private void header(MemorySegment w, long byteOffset, PackedLayout layout) {
        if (layout.headerLines() > 0) {
            float factor = layout.runs() == 1 ? SCALE_FACTOR : PackedScales.HALF_FACTOR;
            PackedScales.halves(w, byteOffset, factor, header, 0);
        }
        if (layout.headerLines() > 1) {
            long next = byteOffset + PackedLayout.LINE_BYTES;
            PackedScales.halves(w, next, -PackedScales.HALF_FACTOR, header, STRIP);
        }
    }

    private void scales(MemorySegment w, long byteOffset, PackedLayout layout) {
        if (layout.headerLines() == 0) {
            PackedScales.halves(w, byteOffset, SCALE_FACTOR, scales, 0);
        } else if (layout.hasMin()) {
            float center = layout.runs() == 1 ? layout.center() / PackedScales.UPPER_HALF : layout.center();
            PackedScales.affine(w, byteOffset, header, scales, constants, center);
        } else {
            PackedScales.pairs(w, byteOffset, header, scales);
        }
    }

    private void unpack(MemorySegment w, long byteOffset, PackedLayout layout) {
        switch (layout.bits()) {
            case 4 -> PackedCodes.four(w, byteOffset, codes);
            case 5 -> PackedCodes.five(w, byteOffset, codes);
            default -> PackedCodes.six(w, byteOffset, codes);
        }
    }

    /** All rows of a block of X meet a block of a strip. */
    private void meet(QuantizedRows x, int m, int rows, int block, PackedLayout layout) {
        int runs = layout.runs();
        int length = PackedLayout.BLOCK / runs;
        int run = PackedTile.ROWS * PackedTile.COLUMNS;
        for (int i = 0; i < rows; i += PackedTile.ROWS) {
            int x0 = x.codesOffset(block, m + i);
            int a = x.scaleOffset(block, m + i);
            for (int n = 0; n < STRIP; n += PackedTile.COLUMNS) {
                int from = n * PackedLayout.BLOCK;
                for (int r = 0; r < runs; r++) {
                    int k = r * length;
                    PackedTile.products(codes, from + k * PackedTile.COLUMNS, x.codes(), x0 + k, length, sums, r * run);
                }
                int to = i * STRIP + n;
                switch (layout.bits()) {
                    case 4 -> {
                        if (layout.hasMin()) {
                            PackedTile.scaleAffine(sums, scales, constants, n, x.scales(), x.sums(), a, y, to);
                        } else {
                            PackedTile.scale(sums, scales, n, x.scales(), a, y, to);
                        }
                    }
                    case 5 -> {
                        PackedTile.scaleOfTwo(sums, 0, scales, n, x.scales(), a, y, to);
                        PackedTile.add(constants, n, x.sums(), a, y, to);
                    }
                    default -> {
                        PackedTile.scaleOfTwo(sums, 0, scales, n, x.scales(), a, y, to);
                        PackedTile.scaleOfTwo(sums, 2 * run, scales, STRIP + n, x.scales(), a, y, to);
                    }
                }
            }
        }
    }
}
