// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops around the tiles of Y = X·Wᵀ, for more than one row of X and every kind of storage of W.
 *
 * <p>Rows of X are packed in fours, [k/16][4][16], so that a tile reads them as one stream: rows a multiple of 4 KiB
 * apart would compete for the same sets of the first-level cache. A block of them stays in the second-level cache while
 * W passes by in panels of twelve rows. W is read where it lies if its rows are whole steps of k; else a panel is
 * copied (or decoded) to scratch first. K is not cut: a tile whose operands come from the second-level cache loses
 * nothing, and sums that are put away and fetched again cost six in a hundred.
 *
 * <p>The last step of k is padded with −0 in X and 1 in W: x·w = −0, which added by fma leaves any sum as it is, +0 and
 * −0 included.
 */
abstract class Gemm {
    /** Lanes of a sum. */
    static final int LANES = 16;

    /** Rows of X in a tile. */
    static final int TILE_ROWS = 4;

    /** Rows of W that meet the rows of a block before the next ones come; three times what is stored at once. */
    static final int PANEL = 12;

    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    /** Vectors that hold the lanes of a sum. If more than one, many rows of X meet W one after the other. */
    private static final int SLICES = LANES / COUNT;

    /**
     * Floats of X in a block: 1 MiB, of which what a tile reads is fetched ahead, the rest of the cache being small. By
     * slices it is 4 MiB: reading X from the third level costs less than packing W again.
     */
    private static final int BLOCK_FLOATS = SLICES == 1 ? 1 << 18 : 1 << 20;

    /**
     * Streams in which the next panel is touched ahead, a touch a step of k, in turn. The prefetcher runs a few lines
     * ahead of each; in a single stream the next touch would come before the line does, and hold up the tile for longer
     * than the tile's own loads would.
     */
    static final int STREAMS = 4;

    /** With so many rows of X there are enough steps to touch each line of the next panel. */
    private static final int TOUCHING_ROWS = 21;

    /**
     * Rows of W that fewer rows of X meet together. They lie a sixth of the range apart, so that each is a stream that
     * no tile interrupts: here nearly all the time goes into waiting for them.
     */
    private static final int HALF_PANEL = PANEL / 2;

    private final float[] quads = new float[TILE_ROWS * PANEL * 4];
    private final float[] sums = new float[TILE_ROWS * PANEL];
    private final SlicedSums slicedSums = new SlicedSums();
    private float[] packed = new float[0];
    private float[] panel = new float[0];
    private float[] slices = new float[0];

    /** K. */
    int inner;

    /** What was touched: written, never read, so that the compiler cannot leave the touching out. */
    int seen;

    /** Floats of X in a block. */
    int blockFloats() {
        return BLOCK_FLOATS;
    }

    /** From so many rows of X on narrow vectors meet W by slices ({@link SlicedTile}). */
    int slicedRows() {
        return TOUCHING_ROWS;
    }

    /** Whether {@link #panel} can read W where it lies. */
    abstract boolean inPlace();

    /**
     * The quads of 4 rows of X with a panel of W in place.
     *
     * @param x packed rows from x0 on
     * @param n the first row of W
     * @param width rows of W
     * @param apart how many rows of W they lie apart
     * @param ahead from row n on, the first element to touch
     * @param spread floats between the streams of touched elements, or 0
     * @param step floats between the touched elements of a stream
     */
    abstract int panel(float[] x, int x0, int n, int width, int apart, float[] quads, int ahead, int spread, int step);

    /**
     * Packs rows of W for {@link SlicedTile}.
     *
     * @param n the first row
     * @param width rows of W
     * @param padded K, filled up to whole steps
     */
    void packSlices(int n, int width, int padded, float[] to) {
        copyPanel(n, width, padded);
        SlicedTile.pack(panel, 0, padded, width, padded / LANES, to);
    }

    /** Copies or decodes a row of W. */
    abstract void copyRow(int n, float[] to, int offset);

