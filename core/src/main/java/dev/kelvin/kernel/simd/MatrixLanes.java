// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.GemmCall;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.MatrixKernels;
import dev.kelvin.kernel.MatrixLines;
import dev.kelvin.kernel.ProductLine;
import dev.kelvin.operand.Matrix;
import java.util.Arrays;

/**
 * Products of matrices in any form by the tiles of {@link Gemm}: both factors are packed as those want them, so that
 * nothing is left of how they were stored. Columns of b that lie without a gap, whole steps of k, are read in place.
 * Where sums are short and rows of b have no gap, {@link ShortSums} computes them instead.
 *
 * <p>Sums go straight to c if {@link TileStore} can finish them, else to a strip of columns that stays in the
 * second-level cache until {@link ProductLine} takes it row by row.
 */
final class MatrixLanes implements MatrixKernels {
    private static final int COUNT = Lanes.COUNT;
    private static final int LANES = Gemm.LANES;
    private static final int TILE_ROWS = Gemm.TILE_ROWS;
    private static final int PANEL = Gemm.PANEL;

    /** Columns of c between two visits of {@link ProductLine}: long enough that its calls do not show. */
    private static final int STRIP = 96;

    /** Columns of b that are packed together: four panels, which take three lines of the cache of each row of b. */
    private static final int GROUP = 48;

    /** Columns whose 16 lanes one row of a fills at once: 32 KiB. */
    private static final int LANE_COLUMNS = 512;

    /** Floats of a in a block: reading it from the third level costs less than packing b again. */
    private static final int BLOCK_FLOATS = 1 << 20;

    /** With fewer rows than this, b is not worth packing by slices. */
    private static final int SLICED_ROWS = 21;

    private final Kernels kernels;
    private final MatrixLines aLines = new MatrixLines();
    private final MatrixLines bLines = new MatrixLines();
    private final ProductLine line = new ProductLine();
    private final TileStore store = new TileStore();
    private final HeapGemv gemv = new HeapGemv();
    private final float[] quads = new float[TILE_ROWS * PANEL * 4];
    private final float[] sums = new float[TILE_ROWS * PANEL];
    private final float[] lanes = new float[LANES * LANE_COLUMNS];
    private final ShortSums shortSums = new ShortSums();
    private final SlicedSums slicedSums = new SlicedSums();
    private float[] packed = new float[0];
    private float[] panels = new float[0];
    private float[] slices = new float[0];
    private float[] strip = new float[0];
    private float[] row = new float[0];

    private GemmCall call;
    private int item;
    private int inner;
    private int padded;
    private boolean inPlace;
    private boolean sliced;
    private boolean isShort;

    /** Where sums go: from {@code toOffset} on, rows {@code toStride} apart. */
    private float[] to;

    private int toOffset;
    private int toStride;

