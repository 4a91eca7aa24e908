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
 * i·aRow + t·aStep}. Sums stay in registers over all t.
 */
final class ChainGemm {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    /** Rows of the tile, and vectors in each: 16 sums, 4 + 1 operands. */
    private static final int TILE = 4;

    private float[] a;
    private int aRow;
    private int aStep;
    private float[] b;
    private int bOffset;
    private float[] c;
    private int columns;
    private int terms;

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
        this.b = b.data();
        this.bOffset = b.offset();
        this.c = c.data();
        this.columns = c.columns();
        this.terms = b.rows();
        if (!accumulate) {
            int cBegin = c.offset() + rowBegin * columns;
            Arrays.fill(c.data(), cBegin, cBegin + (rowEnd - rowBegin) * columns, 0);
        }
        // Without terms nothing is added; a tile whose loop never runs would be compiled with its vectors boxed.
        if (terms > 0) {
            rows(aOffset, c.offset(), rowBegin, rowEnd);
        }
        this.a = null;
        this.b = null;
        this.c = null;
    }

    private void rows(int aOffset, int cOffset, int rowBegin, int rowEnd) {
        int wide = columns - columns % (TILE * COUNT);
        int full = columns - columns % COUNT;
        int i = rowBegin;
        for (; i <= rowEnd - TILE; i += TILE) {
            for (int j = 0; j < wide; j += TILE * COUNT) {
                tile4x4(aOffset + i * aRow, cOffset + i * columns, j);
            }
            for (int r = i; r < i + TILE; r++) {
                restOfRow(aOffset + r * aRow, cOffset + r * columns, wide, full);
            }
        }
        for (; i < rowEnd; i++) {
            for (int j = 0; j < wide; j += TILE * COUNT) {
                tile1x4(aOffset + i * aRow, cOffset + i * columns, j);
            }
            restOfRow(aOffset + i * aRow, cOffset + i * columns, wide, full);
        }
    }

    private void restOfRow(int a0, int c0, int begin, int full) {
        for (int j = begin; j < full; j += COUNT) {
            tile1x1(a0, c0, j);
        }
        for (int j = full; j < columns; j++) {
            float sum = c[c0 + j];
            for (int t = 0; t < terms; t++) {
                sum = Math.fma(a[a0 + t * aStep], b[bOffset + t * columns + j], sum);
            }
            c[c0 + j] = sum;
        }
    }

    private void tile4x4(int a0, int c0, int j) {
        float[] a = this.a;
        float[] b = this.b;
        float[] c = this.c;
        int columns = this.columns;
        int step = this.aStep;
        int a1 = a0 + aRow;
        int a2 = a0 + 2 * aRow;
        int a3 = a0 + 3 * aRow;
        int c1 = c0 + columns;
        int c2 = c0 + 2 * columns;
        int c3 = c0 + 3 * columns;
        FloatVector s00 = FloatVector.fromArray(F, c, c0 + j);
        FloatVector s01 = FloatVector.fromArray(F, c, c0 + j + COUNT);
        FloatVector s02 = FloatVector.fromArray(F, c, c0 + j + 2 * COUNT);
        FloatVector s03 = FloatVector.fromArray(F, c, c0 + j + 3 * COUNT);
        FloatVector s10 = FloatVector.fromArray(F, c, c1 + j);
        FloatVector s11 = FloatVector.fromArray(F, c, c1 + j + COUNT);
        FloatVector s12 = FloatVector.fromArray(F, c, c1 + j + 2 * COUNT);
        FloatVector s13 = FloatVector.fromArray(F, c, c1 + j + 3 * COUNT);
        FloatVector s20 = FloatVector.fromArray(F, c, c2 + j);
        FloatVector s21 = FloatVector.fromArray(F, c, c2 + j + COUNT);
        FloatVector s22 = FloatVector.fromArray(F, c, c2 + j + 2 * COUNT);
        FloatVector s23 = FloatVector.fromArray(F, c, c2 + j + 3 * COUNT);
        FloatVector s30 = FloatVector.fromArray(F, c, c3 + j);
        FloatVector s31 = FloatVector.fromArray(F, c, c3 + j + COUNT);
        FloatVector s32 = FloatVector.fromArray(F, c, c3 + j + 2 * COUNT);
        FloatVector s33 = FloatVector.fromArray(F, c, c3 + j + 3 * COUNT);
        for (int t = 0, at = 0, bt = bOffset + j; t < terms; t++, at += step, bt += columns) {
            FloatVector b0 = FloatVector.fromArray(F, b, bt);
            FloatVector b1 = FloatVector.fromArray(F, b, bt + COUNT);
            FloatVector b2 = FloatVector.fromArray(F, b, bt + 2 * COUNT);
            FloatVector b3 = FloatVector.fromArray(F, b, bt + 3 * COUNT);
            FloatVector ai = FloatVector.broadcast(F, a[a0 + at]);
            s00 = ai.fma(b0, s00);
            s01 = ai.fma(b1, s01);
            s02 = ai.fma(b2, s02);
            s03 = ai.fma(b3, s03);
            ai = FloatVector.broadcast(F, a[a1 + at]);
            s10 = ai.fma(b0, s10);
            s11 = ai.fma(b1, s11);
            s12 = ai.fma(b2, s12);
            s13 = ai.fma(b3, s13);
            ai = FloatVector.broadcast(F, a[a2 + at]);
            s20 = ai.fma(b0, s20);
            s21 = ai.fma(b1, s21);
            s22 = ai.fma(b2, s22);
            s23 = ai.fma(b3, s23);
            ai = FloatVector.broadcast(F, a[a3 + at]);
            s30 = ai.fma(b0, s30);
            s31 = ai.fma(b1, s31);
            s32 = ai.fma(b2, s32);
            s33 = ai.fma(b3, s33);
        }
        s00.intoArray(c, c0 + j);
        s01.intoArray(c, c0 + j + COUNT);
        s02.intoArray(c, c0 + j + 2 * COUNT);
        s03.intoArray(c, c0 + j + 3 * COUNT);
        s10.intoArray(c, c1 + j);
        s11.intoArray(c, c1 + j + COUNT);
        s12.intoArray(c, c1 + j + 2 * COUNT);
        s13.intoArray(c, c1 + j + 3 * COUNT);
        s20.intoArray(c, c2 + j);
        s21.intoArray(c, c2 + j + COUNT);
        s22.intoArray(c, c2 + j + 2 * COUNT);
        s23.intoArray(c, c2 + j + 3 * COUNT);
        s30.intoArray(c, c3 + j);
        s31.intoArray(c, c3 + j + COUNT);
        s32.intoArray(c, c3 + j + 2 * COUNT);
        s33.intoArray(c, c3 + j + 3 * COUNT);
    }

    private void tile1x4(int a0, int c0, int j) {
        float[] a = this.a;
        float[] b = this.b;
        float[] c = this.c;
        int columns = this.columns;
        int step = this.aStep;
        FloatVector s00 = FloatVector.fromArray(F, c, c0 + j);
        FloatVector s01 = FloatVector.fromArray(F, c, c0 + j + COUNT);
        FloatVector s02 = FloatVector.fromArray(F, c, c0 + j + 2 * COUNT);
        FloatVector s03 = FloatVector.fromArray(F, c, c0 + j + 3 * COUNT);
        for (int t = 0, at = 0, bt = bOffset + j; t < terms; t++, at += step, bt += columns) {
            FloatVector b0 = FloatVector.fromArray(F, b, bt);
            FloatVector b1 = FloatVector.fromArray(F, b, bt + COUNT);
            FloatVector b2 = FloatVector.fromArray(F, b, bt + 2 * COUNT);
            FloatVector b3 = FloatVector.fromArray(F, b, bt + 3 * COUNT);
            FloatVector ai = FloatVector.broadcast(F, a[a0 + at]);
            s00 = ai.fma(b0, s00);
            s01 = ai.fma(b1, s01);
            s02 = ai.fma(b2, s02);
            s03 = ai.fma(b3, s03);
        }
        s00.intoArray(c, c0 + j);
        s01.intoArray(c, c0 + j + COUNT);
        s02.intoArray(c, c0 + j + 2 * COUNT);
        s03.intoArray(c, c0 + j + 3 * COUNT);
    }

    private void tile1x1(int a0, int c0, int j) {
        float[] a = this.a;
        float[] b = this.b;
        float[] c = this.c;
        int columns = this.columns;
        int step = this.aStep;
        FloatVector s00 = FloatVector.fromArray(F, c, c0 + j);
        for (int t = 0, at = 0, bt = bOffset + j; t < terms; t++, at += step, bt += columns) {
            FloatVector b0 = FloatVector.fromArray(F, b, bt);
            FloatVector ai = FloatVector.broadcast(F, a[a0 + at]);
            s00 = ai.fma(b0, s00);
        }
        s00.intoArray(c, c0 + j);
    }
}