    final void multiply(HeapTensor x, HeapTensor y, int rowBegin, int rowEnd) {
        int rows = x.rows();
        inner = x.columns();
        int columns = y.columns();
        int padded = Math.ceilDiv(inner, LANES) * LANES;
        if (padded == 0) {
            clear(y, rowBegin, rowEnd);
            return;
        }
        boolean inPlace = inPlace();
        int block =
                Math.min(Math.ceilDiv(rows, TILE_ROWS), Math.max(1, blockFloats() / padded / TILE_ROWS)) * TILE_ROWS;
        if (packed.length < block * padded) {
            packed = new float[block * padded];
        }
        if (!inPlace && panel.length < PANEL * padded) {
            panel = new float[PANEL * padded];
        }
        boolean sliced = SLICES > 1 && Math.min(rows, block) >= slicedRows();
        if (sliced && slices.length < PANEL * padded) {
            slices = new float[PANEL * padded];
        }
        for (int m = 0; m < rows; m += block) {
            int blockRows = Math.min(block, rows - m);
            pack(x, m, blockRows, padded, sliced ? COUNT : LANES);
            int yOffset = y.offset() + m * columns;
            if (sliced) {
                meetSlices(rowBegin, rowEnd, padded, blockRows, y.data(), yOffset, columns);
                continue;
            }
            int n = rowBegin;
            if (inPlace && blockRows < TOUCHING_ROWS) {
                int apart = (rowEnd - rowBegin) / HALF_PANEL;
                for (; n < rowBegin + apart; n++) {
                    meet(n, HALF_PANEL, apart, false, blockRows, y.data(), yOffset + n, columns);
                }
                n = rowBegin + HALF_PANEL * apart;
            }
            for (; n < rowEnd; n += PANEL) {
                int width = Math.min(PANEL, rowEnd - n);
                if (inPlace) {
                    boolean full = n + 2 * PANEL <= rowEnd;
                    meet(n, width, 1, full, blockRows, y.data(), yOffset + n, columns);
                } else {
                    copyPanel(n, width, padded);
                    meetCopy(width, padded, blockRows, y.data(), yOffset + n, columns);
                }
            }
        }
    }

    private static void clear(HeapTensor y, int rowBegin, int rowEnd) {
        for (int m = 0; m < y.rows(); m++) {
            for (int n = rowBegin; n < rowEnd; n++) {
                y.data()[y.offset() + m * y.columns() + n] = 0;
            }
        }
    }

    /** All rows of the block meet a panel in place; those of a full panel that follows are touched meanwhile. */
    private void meet(
            int n, int width, int apart, boolean nextIsFull, int blockRows, float[] y, int yOffset, int columns) {
        int tiles = Math.ceilDiv(blockRows, TILE_ROWS);
        int spread = PANEL / STREAMS * inner;
        // Two calls a tile, each with its own steps of k. Too many tiles need not touch anything.
        int step = PANEL * LANES / (2 * tiles);
        boolean touch = nextIsFull && step > 0 && blockRows >= TOUCHING_ROWS;
        int ahead = touch ? PANEL * inner : 0;
        for (int tile = 0; tile < tiles; tile++) {
            int x0 = tile * TILE_ROWS * inner;
            seen = panel(packed, x0, n, width, apart, quads, ahead, touch ? spread : 0, touch ? step : 0);
            if (touch) {
                ahead += 2 * step * (inner / LANES / STREAMS);
            }
            finish(tile, width, apart, blockRows, y, yOffset, columns);
        }
    }

    private void meetCopy(int width, int padded, int blockRows, float[] y, int yOffset, int columns) {
        for (int tile = 0; tile * TILE_ROWS < blockRows; tile++) {
            int x0 = tile * TILE_ROWS * padded;
            seen = GemmTile.panel(packed, x0, panel, 0, padded, width, padded, quads, 0, 0, 0);
            finish(tile, width, 1, blockRows, y, yOffset, columns);
        }
    }

