// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tiles of Y = X·Wᵀ with W as little-endian f32 in a memory segment. A class of its own: one loop that meets arrays
 * and segments runs several times slower on both.
 */
final class MappedGemm extends Gemm {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);

    private MemorySegment w;

    void run(
            float[] x,
            int xOffset,
            MemorySegment w,
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
        this.inner = inner;
        run(rows, y, yOffset, columns, rowBegin, rowEnd);
    }

    private long byteOffset(int n) {
        return (long) n * inner * Float.BYTES;
    }

    @Override
    void copyTail(int n, float[] to, int offset) {
        int tail = inner % LANES;
        MemorySegment.copy(w, FLOAT, byteOffset(n + 1) - (long) tail * Float.BYTES, to, offset, tail);
    }

    @Override
    void tile4x4(int m, int n) {
        float[] x = this.x;
        MemorySegment w = this.w;
        int end = inner - inner % LANES;
        int x0 = xOffset + m * inner;
        int x1 = xOffset + (m + 1) * inner;
        int x2 = xOffset + (m + 2) * inner;
        int x3 = xOffset + (m + 3) * inner;
        long w0 = byteOffset(n);
        long w1 = byteOffset(n + 1);
        long w2 = byteOffset(n + 2);
        long w3 = byteOffset(n + 3);
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
                FloatVector w0k = FloatVector.fromMemorySegment(F, w, w0 + 4L * k, ORDER);
                FloatVector w1k = FloatVector.fromMemorySegment(F, w, w1 + 4L * k, ORDER);
                FloatVector w2k = FloatVector.fromMemorySegment(F, w, w2 + 4L * k, ORDER);
                FloatVector w3k = FloatVector.fromMemorySegment(F, w, w3 + 4L * k, ORDER);
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
        MemorySegment w = this.w;
        int end = inner - inner % LANES;
        int x0 = xOffset + m * inner;
        long w0 = byteOffset(n);
        long w1 = byteOffset(n + 1);
        long w2 = byteOffset(n + 2);
        long w3 = byteOffset(n + 3);
        long w4 = byteOffset(n + 4);
        long w5 = byteOffset(n + 5);
        long w6 = byteOffset(n + 6);
        long w7 = byteOffset(n + 7);
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
                s00 = xk.fma(FloatVector.fromMemorySegment(F, w, w0 + 4L * k, ORDER), s00);
                s01 = xk.fma(FloatVector.fromMemorySegment(F, w, w1 + 4L * k, ORDER), s01);
                s02 = xk.fma(FloatVector.fromMemorySegment(F, w, w2 + 4L * k, ORDER), s02);
                s03 = xk.fma(FloatVector.fromMemorySegment(F, w, w3 + 4L * k, ORDER), s03);
                s04 = xk.fma(FloatVector.fromMemorySegment(F, w, w4 + 4L * k, ORDER), s04);
                s05 = xk.fma(FloatVector.fromMemorySegment(F, w, w5 + 4L * k, ORDER), s05);
                s06 = xk.fma(FloatVector.fromMemorySegment(F, w, w6 + 4L * k, ORDER), s06);
                s07 = xk.fma(FloatVector.fromMemorySegment(F, w, w7 + 4L * k, ORDER), s07);
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
        MemorySegment w = this.w;
        int end = inner - inner % LANES;
        int x0 = xOffset + m * inner;
        long w0 = byteOffset(n);
        for (int group = 0; group < LANES; group += COUNT) {
            FloatVector s00 = FloatVector.zero(F);
            for (int k = group; k < end; k += LANES) {
                FloatVector xk = FloatVector.fromArray(F, x, x0 + k);
                s00 = xk.fma(FloatVector.fromMemorySegment(F, w, w0 + 4L * k, ORDER), s00);
            }
            s00.intoArray(sums, group);
        }
    }
}
