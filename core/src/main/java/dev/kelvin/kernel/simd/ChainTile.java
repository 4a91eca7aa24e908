// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Small products C = A·B or C += A·B in which each element of C is one chain over k, ascending by fma: lanes run along
 * the columns of B. C starts from +0 or from what stands there, so a long chain may be made in pieces.
 */
final class ChainTile {
    /**
     * Rows that share the columns they load: 16 sums, 4 columns and a broadcast fit into 32 registers; of 16, two
     * columns at a time take 11.
     */
    static final int ROWS = 4;

    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = F.length();

    /** Columns that a tile makes at once. */
    static final int WIDTH = 4 * COUNT;

    /**
     * What sums start from: read like any other sums, so that the loop is there once. Zeros written to C before would
     * be read back while their stores, of another width, are still on the way.
     */
    private static final float[] ZEROS = new float[WIDTH];

    private float[] a;
    private int aStride;
    private float[] b;
    private int bStride;
    private float[] c;
    private int cStride;

    /** Names the matrices and the distances of their rows; stays valid until the next call. */
    void begin(float[] a, int aStride, float[] b, int bStride, float[] c, int cStride) {
        this.a = a;
        this.aStride = aStride;
        this.b = b;
        this.bStride = bStride;
        this.c = c;
        this.cStride = cStride;
    }

    /** Four rows of A by {@code length} rows of B: {@link #WIDTH} columns of C from +0. */
    void startFour(int aOffset, int bOffset, int length, int cOffset) {
        four(aOffset, bOffset, length, ZEROS, 0, 0, cOffset);
    }

    /** Four rows of A, likewise, where only the first so many columns matter: no more vectors than they need. */
    void startFour(int aOffset, int bOffset, int length, int cOffset, int columns) {
        if (columns > 2 * COUNT) {
            startFour(aOffset, bOffset, length, cOffset);
        } else if (columns > COUNT) {
            fourByTwo(aOffset, bOffset, length, ZEROS, 0, 0, cOffset);
        } else {
            narrowFour(aOffset, bOffset, length, ZEROS, 0, 0, cOffset);
        }
    }

    /** One row of A, likewise. */
    void startOne(int aOffset, int bOffset, int length, int cOffset) {
        one(aOffset, bOffset, length, ZEROS, 0, cOffset);
    }

    /** Four rows of A by {@code length} rows of B, added to {@link #WIDTH} columns of C. */
    void addFour(int aOffset, int bOffset, int length, int cOffset) {
        four(aOffset, bOffset, length, c, cOffset, cStride, cOffset);
    }

    /** One row of A by {@code length} rows of B, added to {@code columns} columns of C. */
    void addOne(int aOffset, int bOffset, int length, int cOffset, int columns) {
        int column = 0;
        for (; column <= columns - WIDTH; column += WIDTH) {
            one(aOffset, bOffset + column, length, c, cOffset + column, cOffset + column);
        }
        addRest(aOffset, bOffset, length, cOffset, column, columns);
    }

    /**
     * Of four rows of A, row r by the first r rows of B, added to {@code columns} columns of C: what rows of which each
     * meets one row of B more than the one before have beyond what all meet.
     */
    void addStairs(int aOffset, int bOffset, int cOffset, int columns) {
        int a1 = aOffset + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        FloatVector a10 = FloatVector.broadcast(F, a[a1]);
        FloatVector a20 = FloatVector.broadcast(F, a[a2]);
        FloatVector a21 = FloatVector.broadcast(F, a[a2 + 1]);
        FloatVector a30 = FloatVector.broadcast(F, a[a3]);
        FloatVector a31 = FloatVector.broadcast(F, a[a3 + 1]);
        FloatVector a32 = FloatVector.broadcast(F, a[a3 + 2]);
        int column = 0;
        for (; column <= columns - COUNT; column += COUNT) {
            FloatVector b0 = FloatVector.fromArray(F, b, bOffset + column);
            FloatVector b1 = FloatVector.fromArray(F, b, bOffset + column + bStride);
            FloatVector b2 = FloatVector.fromArray(F, b, bOffset + column + 2 * bStride);
            int c1 = cOffset + cStride + column;
            int c2 = c1 + cStride;
            int c3 = c2 + cStride;
            a10.fma(b0, FloatVector.fromArray(F, c, c1)).intoArray(c, c1);
            a21.fma(b1, a20.fma(b0, FloatVector.fromArray(F, c, c2))).intoArray(c, c2);
            a32.fma(b2, a31.fma(b1, a30.fma(b0, FloatVector.fromArray(F, c, c3))))
                    .intoArray(c, c3);
        }
        for (int row = 1; column < columns && row < ROWS; row++) {
            addRest(aOffset + row * aStride, bOffset, row, cOffset + row * cStride, column, columns);
        }
    }

