// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradients of Y = X·Wᵀ, both of the form c[i, j] = Σₜ a(i, t)·b[t, j] with one chain of fma a sum. Lanes run along
 * j, the columns of the result; an element of a is broadcast.
 *
 * <p>a is dY, read along its rows (dX = dY·W) or its columns (dW = dYᵀ·X): {@code a(i, t)} stands at {@code aOffset +
 * i·aRow + t·aStep}.
 *
 * <p>Terms go in blocks, between which sums rest in c: that changes no bit of a chain. A block of b is packed for the
 * second-level cache, in panels as wide as the tile; as many rows of a as a tile has are packed for the first-level
 * cache, where they meet every panel.
 */
final class ChainGemm {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Float> QUAD = FloatVector.SPECIES_128;
    private static final int COUNT = Lanes.COUNT;

    /**
     * Vectors of a row of the tile. Eight rows of three are 24 sums, which with three operands and the one that is
     * broadcast take 28 of 32 registers; of 16 registers, six rows of two take 15.
     */
    private static final int TILE_VECTORS = Lanes.FEW_REGISTERS ? 2 : 3;

    private static final int TILE_ROWS = Lanes.FEW_REGISTERS ? 6 : 8;
    private static final int TILE_COLUMNS = TILE_VECTORS * COUNT;

    /** Terms of a block: at most 8 KiB of packed a. */
    private static final int BLOCK_TERMS = 256;

    /**
     * Columns of a block of b: at most 768 KiB, most of the second-level cache; where registers are few, that cache is
     * often half as large.
     */
    private static final int BLOCK_COLUMNS = Lanes.FEW_REGISTERS ? 384 : 768;

    private final float[] aTile = new float[BLOCK_TERMS * TILE_ROWS];
    private final float[] edge = new float[TILE_ROWS * TILE_COLUMNS];
    private float[] bBlock = new float[0];

    private float[] a;
    private int aRow;
    private int aStep;
    private float[] c;
    private int cOffset;
    private int columns;

    void run(
            float[] a,
            int aOffset,
            int aRow,
            int aStep,
            HeapTensor b,
            HeapTensor c,
            boolean accumulate,
            int rowBegin,
            int rowEnd) {
        this.a = a;
        this.aRow = aRow;
        this.aStep = aStep;
        this.c = c.data();
        this.cOffset = c.offset();
        this.columns = c.columns();
        if (!accumulate) {
            int begin = cOffset + rowBegin * columns;
            Arrays.fill(this.c, begin, begin + (rowEnd - rowBegin) * columns, 0);
        }
        int blockPanels = Math.ceilDiv(Math.min(columns, BLOCK_COLUMNS), TILE_COLUMNS);
        int blockColumns = blockPanels * TILE_COLUMNS;
        int needed = blockColumns * Math.min(b.rows(), BLOCK_TERMS);
        if (bBlock.length < needed) {
            bBlock = new float[needed];
        }
        for (int j = 0; j < columns; j += blockColumns) {
            int width = Math.min(blockColumns, columns - j);
            for (int t = 0; t < b.rows(); t += BLOCK_TERMS) {
                int terms = Math.min(BLOCK_TERMS, b.rows() - t);
                packB(b.data(), b.offset() + t * columns + j, terms, width);
                for (int i = rowBegin; i < rowEnd; i += TILE_ROWS) {
                    int rows = Math.min(TILE_ROWS, rowEnd - i);
                    packA(aOffset + i * aRow + t * aStep, rows, terms);
                    meet(i, rows, j, width, terms);
                }
            }
        }
        this.a = null;
        this.c = null;
    }

    /** The rows of a tile meet a block of b. */
    private void meet(int i, int rows, int begin, int width, int terms) {
        for (int j = 0; j < width; j += TILE_COLUMNS) {
            int from = j * terms;
            int to = cOffset + i * columns + begin + j;
            int tileColumns = Math.min(TILE_COLUMNS, width - j);
            if (rows == TILE_ROWS && tileColumns == TILE_COLUMNS) {
                tile(aTile, bBlock, from, terms, c, to, columns);
            } else {
                for (int r = 0; r < rows; r++) {
                    System.arraycopy(c, to + r * columns, edge, r * TILE_COLUMNS, tileColumns);
                }
                tile(aTile, bBlock, from, terms, edge, 0, TILE_COLUMNS);
                for (int r = 0; r < rows; r++) {
                    System.arraycopy(edge, r * TILE_COLUMNS, c, to + r * columns, tileColumns);
                }
            }
        }
    }