    MatrixLanes(Kernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public void gemm(GemmCall call, int item, int rowBegin, int rowEnd, int columnBegin, int columnEnd) {
        this.call = call;
        this.item = item;
        inner = call.inner();
        if (call.isEmpty()) {
            empty(rowBegin, rowEnd, columnBegin, columnEnd);
        } else if (inner == 1 && call.b().data() != null && call.b().columnStride() == 1) {
            multiples(rowBegin, rowEnd, columnBegin, columnEnd);
        } else if (rowEnd - rowBegin == 1) {
            oneRow(rowBegin, columnBegin, columnEnd);
        } else {
            manyRows(rowBegin, rowEnd, columnBegin, columnEnd);
        }
        aLines.clear();
        bLines.clear();
        shortSums.clear();
        store.clear();
        this.call = null;
        to = null;
    }

    private void empty(int rowBegin, int rowEnd, int columnBegin, int columnEnd) {
        strip = grown(strip, STRIP);
        for (int m = rowBegin; m < rowEnd; m++) {
            for (int n = columnBegin; n < columnEnd; n += STRIP) {
                Arrays.fill(strip, 0, STRIP, 0);
                line.finish(kernels, call, item, strip, 0, m, n, Math.min(STRIP, columnEnd - n));
            }
        }
    }

    /** A sum has one product: rows are multiples of the only row of b, and the fold adds +0 to each. */
    private void multiples(int rowBegin, int rowEnd, int columnBegin, int columnEnd) {
        int width = columnEnd - columnBegin;
        strip = grown(strip, width);
        row = grown(row, 1);
        int from = (int) call.bOffset(item) + columnBegin;
        for (int m = rowBegin; m < rowEnd; m++) {
            aLines.read(call.a(), call.aOffset(item) + (long) m * call.a().rowStride(), 1, row, 0, 1);
            Arithmetic.affine(call.b().data(), from, strip, 0, width, row[0], 0);
            Arithmetic.affine(strip, 0, strip, 0, width, 1, 0);
            line.finish(kernels, call, item, strip, 0, m, columnBegin, width);
        }
    }

    private static float[] grown(float[] scratch, int length) {
        return scratch.length < length ? new float[length] : scratch;
    }

    private void manyRows(int rowBegin, int rowEnd, int columnBegin, int columnEnd) {
        Matrix a = call.a();
        Matrix b = call.b();
        Matrix c = call.c();
        padded = Math.ceilDiv(inner, LANES) * LANES;
        inPlace = b.data() != null && b.rowStride() == 1 && b.columnStride() >= 0 && inner == padded;
        int rows = rowEnd - rowBegin;
        int most = Math.max(1, BLOCK_FLOATS / padded / TILE_ROWS);
        int block = Math.min(Math.ceilDiv(rows, TILE_ROWS), most) * TILE_ROWS;
        isShort = ShortSums.serves(call, Math.min(rows, block), columnEnd - columnBegin);
        if (!isShort) {
            packed = grown(packed, block * padded);
        }
        if (!isShort && !inPlace) {
            panels = grown(panels, Math.multiplyExact(GROUP, padded + LANES));
        }
        sliced = !isShort && COUNT < LANES && Math.min(rows, block) >= SLICED_ROWS;
        if (sliced) {
            slices = grown(slices, Math.multiplyExact(PANEL, padded));
        }
        boolean direct = TileStore.serves(call);
        store.clear();
        if (direct) {
            store.turnTo(call);
        } else {
            strip = grown(strip, block * STRIP);
        }
        for (int m = rowBegin; m < rowEnd; m += block) {
            int blockRows = Math.min(block, rowEnd - m);
            long from = call.aOffset(item) + (long) m * a.rowStride();
            aLines.turnTo(a, from, a.rowStride(), a.columnStride(), blockRows, inner);
            packRows(blockRows);
            for (int n = columnBegin; n < columnEnd; n += STRIP) {
                int width = Math.min(STRIP, columnEnd - n);
                to = direct ? c.data() : strip;
                toOffset = direct ? (int) (call.cOffset(item) + (long) m * c.rowStride() + n) : 0;
                toStride = direct ? c.rowStride() : STRIP;
                if (isShort) {
                    shortStrip(m, blockRows, n, width);
                }
                for (int j = 0; j < width && !isShort; j += GROUP) {
                    group(m, blockRows, n + j, Math.min(GROUP, width - j), toOffset + j);
                }
                if (direct) {
                    TileStore.activate(kernels, call, item, m, blockRows, n, width);
                }
                for (int i = 0; i < blockRows && !direct; i++) {
                    line.finish(kernels, call, item, strip, i * STRIP, m + i, n, width);
                }
            }
        }
    }

    private void packRows(int rows) {
        if (isShort) {
            shortSums.left(aLines, rows, inner);
            return;
        }
        MatrixPacking.tiles(
                aLines.data(),
                aLines.offset(),
                aLines.rowStride(),
                aLines.columnStride(),
                rows,
                inner,
                padded,
                packed,
                sliced ? COUNT : LANES);
    }

    /** All rows of the block meet a strip of b whose sums are short. */
    private void shortStrip(int m, int blockRows, int n, int width) {
        if (!call.meets(m, m + blockRows, n, n + width)) {
            return;
        }
        Matrix b = call.b();
        long from = call.bOffset(item) + (long) n * b.columnStride();
        bLines.turnTo(b, from, b.columnStride(), b.rowStride(), width, inner);
        shortSums.right(bLines, width);
        for (int j = 0; j < width; j += ShortSums.TILE_COLUMNS) {
            int columns = Math.min(ShortSums.TILE_COLUMNS, width - j);
            for (int i = 0; i < blockRows; i += TILE_ROWS) {
                int rows = Math.min(TILE_ROWS, blockRows - i);
                if (call.meets(m + i, m + i + rows, n + j, n + j + columns)) {
                    float[] quarters = shortSums.multiply(i, rows, j);
                    int at = toOffset + j + i * toStride;
                    store.storeQuarters(quarters, m + i, n + j, rows, columns, to, at, toStride);
                }
            }
        }
    }

    /** All rows of the block meet the columns [n, n + width) of b. */
    private void group(int m, int blockRows, int n, int width, int toAt) {
        if (!call.meets(m, m + blockRows, n, n + width)) {
            return;
        }
        Matrix b = call.b();
        long from = call.bOffset(item) + (long) n * b.columnStride();
        bLines.turnTo(b, from, b.columnStride(), b.rowStride(), width, inner);
        float[] w = bLines.data();
        int w0 = bLines.offset();
        int stride = bLines.rowStride();
        if (!inPlace) {
            w = panels;
            // Not a power of two, else the rows of a panel would share sets of the first-level cache.
            stride = padded + LANES;
            MatrixPacking.panel(
                    bLines.data(), w0, bLines.rowStride(), bLines.columnStride(), width, inner, padded, w, stride);
            w0 = 0;
        }
        for (int j = 0; j < width; j += PANEL) {
            panel(w, w0 + j * stride, stride, m, blockRows, n + j, Math.min(PANEL, width - j), toAt + j);
        }
    }

    private void panel(float[] w, int w0, int stride, int m, int blockRows, int n, int width, int toAt) {
        if (sliced) {
            SlicedTile.pack(w, w0, stride, width, padded / LANES, slices);
            slicedPanel(m, blockRows, n, width, toAt);
            return;
        }
        for (int i = 0; i < blockRows; i += TILE_ROWS) {
            int rows = Math.min(TILE_ROWS, blockRows - i);
            if (call.meets(m + i, m + i + rows, n, n + width)) {
                GemmTile.panel(packed, i * padded, w, w0, stride, width, padded, quads, w0, 0, 0);
                GemmTile.finish(quads, sums);
                store.store(sums, m + i, n, rows, width, to, toAt + i * toStride, toStride);
            }
        }
    }

    /** Tiles that are wanted meet the packed panel, as many at once as follow each other. */
    private void slicedPanel(int m, int blockRows, int n, int width, int toAt) {
        for (int i = 0; i < blockRows; ) {
            int end = i;
            int most = Math.min(blockRows, i + SlicedSums.tiles(padded / LANES) * TILE_ROWS);
            while (end < most && call.meets(m + end, m + Math.min(end + TILE_ROWS, blockRows), n, n + width)) {
                end += TILE_ROWS;
            }
            int tiles = (end - i) / TILE_ROWS;
            slicedSums.multiply(packed, i * padded, Math.min(end, blockRows) - i, slices, width, padded / LANES);
            for (int tile = 0; tile < tiles; tile++, i += TILE_ROWS) {
                slicedSums.finish(tile, quads, sums);
                int rows = Math.min(TILE_ROWS, blockRows - i);
                store.store(sums, m + i, n, rows, width, to, toAt + i * toStride, toStride);
            }
            if (end < most) {
                i += TILE_ROWS;
            }
        }
    }

    /** One row of a: each element of b is read once, where it lies if that is an array. */
    private void oneRow(int m, int columnBegin, int columnEnd) {
        Matrix a = call.a();
        Matrix b = call.b();
        long aFrom = call.aOffset(item) + (long) m * a.rowStride();
        float[] x = a.data();
        int x0 = (int) aFrom;
        if (x == null || a.columnStride() != 1) {
            row = grown(row, inner);
            aLines.read(a, aFrom, a.columnStride(), row, 0, inner);
            x = row;
            x0 = 0;
        }
        int most = b.data() != null ? columnEnd - columnBegin : GROUP;
        strip = grown(strip, most);
        for (int n = columnBegin; n < columnEnd; n += most) {
            int width = Math.min(most, columnEnd - n);
            long from = call.bOffset(item) + (long) n * b.columnStride();
            bLines.turnTo(b, from, b.columnStride(), b.rowStride(), width, inner);
            if (bLines.columnStride() == 1) {
                gemv.run(x, x0, bLines.data(), bLines.offset(), bLines.rowStride(), strip, 0, inner, 0, width);
            } else if (bLines.rowStride() == 1) {
                for (int j = 0; j < width; j += LANE_COLUMNS) {
                    lanesOfColumns(x, x0, bLines.offset() + j, Math.min(LANE_COLUMNS, width - j), j);
                }
            } else {
                apart(x, x0, width);
            }
            line.finish(kernels, call, item, strip, 0, m, n, width);
        }
    }

    /** Columns side by side: lane l of all of them goes on with the rows k ≡ l (mod 16). */
    private void lanesOfColumns(float[] x, int x0, int offset, int width, int at) {
        Arrays.fill(lanes, 0, LANES * LANE_COLUMNS, 0);
        float[] b = bLines.data();
        int stride = bLines.columnStride();
        for (int k = 0; k < inner; k++) {
            int lane = k % LANES * LANE_COLUMNS;
            Arithmetic.addMultiple(b, offset + k * stride, lanes, lane, width, x[x0 + k]);
        }
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int l = 0; l < half; l++) {
                int low = l * LANE_COLUMNS;
                int high = (l + half) * LANE_COLUMNS;
                Arithmetic.add(lanes, low, lanes, high, lanes, low, width);
            }
        }
        System.arraycopy(lanes, 0, strip, at, width);
    }

    /** Elements that lie apart are brought together a column at a time. */
    private void apart(float[] x, int x0, int width) {
        panels = grown(panels, inner);
        for (int j = 0; j < width; j++) {
            int from = bLines.offset() + j * bLines.rowStride();
            MatrixPacking.panel(bLines.data(), from, 0, bLines.columnStride(), 1, inner, inner, panels, inner);
            strip[j] = gemv.dot(x, x0, panels, 0, inner);
        }
    }
}
