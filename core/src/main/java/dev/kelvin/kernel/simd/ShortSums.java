// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.GemmCall;
import dev.kelvin.kernel.MatrixLines;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of 49 to 64 products, bit for bit those of {@link GemmTile}, with the lanes of vectors along the columns of b.
 *
 * <p>With lanes along k a sum ends in 15 additions across a vector, which cost more than four steps of multiplications.
 * Here each of the 16 lanes of a sum is a vector of its own, with a column a place: lane l takes the products of k ≡ l
 * (mod 16), an element of a broadcast, and the fold adds whole vectors. Lanes l and l + 8 meet in registers, then what
 * lanes l + 4 and l + 12 make is added; the four quarters of a sum wait in memory until {@link TileStore} folds them.
 *
 * <p>Rows of a are read where they lie if they have no gap and are whole steps of k; else they are copied and padded
 * with 1. Rows of b are packed in tiles of columns and padded with −0: 1·(−0) added by fma leaves any lane as it is.
 * For one thread. Decision 0214 says where this pays.
 */
final class ShortSums {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int LANES = Gemm.LANES;

    /** Rows of a tile. With two vectors a row, two lanes take 16 of 32 registers. */
    static final int TILE_ROWS = Gemm.TILE_ROWS;

    /** Columns of a tile. */
    static final int TILE_COLUMNS = 2 * COUNT;

    /** Floats of a tile of sums. */
    static final int TILE = TILE_ROWS * TILE_COLUMNS;

    /** K, filled up to whole steps. */
    private static final int PADDED = 4 * LANES;

    /** Fewer rows than this do not repay the packing of b. */
    private static final int MIN_ROWS = 32;

    /** [4 quarters][4 rows][columns], and −0 for a quarter that has nothing yet. */
    private final float[] quarters = new float[5 * TILE];

    private float[] copied = new float[0];
    private float[] packed = new float[0];
    private int inner;
    private float[] a;
    private int aOffset;
    private int aStride;

    ShortSums() {
        Arrays.fill(quarters, 4 * TILE, 5 * TILE, -0f);
    }

    /** Whether so many rows and columns of a product are faster here: only where rows of b have no gap. */
    static boolean serves(GemmCall call, int rows, int columns) {
        boolean fewProducts = call.inner() > PADDED - LANES && call.inner() <= PADDED;
        return COUNT == LANES
                && fewProducts
                && rows >= MIN_ROWS
                && columns >= COUNT
                && call.b().columnStride() == 1;
    }

    /** Turns to rows of a, of so many elements. */
    void left(MatrixLines lines, int rows, int inner) {
        this.inner = inner;
        if (lines.columnStride() == 1 && inner == PADDED) {
            a = lines.data();
            aOffset = lines.offset();
            aStride = lines.rowStride();
            return;
        }
        if (copied.length < rows * PADDED) {
            copied = new float[rows * PADDED];
        }
        a = copied;
        aOffset = 0;
        aStride = PADDED;
        MatrixPacking.panel(
                lines.data(),
                lines.offset(),
                lines.rowStride(),
                lines.columnStride(),
                rows,
                inner,
                PADDED,
                copied,
                PADDED);
    }

    /** Turns to columns of b; lines are its columns. To [width / TILE_COLUMNS][k][TILE_COLUMNS]. */
    void right(MatrixLines lines, int width) {
        int tile = PADDED * TILE_COLUMNS;
        int needed = Math.ceilDiv(width, TILE_COLUMNS) * tile;
        if (packed.length < needed) {
            packed = new float[needed];
        }
        for (int j = 0, at = 0; j < width; j += TILE_COLUMNS, at += tile) {
            int columns = Math.min(TILE_COLUMNS, width - j);
            int from = lines.offset() + j * lines.rowStride();
            if (lines.rowStride() == 1 && columns == TILE_COLUMNS) {
                copy(lines.data(), from, lines.columnStride(), at);
            } else {
                turn(lines, from, columns, at);
            }
            Arrays.fill(packed, at + inner * TILE_COLUMNS, at + tile, -0f);
        }
    }

    private void copy(float[] b, int from, int stride, int to) {
        for (int k = 0; k < inner; k++) {
            FloatVector.fromArray(F, b, from + k * stride).intoArray(packed, to + k * TILE_COLUMNS);
            FloatVector.fromArray(F, b, from + k * stride + COUNT).intoArray(packed, to + k * TILE_COLUMNS + COUNT);
        }
    }

    private void turn(MatrixLines lines, int from, int columns, int at) {
        MatrixPacking.rows(
                lines.data(), from, lines.columnStride(), lines.rowStride(), inner, columns, packed, at, TILE_COLUMNS);
    }

    /** Forgets a. */
    void clear() {
        a = copied;
    }