    /** To [width/TILE_COLUMNS][terms][TILE_COLUMNS]; what lies beyond the width is never stored. */
    private void packB(float[] b, int from, int terms, int width) {
        int full = width - width % TILE_COLUMNS;
        for (int t = 0; t < terms; t++) {
            int row = from + t * columns;
            for (int j = 0; j < full; j += TILE_COLUMNS) {
                int to = j * terms + t * TILE_COLUMNS;
                FloatVector.fromArray(F, b, row + j).intoArray(bBlock, to);
                FloatVector.fromArray(F, b, row + j + COUNT).intoArray(bBlock, to + COUNT);
                if (TILE_VECTORS == 3) {
                    FloatVector.fromArray(F, b, row + j + 2 * COUNT).intoArray(bBlock, to + 2 * COUNT);
                }
            }
            if (full < width) {
                System.arraycopy(b, row + full, bBlock, full * terms + t * TILE_COLUMNS, width - full);
            }
        }
    }

    /** To [terms][TILE_ROWS]; rows that are missing keep what was there, and their sums are never stored. */
    private void packA(int from, int rows, int terms) {
        float[] a = this.a;
        float[] to = aTile;
        if (aRow == 1 && rows == TILE_ROWS) {
            for (int t = 0; t < terms; t++) {
                FloatVector.fromArray(QUAD, a, from + t * aStep).intoArray(to, t * TILE_ROWS);
                int last = TILE_ROWS - 4; // of six rows, the quads share two
                FloatVector.fromArray(QUAD, a, from + t * aStep + last).intoArray(to, t * TILE_ROWS + last);
            }
            return;
        }
        for (int i = 0; i < rows; i++) {
            int at = from + i * aRow;
            for (int t = 0; t < terms; t++) {
                to[t * TILE_ROWS + i] = a[at + t * aStep];
            }
        }
    }

    private static void tile(float[] a, float[] b, int bOffset, int terms, float[] c, int c0, int columns) {
        if (Lanes.FEW_REGISTERS) {
            tile6x2(a, b, bOffset, terms, c, c0, columns);
        } else {
            tile8x3(a, b, bOffset, terms, c, c0, columns);
        }
    }