    /** Four rows of A by {@code length} rows of B, added to columns of C that are too few for a tile. */
    void addRestOfFour(int aOffset, int bOffset, int length, int cOffset, int begin, int end) {
        int column = begin;
        for (; column <= end - COUNT; column += COUNT) {
            narrowFour(aOffset, bOffset + column, length, c, cOffset + column, cStride, cOffset + column);
        }
        for (int row = 0; column < end && row < ROWS; row++) {
            addRest(aOffset + row * aStride, bOffset, length, cOffset + row * cStride, column, end);
        }
    }

    /** One row of A, likewise. */
    private void addRest(int aOffset, int bOffset, int length, int cOffset, int begin, int end) {
        int column = begin;
        for (; column <= end - COUNT; column += COUNT) {
            narrow(aOffset, bOffset + column, length, cOffset + column);
        }
        for (; column < end; column++) {
            float sum = c[cOffset + column];
            for (int k = 0; k < length; k++) {
                sum = Math.fma(a[aOffset + k], b[bOffset + column + k * bStride], sum);
            }
            c[cOffset + column] = sum;
        }
    }

    private void four(int aOffset, int bOffset, int length, float[] from, int fromOffset, int fromStride, int cOffset) {
        if (Lanes.FEW_REGISTERS) {
            int half = 2 * COUNT;
            fourByTwo(aOffset, bOffset, length, from, fromOffset, fromStride, cOffset);
            fourByTwo(aOffset, bOffset + half, length, from, fromOffset + half, fromStride, cOffset + half);
        } else {
            fourByFour(aOffset, bOffset, length, from, fromOffset, fromStride, cOffset);
        }
    }