    /** All rows of the block meet one panel after the other, packed by slices. */
    private void meetSlices(int rowBegin, int rowEnd, int padded, int blockRows, float[] y, int yOffset, int columns) {
        int tiles = Math.ceilDiv(blockRows, TILE_ROWS);
        int most = SlicedSums.tiles(padded / LANES);
        for (int n = rowBegin; n < rowEnd; n += PANEL) {
            int width = Math.min(PANEL, rowEnd - n);
            packSlices(n, width, padded, slices);
            for (int tile = 0; tile < tiles; tile += most) {
                int count = Math.min(most, tiles - tile);
                int rows = Math.min(count * TILE_ROWS, blockRows - tile * TILE_ROWS);
                slicedSums.multiply(packed, tile * TILE_ROWS * padded, rows, slices, width, padded / LANES);
                for (int i = 0; i < count; i++) {
                    slicedSums.finish(i, quads, sums);
                    store(tile + i, width, 1, blockRows, y, yOffset + n, columns);
                }
            }
        }
    }

    private void finish(int tile, int width, int apart, int blockRows, float[] y, int yOffset, int columns) {
        GemmTile.finish(quads, sums);
        store(tile, width, apart, blockRows, y, yOffset, columns);
    }

    private void store(int tile, int width, int apart, int blockRows, float[] y, int yOffset, int columns) {
        int rows = Math.min(TILE_ROWS, blockRows - tile * TILE_ROWS);
        int to = yOffset + tile * TILE_ROWS * columns;
        if (rows == TILE_ROWS && width == PANEL) {
            GemmTile.store(sums, y, to, columns);
            return;
        }
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                y[to + i * columns + j * apart] = sums[j / 4 * 16 + 4 * i + j % 4];
            }
        }
    }

    /** To [tile][16 / group][k/16][4][group]: with groups of 16 lanes for all of them in turn, with fewer by slices. */
    private void pack(HeapTensor x, int m, int rows, int padded, int group) {
        int full = inner - inner % LANES;
        int steps = padded / LANES;
        int next = TILE_ROWS * group;
        for (int i = 0; i < rows; i++) {
            int from = x.offset() + (m + i) * inner;
            int to = i / TILE_ROWS * TILE_ROWS * padded + i % TILE_ROWS * group;
            for (int l = 0; l < LANES; l += COUNT) {
                int at = to + l / group * steps * next + l % group;
                for (int k = l; k < full; k += LANES, at += next) {
                    FloatVector.fromArray(F, x.data(), from + k).intoArray(packed, at);
                }
                if (full < inner) {
                    int rest = Math.clamp(inner - full - l, 0, COUNT);
                    System.arraycopy(x.data(), from + Math.min(full + l, inner), packed, at, rest);
                    Arrays.fill(packed, at + rest, at + COUNT, -0f);
                }
            }
        }
    }

    private void copyPanel(int n, int width, int padded) {
        for (int j = 0; j < width; j++) {
            copyRow(n + j, panel, j * padded);
            for (int k = inner; k < padded; k++) {
                panel[j * padded + k] = 1;
            }
        }
    }

    /** Folds 16 lanes by halves; the vectors of four serve every width. */
    static float fold(float[] lanes, int offset) {
        FloatVector a = FloatVector.fromArray(FloatVector.SPECIES_128, lanes, offset);
        FloatVector b = FloatVector.fromArray(FloatVector.SPECIES_128, lanes, offset + 4);
        FloatVector c = FloatVector.fromArray(FloatVector.SPECIES_128, lanes, offset + 8);
        FloatVector d = FloatVector.fromArray(FloatVector.SPECIES_128, lanes, offset + 12);
        a.add(c).add(b.add(d)).intoArray(lanes, offset);
        return (lanes[offset] + lanes[offset + 2]) + (lanes[offset + 1] + lanes[offset + 3]);
    }
}
