// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

/**
 * The sums of some tiles of X with one panel of W, both packed by slices, on their way through K.
 *
 * <p>Half a panel by a slice is met by all tiles for a chunk of K before the next chunk comes: so much of W stays in
 * the first-level cache while X streams past it. With the whole of K at once, two rows of X with six of W would take 32
 * bytes a cycle from the second level, which is all that it gives (AVX2: 0.55 of peak at K 2048, where chunks reach
 * 0.8). Sums lie in memory between two chunks.
 */
final class SlicedSums {
    /** The most tiles: they and their sums stay in the second-level cache from one half of a panel to the next. */
    private static final int TILES = 8;

    private static final int COUNT = Lanes.COUNT;
    private static final int SLICES = Gemm.LANES / COUNT;
    private static final int HALF_PANEL = Gemm.PANEL / 2;

    /** Floats of a tile: [slice][12 rows of W][4 rows of X][COUNT]. */
    private static final int TILE = Gemm.TILE_ROWS * Gemm.PANEL * Gemm.LANES;

    private final float[] lanes = new float[SLICES == 1 ? 0 : TILES * TILE];

    /** How many tiles should meet a panel together: where K is a single chunk, each for itself. */
    static int tiles(int steps) {
        return steps <= SlicedTile.CHUNK ? 1 : TILES;
    }

    /**
     * Sets the sums.
     *
     * @param x packed rows, those of the first tile from x0 on: [tile][slice][k/16][4 rows][COUNT]
     * @param rows of X, of at most {@link #tiles} tiles
     * @param w packed by {@link SlicedTile#pack}
     * @param width rows of W; sums of those beyond are garbage
     * @param steps k/16
     */
    void multiply(float[] x, int x0, int rows, float[] w, int width, int steps) {
        for (int t = 0; t < steps; ) {
            int count = Math.min(SlicedTile.CHUNK, steps - t);
            for (int s = 0; s < SLICES; s++) {
                for (int half = 0; half * HALF_PANEL < width; half++) {
                    int w0 = ((half * SLICES + s) * steps + t) * SlicedTile.STEP;
                    int to = (s * Gemm.PANEL + half * HALF_PANEL) * Gemm.TILE_ROWS * COUNT;
                    for (int row = 0; row < rows; row += Gemm.TILE_ROWS, to += TILE) {
                        int from = x0 + ((row * SLICES + s * Gemm.TILE_ROWS) * steps + t * Gemm.TILE_ROWS) * COUNT;
                        if (t == 0) {
                            SlicedTile.begin(x, from, rows - row, w, w0, count, lanes, to);
                        } else {
                            SlicedTile.goOn(x, from, rows - row, w, w0, count, lanes, to);
                        }
                    }
                }
            }
            t += count;
        }
    }

    /** Folds the sums of a tile, to where {@link GemmTile#finish} leaves them. */
    void finish(int tile, float[] quads, float[] sums) {
        SlicedTile.fold(lanes, tile * TILE, quads);
        GemmTile.finish(quads, sums);
    }
}