    private void fourByFour(
            int aOffset, int bOffset, int length, float[] from, int fromOffset, int fromStride, int cOffset) {
        float[] a = this.a;
        float[] b = this.b;
        float[] c = this.c;
        int bStride = this.bStride;
        int a1 = aOffset + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int c1 = cOffset + cStride;
        int c2 = c1 + cStride;
        int c3 = c2 + cStride;
        int from1 = fromOffset + fromStride;
        int from2 = from1 + fromStride;
        int from3 = from2 + fromStride;
        FloatVector s00 = FloatVector.fromArray(F, from, fromOffset);
        FloatVector s01 = FloatVector.fromArray(F, from, fromOffset + COUNT);
        FloatVector s02 = FloatVector.fromArray(F, from, fromOffset + 2 * COUNT);
        FloatVector s03 = FloatVector.fromArray(F, from, fromOffset + 3 * COUNT);
        FloatVector s10 = FloatVector.fromArray(F, from, from1);
        FloatVector s11 = FloatVector.fromArray(F, from, from1 + COUNT);
        FloatVector s12 = FloatVector.fromArray(F, from, from1 + 2 * COUNT);
        FloatVector s13 = FloatVector.fromArray(F, from, from1 + 3 * COUNT);
        FloatVector s20 = FloatVector.fromArray(F, from, from2);
        FloatVector s21 = FloatVector.fromArray(F, from, from2 + COUNT);
        FloatVector s22 = FloatVector.fromArray(F, from, from2 + 2 * COUNT);
        FloatVector s23 = FloatVector.fromArray(F, from, from2 + 3 * COUNT);
        FloatVector s30 = FloatVector.fromArray(F, from, from3);
        FloatVector s31 = FloatVector.fromArray(F, from, from3 + COUNT);
        FloatVector s32 = FloatVector.fromArray(F, from, from3 + 2 * COUNT);
        FloatVector s33 = FloatVector.fromArray(F, from, from3 + 3 * COUNT);
        for (int k = 0, at = bOffset; k < length; k++, at += bStride) {
            FloatVector b0 = FloatVector.fromArray(F, b, at);
            FloatVector b1 = FloatVector.fromArray(F, b, at + COUNT);
            FloatVector b2 = FloatVector.fromArray(F, b, at + 2 * COUNT);
            FloatVector b3 = FloatVector.fromArray(F, b, at + 3 * COUNT);
            FloatVector ak = FloatVector.broadcast(F, a[aOffset + k]);
            s00 = ak.fma(b0, s00);
            s01 = ak.fma(b1, s01);
            s02 = ak.fma(b2, s02);
            s03 = ak.fma(b3, s03);
            ak = FloatVector.broadcast(F, a[a1 + k]);
            s10 = ak.fma(b0, s10);
            s11 = ak.fma(b1, s11);
            s12 = ak.fma(b2, s12);
            s13 = ak.fma(b3, s13);
            ak = FloatVector.broadcast(F, a[a2 + k]);
            s20 = ak.fma(b0, s20);
            s21 = ak.fma(b1, s21);
            s22 = ak.fma(b2, s22);
            s23 = ak.fma(b3, s23);
            ak = FloatVector.broadcast(F, a[a3 + k]);
            s30 = ak.fma(b0, s30);
            s31 = ak.fma(b1, s31);
            s32 = ak.fma(b2, s32);
            s33 = ak.fma(b3, s33);
        }
        s00.intoArray(c, cOffset);
        s01.intoArray(c, cOffset + COUNT);
        s02.intoArray(c, cOffset + 2 * COUNT);
        s03.intoArray(c, cOffset + 3 * COUNT);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + COUNT);
        s12.intoArray(c, c1 + 2 * COUNT);
        s13.intoArray(c, c1 + 3 * COUNT);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + COUNT);
        s22.intoArray(c, c2 + 2 * COUNT);
        s23.intoArray(c, c2 + 3 * COUNT);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + COUNT);
        s32.intoArray(c, c3 + 2 * COUNT);
        s33.intoArray(c, c3 + 3 * COUNT);
    }

    private void one(int aOffset, int bOffset, int length, float[] from, int fromOffset, int cOffset) {
        float[] a = this.a;
        float[] b = this.b;
        float[] c = this.c;
        int bStride = this.bStride;
        FloatVector s0 = FloatVector.fromArray(F, from, fromOffset);
        FloatVector s1 = FloatVector.fromArray(F, from, fromOffset + COUNT);
        FloatVector s2 = FloatVector.fromArray(F, from, fromOffset + 2 * COUNT);
        FloatVector s3 = FloatVector.fromArray(F, from, fromOffset + 3 * COUNT);
        for (int k = 0, at = bOffset; k < length; k++, at += bStride) {
            FloatVector ak = FloatVector.broadcast(F, a[aOffset + k]);
            s0 = ak.fma(FloatVector.fromArray(F, b, at), s0);
            s1 = ak.fma(FloatVector.fromArray(F, b, at + COUNT), s1);
            s2 = ak.fma(FloatVector.fromArray(F, b, at + 2 * COUNT), s2);
            s3 = ak.fma(FloatVector.fromArray(F, b, at + 3 * COUNT), s3);
        }
        s0.intoArray(c, cOffset);
        s1.intoArray(c, cOffset + COUNT);
        s2.intoArray(c, cOffset + 2 * COUNT);
        s3.intoArray(c, cOffset + 3 * COUNT);
    }

    private void fourByTwo(
            int aOffset, int bOffset, int length, float[] from, int fromOffset, int fromStride, int cOffset) {
        float[] a = this.a;
        float[] b = this.b;
        float[] c = this.c;
        int bStride = this.bStride;
        int a1 = aOffset + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int from1 = fromOffset + fromStride;
        int from2 = from1 + fromStride;
        int from3 = from2 + fromStride;
        FloatVector s00 = FloatVector.fromArray(F, from, fromOffset);
        FloatVector s01 = FloatVector.fromArray(F, from, fromOffset + COUNT);
        FloatVector s10 = FloatVector.fromArray(F, from, from1);
        FloatVector s11 = FloatVector.fromArray(F, from, from1 + COUNT);
        FloatVector s20 = FloatVector.fromArray(F, from, from2);
        FloatVector s21 = FloatVector.fromArray(F, from, from2 + COUNT);
        FloatVector s30 = FloatVector.fromArray(F, from, from3);
        FloatVector s31 = FloatVector.fromArray(F, from, from3 + COUNT);
        for (int k = 0, at = bOffset; k < length; k++, at += bStride) {
            FloatVector b0 = FloatVector.fromArray(F, b, at);
            FloatVector b1 = FloatVector.fromArray(F, b, at + COUNT);
            FloatVector ak = FloatVector.broadcast(F, a[aOffset + k]);
            s00 = ak.fma(b0, s00);
            s01 = ak.fma(b1, s01);
            ak = FloatVector.broadcast(F, a[a1 + k]);
            s10 = ak.fma(b0, s10);
            s11 = ak.fma(b1, s11);
            ak = FloatVector.broadcast(F, a[a2 + k]);
            s20 = ak.fma(b0, s20);
            s21 = ak.fma(b1, s21);
            ak = FloatVector.broadcast(F, a[a3 + k]);
            s30 = ak.fma(b0, s30);
            s31 = ak.fma(b1, s31);
        }
        s00.intoArray(c, cOffset);
        s01.intoArray(c, cOffset + COUNT);
        s10.intoArray(c, cOffset + cStride);
        s11.intoArray(c, cOffset + cStride + COUNT);
        s20.intoArray(c, cOffset + 2 * cStride);
        s21.intoArray(c, cOffset + 2 * cStride + COUNT);
        s30.intoArray(c, cOffset + 3 * cStride);
        s31.intoArray(c, cOffset + 3 * cStride + COUNT);
    }

    private void narrowFour(
            int aOffset, int bOffset, int length, float[] from, int fromOffset, int fromStride, int cOffset) {
        float[] a = this.a;
        float[] b = this.b;
        float[] c = this.c;
        int a1 = aOffset + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        FloatVector s0 = FloatVector.fromArray(F, from, fromOffset);
        FloatVector s1 = FloatVector.fromArray(F, from, fromOffset + fromStride);
        FloatVector s2 = FloatVector.fromArray(F, from, fromOffset + 2 * fromStride);
        FloatVector s3 = FloatVector.fromArray(F, from, fromOffset + 3 * fromStride);
        for (int k = 0, at = bOffset; k < length; k++, at += bStride) {
            FloatVector bk = FloatVector.fromArray(F, b, at);
            s0 = FloatVector.broadcast(F, a[aOffset + k]).fma(bk, s0);
            s1 = FloatVector.broadcast(F, a[a1 + k]).fma(bk, s1);
            s2 = FloatVector.broadcast(F, a[a2 + k]).fma(bk, s2);
            s3 = FloatVector.broadcast(F, a[a3 + k]).fma(bk, s3);
        }
        s0.intoArray(c, cOffset);
        s1.intoArray(c, cOffset + cStride);
        s2.intoArray(c, cOffset + 2 * cStride);
        s3.intoArray(c, cOffset + 3 * cStride);
    }

    private void narrow(int aOffset, int bOffset, int length, int cOffset) {
        float[] a = this.a;
        float[] b = this.b;
        FloatVector sum = FloatVector.fromArray(F, c, cOffset);
        for (int k = 0, at = bOffset; k < length; k++, at += bStride) {
            sum = FloatVector.broadcast(F, a[aOffset + k]).fma(FloatVector.fromArray(F, b, at), sum);
        }
        sum.intoArray(c, cOffset);
    }
}
