// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import java.util.Arrays;

/**
 * y = W·x, the product with a single row of X, which reads each weight once and waits for nothing but memory. Lanes run
 * along k.
 *
 * <p>The rows of a tile lie a quarter of the range apart: four streams that no tile interrupts, the most that the
 * processor's prefetcher follows at full speed.
 *
 * <p>A tile leaves the 16 lanes of each of its sums in scratch; {@link #finish} adds the rest of k and folds them.
 */
abstract class Gemv {
    /** Rows of W in a tile. */
    static final int TILE = 4;

    /** Lanes of a sum. */
    static final int LANES = Gemm.LANES;

    /**
     * Lanes that a pass over a row adds up: of narrow vectors two at once, so that those of eight floats read a row
     * once. With two passes memory would stand still during the second.
     */
    static final int TURN = Math.min(LANES, 2 * Lanes.COUNT);

    /** Sums of a tile [TILE][LANES]. */
    final float[] sums = new float[TILE * LANES];

    /** What follows the last full step of k in a row of W. */
    private final float[] tail = new float[LANES];

    /**
     * The first byte of a tile's weights, read on its own. C2 marks code as reading mapped memory, where a page that is
     * gone becomes an InternalError, for a plain read but not for vectors': without one the JVM would end.
     */
    byte touched;

    float[] x;
    int xOffset;
    int inner;

    /** Leaves the sums of the rows n, n + apart ... over the full steps of k in {@link #sums}. */
    abstract void tile4(int n, int apart);

    /** Leaves the sum of one row. */
    abstract void tile1(int n);

    /** Copies the last {@code inner % 16} weights of a row. */
    abstract void copyTail(int n, float[] to);

    final void run(float[] x, int xOffset, int inner, float[] y, int yOffset, int rowBegin, int rowEnd) {
        this.x = x;
        this.xOffset = xOffset;
        this.inner = inner;
        int n = rowBegin;
        if (inner < LANES) {
            // A tile whose loop never runs would be compiled with its vectors boxed.
            for (; n < rowEnd; n++) {
                Arrays.fill(sums, 0, LANES, 0);
                finish(n, 1, 0, y, yOffset);
            }
        }
        int quarter = (rowEnd - n) / TILE;
        int rest = n + TILE * quarter;
        for (int i = 0; i < quarter; i++) {
            tile4(n + i, quarter);
            finish(n + i, TILE, quarter, y, yOffset);
        }
        for (n = rest; n < rowEnd; n++) {
            tile1(n);
            finish(n, 1, 0, y, yOffset);
        }
        this.x = null;
    }

    private void finish(int n, int count, int apart, float[] y, int yOffset) {
        int rest = inner % LANES;
        for (int j = 0; j < count; j++) {
            if (rest > 0) {
                copyTail(n + j * apart, tail);
                int from = xOffset + inner - rest;
                for (int l = 0; l < rest; l++) {
                    sums[j * LANES + l] = Math.fma(x[from + l], tail[l], sums[j * LANES + l]);
                }
            }
            y[yOffset + n + j * apart] = Gemm.fold(sums, j * LANES);
        }
    }
}