    private static void tile6x2(float[] a, float[] b, int bOffset, int terms, float[] c, int c0, int columns) {
        int c1 = c0 + columns;
        int c2 = c1 + columns;
        int c3 = c2 + columns;
        int c4 = c3 + columns;
        int c5 = c4 + columns;
        FloatVector s00 = FloatVector.fromArray(F, c, c0);
        FloatVector s01 = FloatVector.fromArray(F, c, c0 + COUNT);
        FloatVector s10 = FloatVector.fromArray(F, c, c1);
        FloatVector s11 = FloatVector.fromArray(F, c, c1 + COUNT);
        FloatVector s20 = FloatVector.fromArray(F, c, c2);
        FloatVector s21 = FloatVector.fromArray(F, c, c2 + COUNT);
        FloatVector s30 = FloatVector.fromArray(F, c, c3);
        FloatVector s31 = FloatVector.fromArray(F, c, c3 + COUNT);
        FloatVector s40 = FloatVector.fromArray(F, c, c4);
        FloatVector s41 = FloatVector.fromArray(F, c, c4 + COUNT);
        FloatVector s50 = FloatVector.fromArray(F, c, c5);
        FloatVector s51 = FloatVector.fromArray(F, c, c5 + COUNT);
        for (int t = 0, at = 0, bt = bOffset; t < terms; t++, at += TILE_ROWS, bt += TILE_COLUMNS) {
            FloatVector b0 = FloatVector.fromArray(F, b, bt);
            FloatVector b1 = FloatVector.fromArray(F, b, bt + COUNT);
            FloatVector ai = FloatVector.broadcast(F, a[at]);
            s00 = ai.fma(b0, s00);
            s01 = ai.fma(b1, s01);
            ai = FloatVector.broadcast(F, a[at + 1]);
            s10 = ai.fma(b0, s10);
            s11 = ai.fma(b1, s11);
            ai = FloatVector.broadcast(F, a[at + 2]);
            s20 = ai.fma(b0, s20);
            s21 = ai.fma(b1, s21);
            ai = FloatVector.broadcast(F, a[at + 3]);
            s30 = ai.fma(b0, s30);
            s31 = ai.fma(b1, s31);
            ai = FloatVector.broadcast(F, a[at + 4]);
            s40 = ai.fma(b0, s40);
            s41 = ai.fma(b1, s41);
            ai = FloatVector.broadcast(F, a[at + 5]);
            s50 = ai.fma(b0, s50);
            s51 = ai.fma(b1, s51);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + COUNT);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + COUNT);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + COUNT);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + COUNT);
        s40.intoArray(c, c4);
        s41.intoArray(c, c4 + COUNT);
        s50.intoArray(c, c5);
        s51.intoArray(c, c5 + COUNT);
    }

    private static void tile8x3(float[] a, float[] b, int bOffset, int terms, float[] c, int c0, int columns) {
        int c1 = c0 + columns;
        int c2 = c1 + columns;
        int c3 = c2 + columns;
        int c4 = c3 + columns;
        int c5 = c4 + columns;
        int c6 = c5 + columns;
        int c7 = c6 + columns;
        FloatVector s00 = FloatVector.fromArray(F, c, c0);
        FloatVector s01 = FloatVector.fromArray(F, c, c0 + COUNT);
        FloatVector s02 = FloatVector.fromArray(F, c, c0 + 2 * COUNT);
        FloatVector s10 = FloatVector.fromArray(F, c, c1);
        FloatVector s11 = FloatVector.fromArray(F, c, c1 + COUNT);
        FloatVector s12 = FloatVector.fromArray(F, c, c1 + 2 * COUNT);
        FloatVector s20 = FloatVector.fromArray(F, c, c2);
        FloatVector s21 = FloatVector.fromArray(F, c, c2 + COUNT);
        FloatVector s22 = FloatVector.fromArray(F, c, c2 + 2 * COUNT);
        FloatVector s30 = FloatVector.fromArray(F, c, c3);
        FloatVector s31 = FloatVector.fromArray(F, c, c3 + COUNT);
        FloatVector s32 = FloatVector.fromArray(F, c, c3 + 2 * COUNT);
        FloatVector s40 = FloatVector.fromArray(F, c, c4);
        FloatVector s41 = FloatVector.fromArray(F, c, c4 + COUNT);
        FloatVector s42 = FloatVector.fromArray(F, c, c4 + 2 * COUNT);
        FloatVector s50 = FloatVector.fromArray(F, c, c5);
        FloatVector s51 = FloatVector.fromArray(F, c, c5 + COUNT);
        FloatVector s52 = FloatVector.fromArray(F, c, c5 + 2 * COUNT);
        FloatVector s60 = FloatVector.fromArray(F, c, c6);
        FloatVector s61 = FloatVector.fromArray(F, c, c6 + COUNT);
        FloatVector s62 = FloatVector.fromArray(F, c, c6 + 2 * COUNT);
        FloatVector s70 = FloatVector.fromArray(F, c, c7);
        FloatVector s71 = FloatVector.fromArray(F, c, c7 + COUNT);
        FloatVector s72 = FloatVector.fromArray(F, c, c7 + 2 * COUNT);
        for (int t = 0, at = 0, bt = bOffset; t < terms; t++, at += TILE_ROWS, bt += TILE_COLUMNS) {
            FloatVector b0 = FloatVector.fromArray(F, b, bt);
            FloatVector b1 = FloatVector.fromArray(F, b, bt + COUNT);
            FloatVector b2 = FloatVector.fromArray(F, b, bt + 2 * COUNT);
            FloatVector ai = FloatVector.broadcast(F, a[at]);
            s00 = ai.fma(b0, s00);
            s01 = ai.fma(b1, s01);
            s02 = ai.fma(b2, s02);
            ai = FloatVector.broadcast(F, a[at + 1]);
            s10 = ai.fma(b0, s10);
            s11 = ai.fma(b1, s11);
            s12 = ai.fma(b2, s12);
            ai = FloatVector.broadcast(F, a[at + 2]);
            s20 = ai.fma(b0, s20);
            s21 = ai.fma(b1, s21);
            s22 = ai.fma(b2, s22);
            ai = FloatVector.broadcast(F, a[at + 3]);
            s30 = ai.fma(b0, s30);
            s31 = ai.fma(b1, s31);
            s32 = ai.fma(b2, s32);
            ai = FloatVector.broadcast(F, a[at + 4]);
            s40 = ai.fma(b0, s40);
            s41 = ai.fma(b1, s41);
            s42 = ai.fma(b2, s42);
            ai = FloatVector.broadcast(F, a[at + 5]);
            s50 = ai.fma(b0, s50);
            s51 = ai.fma(b1, s51);
            s52 = ai.fma(b2, s52);
            ai = FloatVector.broadcast(F, a[at + 6]);
            s60 = ai.fma(b0, s60);
            s61 = ai.fma(b1, s61);
            s62 = ai.fma(b2, s62);
            ai = FloatVector.broadcast(F, a[at + 7]);
            s70 = ai.fma(b0, s70);
            s71 = ai.fma(b1, s71);
            s72 = ai.fma(b2, s72);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + COUNT);
        s02.intoArray(c, c0 + 2 * COUNT);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + COUNT);
        s12.intoArray(c, c1 + 2 * COUNT);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + COUNT);
        s22.intoArray(c, c2 + 2 * COUNT);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + COUNT);
        s32.intoArray(c, c3 + 2 * COUNT);
        s40.intoArray(c, c4);
        s41.intoArray(c, c4 + COUNT);
        s42.intoArray(c, c4 + 2 * COUNT);
        s50.intoArray(c, c5);
        s51.intoArray(c, c5 + COUNT);
        s52.intoArray(c, c5 + 2 * COUNT);
        s60.intoArray(c, c6);
        s61.intoArray(c, c6 + COUNT);
        s62.intoArray(c, c6 + 2 * COUNT);
        s70.intoArray(c, c7);
        s71.intoArray(c, c7 + COUNT);
        s72.intoArray(c, c7 + 2 * COUNT);
    }
}
