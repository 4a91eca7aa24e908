// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The tiles of Y = X·Wᵀ with W in a {@code float[]}. */
final class HeapGemm extends Gemm {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private final float[] single = new float[1];
    private float[] w;
    private int wOffset;

    void run(
            float[] x,
            int xOffset,
            float[] w,
            int wOffset,
            float[] y,
            int yOffset,
            int rows,
            int inner,
            int columns,
            int rowBegin,
            int rowEnd) {
        this.x = x;
        this.xOffset = xOffset;
        this.w = w;
        this.wOffset = wOffset;
        this.inner = inner;
        run(rows, y, yOffset, columns, rowBegin, rowEnd);
    }

    float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        run(a, aOffset, b, bOffset, single, 0, 1, length, 1, 0, 1);
        return single[0];
    }

    @Override
    void copyTail(int n, float[] to, int offset) {
        int tail = inner % LANES;
        System.arraycopy(w, wOffset + (n + 1) * inner - tail, to, offset, tail);
    }

    @Override
    void tile4x4(int m, int n) {
        float[] x = this.x;
        float[] w = this.w;
        int end = inner - inner % LANES;
        int x0 = xOffset + m * inner;
        int x1 = xOffset + (m + 1) * inner;
        int x2 = xOffset + (m + 2) * inner;
        int x3 = xOffset + (m + 3) * inner;
        int w0 = wOffset + n * inner;
        int w1 = wOffset + (n + 1) * inner;
        int w2 = wOffset + (n + 2) * inner;
        int w3 = wOffset + (n + 3) * inner;
        for (int group = 0; group < LANES; group += COUNT) {
            FloatVector s00 = FloatVector.zero(F);
            FloatVector s01 = FloatVector.zero(F);
            FloatVector s02 = FloatVector.zero(F);
            FloatVector s03 = FloatVector.zero(F);
            FloatVector s10 = FloatVector.zero(F);
            FloatVector s11 = FloatVector.zero(F);
            FloatVector s12 = FloatVector.zero(F);
            FloatVector s13 = FloatVector.zero(F);
            FloatVector s20 = FloatVector.zero(F);
            FloatVector s21 = FloatVector.zero(F);
            FloatVector s22 = FloatVector.zero(F);
            FloatVector s23 = FloatVector.zero(F);
            FloatVector s30 = FloatVector.zero(F);
            FloatVector s31 = FloatVector.zero(F);
            FloatVector s32 = FloatVector.zero(F);
            FloatVector s33 = FloatVector.zero(F);
            for (int k = group; k < end; k += LANES) {
                FloatVector w0k = FloatVector.fromArray(F, w, w0 + k);
                FloatVector w1k = FloatVector.fromArray(F, w, w1 + k);
                FloatVector w2k = FloatVector.fromArray(F, w, w2 + k);
                FloatVector w3k = FloatVector.fromArray(F, w, w3 + k);
                FloatVector xk = FloatVector.fromArray(F, x, x0 + k);
                s00 = xk.fma(w0k, s00);
                s01 = xk.fma(w1k, s01);
                s02 = xk.fma(w2k, s02);
                s03 = xk.fma(w3k, s03);
                xk = FloatVector.fromArray(F, x, x1 + k);
                s10 = xk.fma(w0k, s10);
                s11 = xk.fma(w1k, s11);
                s12 = xk.fma(w2k, s12);
                s13 = xk.fma(w3k, s13);
                xk = FloatVector.fromArray(F, x, x2 + k);
                s20 = xk.fma(w0k, s20);
                s21 = xk.fma(w1k, s21);
                s22 = xk.fma(w2k, s22);
                s23 = xk.fma(w3k, s23);
                xk = FloatVector.fromArray(F, x, x3 + k);
                s30 = xk.fma(w0k, s30);
                s31 = xk.fma(w1k, s31);
                s32 = xk.fma(w2k, s32);
                s33 = xk.fma(w3k, s33);
            }
            s00.intoArray(sums, group);
            s01.intoArray(sums, 1 * LANES + group);
            s02.intoArray(sums, 2 * LANES + group);
            s03.intoArray(sums, 3 * LANES + group);
            s10.intoArray(sums, 4 * LANES + group);
            s11.intoArray(sums, 5 * LANES + group);
            s12.intoArray(sums, 6 * LANES + group);
            s13.intoArray(sums, 7 * LANES + group);
            s20.intoArray(sums, 8 * LANES + group);
            s21.intoArray(sums, 9 * LANES + group);
            s22.intoArray(sums, 10 * LANES + group);
            s23.intoArray(sums, 11 * LANES + group);
            s30.intoArray(sums, 12 * LANES + group);
            s31.intoArray(sums, 13 * LANES + group);
            s32.intoArray(sums, 14 * LANES + group);
            s33.intoArray(sums, 15 * LANES + group);
        }
    }

    @Override
    void tile1x8(int m, int n) {
        float[] x = this.x;
        float[] w = this.w;
        int end = inner - inner % LANES;
        int x0 = xOffset + m * inner;
        int w0 = wOffset + n * inner;
        int w1 = wOffset + (n + 1) * inner;
        int w2 = wOffset + (n + 2) * inner;
        int w3 = wOffset + (n + 3) * inner;
        int w4 = wOffset + (n + 4) * inner;
        int w5 = wOffset + (n + 5) * inner;
        int w6 = wOffset + (n + 6) * inner;
        int w7 = wOffset + (n + 7) * inner;
        for (int group = 0; group < LANES; group += COUNT) {
            FloatVector s00 = FloatVector.zero(F);
            FloatVector s01 = FloatVector.zero(F);
            FloatVector s02 = FloatVector.zero(F);
            FloatVector s03 = FloatVector.zero(F);
            FloatVector s04 = FloatVector.zero(F);
            FloatVector s05 = FloatVector.zero(F);
            FloatVector s06 = FloatVector.zero(F);
            FloatVector s07 = FloatVector.zero(F);
            for (int k = group; k < end; k += LANES) {
                FloatVector xk = FloatVector.fromArray(F, x, x0 + k);
                s00 = xk.fma(FloatVector.fromArray(F, w, w0 + k), s00);
                s01 = xk.fma(FloatVector.fromArray(F, w, w1 + k), s01);
                s02 = xk.fma(FloatVector.fromArray(F, w, w2 + k), s02);
                s03 = xk.fma(FloatVector.fromArray(F, w, w3 + k), s03);
                s04 = xk.fma(FloatVector.fromArray(F, w, w4 + k), s04);
                s05 = xk.fma(FloatVector.fromArray(F, w, w5 + k), s05);
                s06 = xk.fma(FloatVector.fromArray(F, w, w6 + k), s06);
                s07 = xk.fma(FloatVector.fromArray(F, w, w7 + k), s07);
            }
            s00.intoArray(sums, group);
            s01.intoArray(sums, 1 * LANES + group);
            s02.intoArray(sums, 2 * LANES + group);
            s03.intoArray(sums, 3 * LANES + group);
            s04.intoArray(sums, 4 * LANES + group);
            s05.intoArray(sums, 5 * LANES + group);
            s06.intoArray(sums, 6 * LANES + group);
            s07.intoArray(sums, 7 * LANES + group);
        }
    }

    @Override
    void tile1x1(int m, int n) {
        float[] x = this.x;
        float[] w = this.w;
        int end = inner - inner % LANES;
        int x0 = xOffset + m * inner;
        int w0 = wOffset + n * inner;
        for (int group = 0; group < LANES; group += COUNT) {
            FloatVector s00 = FloatVector.zero(F);
            for (int k = group; k < end; k += LANES) {
                FloatVector xk = FloatVector.fromArray(F, x, x0 + k);
                s00 = xk.fma(FloatVector.fromArray(F, w, w0 + k), s00);
            }
            s00.intoArray(sums, group);
        }
    }
}
