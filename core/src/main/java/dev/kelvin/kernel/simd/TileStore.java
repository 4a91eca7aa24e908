// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.GemmCall;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.operand.Matrix;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Where sums of tiles go at once, with a bias a column and a residual added on the way, while they are in the
 * first-level cache: a pass of its own over rows of the product costs several times that. Where only one of the two is
 * missing, it is −0, which added leaves everything as it is. For one thread.
 */
final class TileStore {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final VectorSpecies<Float> QUAD = FloatVector.SPECIES_128;
    private static final int TILE = ShortSums.TILE;
    private static final int TILE_ROWS = Gemm.TILE_ROWS;
    private static final int PANEL = Gemm.PANEL;
    private static final float[] NOTHING = new float[Math.max(PANEL, ShortSums.TILE_COLUMNS)];

    static {
        Arrays.fill(NOTHING, -0f);
    }

    private float[] bias = NOTHING;
    private int biasFirst;
    private int biasStep;
    private float[] residual = NOTHING;
    private int residualFirst;
    private int residualStride;
    private int residualStep;

    /**
     * Whether this class can finish a product: all but a scaled one, one that is added to c, part of one, and one whose
     * residual would be overwritten before its turn, and only if rows lie in arrays without a gap.
     */
    @SuppressWarnings("ReferenceEquality") // Whether two views show one array is a question of identity.
    static boolean serves(GemmCall call) {
        Matrix c = call.c();
        Matrix residual = call.residual();
        boolean inPlace = c.data() != null && c.columnStride() == 1;
        boolean readable = residual == null
                || (residual.data() != null
                        && residual.columnStride() == 1
                        && (call.activation() == null || residual.data() != c.data()));
        return inPlace && readable && call.isUnscaled() && !call.biasOfRows();
    }

    /** Turns to a product that it serves. */
    void turnTo(GemmCall call) {
        clear();
        if (call.bias() != null) {
            bias = call.bias().data();
            biasFirst = call.bias().offset();
            biasStep = 1;
        }
        if (call.residual() != null && call.activation() == null) {
            residual = call.residual().data();
            residualFirst = (int) call.residual().offset();
            residualStride = call.residual().rowStride();
            residualStep = 1;
        }
    }

    /** Forgets it. */
    void clear() {
        bias = NOTHING;
        biasFirst = 0;
        biasStep = 0;
        residual = NOTHING;
        residualFirst = 0;
        residualStride = 0;
        residualStep = 0;
    }

    /** Stores sums [3][4 rows][4 columns] of row and column (m, n) and what follows. */
    void store(float[] sums, int m, int n, int rows, int width, float[] to, int at, int stride) {
        int biasAt = biasFirst + n * biasStep;
        int residualAt = residualFirst + m * residualStride + n * residualStep;
        boolean whole = rows == TILE_ROWS && width == PANEL;
        if (whole && biasStep + residualStep == 0) {
            GemmTile.store(sums, to, at, stride);
            return;
        }
        if (whole) {
            whole(sums, bias, biasAt, residual, residualAt, residualStride, to, at, stride);
            return;
        }
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                float sum = sums[j / 4 * 16 + 4 * i + j % 4] + bias[biasAt + j];
                to[at + i * stride + j] = sum + residual[residualAt + i * residualStride + j];
            }
        }
    }

    /**
     * Folds the quarters of {@link ShortSums#multiply} and stores the sums of row and column (m, n) and what follows.
     */
    void storeQuarters(float[] quarters, int m, int n, int rows, int width, float[] to, int at, int stride) {
        int biasAt = biasFirst + n * biasStep;
        int residualAt = residualFirst + m * residualStride + n * residualStep;
        int full = width - width % COUNT;
        for (int i = 0; i < rows; i++) {
            int from = i * ShortSums.TILE_COLUMNS;
            int r = residualAt + i * residualStride;
            int y = at + i * stride;
            for (int j = 0; j < full; j += COUNT) {
                FloatVector even = FloatVector.fromArray(F, quarters, from + j)
                        .add(FloatVector.fromArray(F, quarters, from + j + 2 * TILE));
                FloatVector odd = FloatVector.fromArray(F, quarters, from + j + TILE)
                        .add(FloatVector.fromArray(F, quarters, from + j + 3 * TILE));
                even.add(odd)
                        .add(FloatVector.fromArray(F, bias, biasAt + j))
                        .add(FloatVector.fromArray(F, residual, r + j))
                        .intoArray(to, y + j);
            }
            for (int j = full; j < width; j++) {
                float even = quarters[from + j] + quarters[from + j + 2 * TILE];
                float odd = quarters[from + j + TILE] + quarters[from + j + 3 * TILE];
                to[y + j] = even + odd + bias[biasAt + j] + residual[r + j];
            }
        }
    }

    private static void whole(
            float[] sums,
            float[] bias,
            int biasAt,
            float[] residual,
            int residualAt,
            int residualStride,
            float[] to,
            int at,
            int stride) {
        // Each vector lives for one statement: those of the bias, kept over the rows, were boxed.
        for (int i = 0; i < TILE_ROWS; i++) {
            int r = residualAt + i * residualStride;
            int y = at + i * stride;
            FloatVector.fromArray(QUAD, sums, 4 * i)
                    .add(FloatVector.fromArray(QUAD, bias, biasAt))
                    .add(FloatVector.fromArray(QUAD, residual, r))
                    .intoArray(to, y);
            FloatVector.fromArray(QUAD, sums, 16 + 4 * i)
                    .add(FloatVector.fromArray(QUAD, bias, biasAt + 4))
                    .add(FloatVector.fromArray(QUAD, residual, r + 4))
                    .intoArray(to, y + 4);
            FloatVector.fromArray(QUAD, sums, 32 + 4 * i)
                    .add(FloatVector.fromArray(QUAD, bias, biasAt + 8))
                    .add(FloatVector.fromArray(QUAD, residual, r + 8))
                    .intoArray(to, y + 8);
        }
    }

    /** The function, and the residual behind it, over stored rows of c: from column {@code n} on. */
    static void activate(Kernels kernels, GemmCall call, int item, int m, int rows, int n, int width) {
        if (call.activation() == null) {
            return;
        }
        Matrix c = call.c();
        Matrix residual = call.residual();
        for (int i = m; i < m + rows; i++) {
            int at = (int) call.cOffset(item) + i * c.rowStride() + n;
            kernels.elements().activate(call.activation(), c.data(), at, c.data(), at, width);
            if (residual != null) {
                int from = (int) residual.offset() + i * residual.rowStride() + n;
                kernels.elements().add(c.data(), at, residual.data(), from, c.data(), at, width);
            }
        }
    }
}