    /**
     * The quarters of a tile of sums.
     *
     * @param row the first
     * @param rows how many
     * @param column the first, a multiple of {@link #TILE_COLUMNS} from the first that was turned to
     * @return [4 quarters][4 rows][TILE_COLUMNS]; a sum is (0 + 2) + (1 + 3)
     */
    float[] multiply(int row, int rows, int column) {
        int from = aOffset + row * aStride;
        for (int l = 0; l < 4; l++) {
            add(from, rows, column * PADDED, l, 4 * TILE);
            add(from, rows, column * PADDED, l + 4, l * TILE);
        }
        return quarters;
    }

    /**
     * Lanes l and l + 8, all steps of k without a loop: C2 cuts a loop in three, which four steps do not repay.
     *
     * @param before where in {@code quarters} that lies to which they are added
     */
    private void add(int a0, int rows, int tile, int l, int before) {
        float[] x = a;
        float[] w = packed;
        int a1 = a0 + Math.min(1, rows - 1) * aStride;
        int a2 = a0 + Math.min(2, rows - 1) * aStride;
        int a3 = a0 + Math.min(3, rows - 1) * aStride;
        FloatVector b0;
        FloatVector b1;
        FloatVector ak;
        FloatVector p00 = FloatVector.zero(F);
        FloatVector p01 = FloatVector.zero(F);
        FloatVector p10 = FloatVector.zero(F);
        FloatVector p11 = FloatVector.zero(F);
        FloatVector p20 = FloatVector.zero(F);
        FloatVector p21 = FloatVector.zero(F);
        FloatVector p30 = FloatVector.zero(F);
        FloatVector p31 = FloatVector.zero(F);
        FloatVector q00 = FloatVector.zero(F);
        FloatVector q01 = FloatVector.zero(F);
        FloatVector q10 = FloatVector.zero(F);
        FloatVector q11 = FloatVector.zero(F);
        FloatVector q20 = FloatVector.zero(F);
        FloatVector q21 = FloatVector.zero(F);
        FloatVector q30 = FloatVector.zero(F);
        FloatVector q31 = FloatVector.zero(F);
        int k = l;
        int bk = tile + l * TILE_COLUMNS;
        b0 = FloatVector.fromArray(F, w, bk);
        b1 = FloatVector.fromArray(F, w, bk + COUNT);
        ak = FloatVector.broadcast(F, x[a0 + k]);
        p00 = ak.fma(b0, p00);
        p01 = ak.fma(b1, p01);
        ak = FloatVector.broadcast(F, x[a1 + k]);
        p10 = ak.fma(b0, p10);
        p11 = ak.fma(b1, p11);
        ak = FloatVector.broadcast(F, x[a2 + k]);
        p20 = ak.fma(b0, p20);
        p21 = ak.fma(b1, p21);
        ak = FloatVector.broadcast(F, x[a3 + k]);
        p30 = ak.fma(b0, p30);
        p31 = ak.fma(b1, p31);
        b0 = FloatVector.fromArray(F, w, bk + 8 * TILE_COLUMNS);
        b1 = FloatVector.fromArray(F, w, bk + 8 * TILE_COLUMNS + COUNT);
        ak = FloatVector.broadcast(F, x[a0 + k + 8]);
        q00 = ak.fma(b0, q00);
        q01 = ak.fma(b1, q01);
        ak = FloatVector.broadcast(F, x[a1 + k + 8]);
        q10 = ak.fma(b0, q10);
        q11 = ak.fma(b1, q11);
        ak = FloatVector.broadcast(F, x[a2 + k + 8]);
        q20 = ak.fma(b0, q20);
        q21 = ak.fma(b1, q21);
        ak = FloatVector.broadcast(F, x[a3 + k + 8]);
        q30 = ak.fma(b0, q30);
        q31 = ak.fma(b1, q31);
        b0 = FloatVector.fromArray(F, w, bk + 16 * TILE_COLUMNS);
        b1 = FloatVector.fromArray(F, w, bk + 16 * TILE_COLUMNS + COUNT);
        ak = FloatVector.broadcast(F, x[a0 + k + 16]);
        p00 = ak.fma(b0, p00);
        p01 = ak.fma(b1, p01);
        ak = FloatVector.broadcast(F, x[a1 + k + 16]);
        p10 = ak.fma(b0, p10);
        p11 = ak.fma(b1, p11);
        ak = FloatVector.broadcast(F, x[a2 + k + 16]);
        p20 = ak.fma(b0, p20);
        p21 = ak.fma(b1, p21);
        ak = FloatVector.broadcast(F, x[a3 + k + 16]);
        p30 = ak.fma(b0, p30);
        p31 = ak.fma(b1, p31);
        b0 = FloatVector.fromArray(F, w, bk + 24 * TILE_COLUMNS);
        b1 = FloatVector.fromArray(F, w, bk + 24 * TILE_COLUMNS + COUNT);
        ak = FloatVector.broadcast(F, x[a0 + k + 24]);
        q00 = ak.fma(b0, q00);
        q01 = ak.fma(b1, q01);
        ak = FloatVector.broadcast(F, x[a1 + k + 24]);
        q10 = ak.fma(b0, q10);
        q11 = ak.fma(b1, q11);
        ak = FloatVector.broadcast(F, x[a2 + k + 24]);
        q20 = ak.fma(b0, q20);
        q21 = ak.fma(b1, q21);
        ak = FloatVector.broadcast(F, x[a3 + k + 24]);
        q30 = ak.fma(b0, q30);
        q31 = ak.fma(b1, q31);
        b0 = FloatVector.fromArray(F, w, bk + 32 * TILE_COLUMNS);
        b1 = FloatVector.fromArray(F, w, bk + 32 * TILE_COLUMNS + COUNT);
        ak = FloatVector.broadcast(F, x[a0 + k + 32]);
        p00 = ak.fma(b0, p00);
        p01 = ak.fma(b1, p01);
        ak = FloatVector.broadcast(F, x[a1 + k + 32]);
        p10 = ak.fma(b0, p10);
        p11 = ak.fma(b1, p11);
        ak = FloatVector.broadcast(F, x[a2 + k + 32]);
        p20 = ak.fma(b0, p20);
        p21 = ak.fma(b1, p21);
        ak = FloatVector.broadcast(F, x[a3 + k + 32]);
        p30 = ak.fma(b0, p30);
        p31 = ak.fma(b1, p31);
        b0 = FloatVector.fromArray(F, w, bk + 40 * TILE_COLUMNS);
        b1 = FloatVector.fromArray(F, w, bk + 40 * TILE_COLUMNS + COUNT);
        ak = FloatVector.broadcast(F, x[a0 + k + 40]);
        q00 = ak.fma(b0, q00);
        q01 = ak.fma(b1, q01);
        ak = FloatVector.broadcast(F, x[a1 + k + 40]);
        q10 = ak.fma(b0, q10);
        q11 = ak.fma(b1, q11);
        ak = FloatVector.broadcast(F, x[a2 + k + 40]);
        q20 = ak.fma(b0, q20);
        q21 = ak.fma(b1, q21);
        ak = FloatVector.broadcast(F, x[a3 + k + 40]);
        q30 = ak.fma(b0, q30);
        q31 = ak.fma(b1, q31);
        b0 = FloatVector.fromArray(F, w, bk + 48 * TILE_COLUMNS);
        b1 = FloatVector.fromArray(F, w, bk + 48 * TILE_COLUMNS + COUNT);
        ak = FloatVector.broadcast(F, x[a0 + k + 48]);
        p00 = ak.fma(b0, p00);
        p01 = ak.fma(b1, p01);
        ak = FloatVector.broadcast(F, x[a1 + k + 48]);
        p10 = ak.fma(b0, p10);
        p11 = ak.fma(b1, p11);
        ak = FloatVector.broadcast(F, x[a2 + k + 48]);
        p20 = ak.fma(b0, p20);
        p21 = ak.fma(b1, p21);
        ak = FloatVector.broadcast(F, x[a3 + k + 48]);
        p30 = ak.fma(b0, p30);
        p31 = ak.fma(b1, p31);
        b0 = FloatVector.fromArray(F, w, bk + 56 * TILE_COLUMNS);
        b1 = FloatVector.fromArray(F, w, bk + 56 * TILE_COLUMNS + COUNT);
        ak = FloatVector.broadcast(F, x[a0 + k + 56]);
        q00 = ak.fma(b0, q00);
        q01 = ak.fma(b1, q01);
        ak = FloatVector.broadcast(F, x[a1 + k + 56]);
        q10 = ak.fma(b0, q10);
        q11 = ak.fma(b1, q11);
        ak = FloatVector.broadcast(F, x[a2 + k + 56]);
        q20 = ak.fma(b0, q20);
        q21 = ak.fma(b1, q21);
        ak = FloatVector.broadcast(F, x[a3 + k + 56]);
        q30 = ak.fma(b0, q30);
        q31 = ak.fma(b1, q31);
        float[] to = quarters;
        int at = l % 4 * TILE;
        FloatVector.fromArray(F, to, before).add(p00.add(q00)).intoArray(to, at);
        FloatVector.fromArray(F, to, before + COUNT).add(p01.add(q01)).intoArray(to, at + COUNT);
        FloatVector.fromArray(F, to, before + 2 * COUNT).add(p10.add(q10)).intoArray(to, at + 2 * COUNT);
        FloatVector.fromArray(F, to, before + 3 * COUNT).add(p11.add(q11)).intoArray(to, at + 3 * COUNT);
        FloatVector.fromArray(F, to, before + 4 * COUNT).add(p20.add(q20)).intoArray(to, at + 4 * COUNT);
        FloatVector.fromArray(F, to, before + 5 * COUNT).add(p21.add(q21)).intoArray(to, at + 5 * COUNT);
        FloatVector.fromArray(F, to, before + 6 * COUNT).add(p30.add(q30)).intoArray(to, at + 6 * COUNT);
        FloatVector.fromArray(F, to, before + 7 * COUNT).add(p31.add(q31)).intoArray(to, at + 7 * COUNT);
    }
}
