// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Y = X·Wᵀ with W as little-endian f32 in a memory segment. A class of its own: one loop that meets arrays and segments
 * runs several times slower on both. Rows of whole steps of k are read in place by vectors of 16; others, and those of
 * narrower vectors, are copied.
 */
final class MappedGemm extends Gemm {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ORDER);
    private static final VectorMask<Float> UPPER_8 = GemmTile.upper(8);
    private static final VectorMask<Float> UPPER_4 = GemmTile.upper(4);
    private static final VectorShuffle<Float> SWAP_8 = GemmTile.swap(8);
    private static final VectorShuffle<Float> SWAP_4 = GemmTile.swap(4);

    private final MappedGemv gemv = new MappedGemv();
    private MemorySegment w;

    void run(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        if (x.rows() == 1) {
            gemv.run(x, w, y, rowBegin, rowEnd);
            return;
        }
        this.w = w.segment();
        multiply(x, y, rowBegin, rowEnd);
        this.w = null;
    }

    @Override
    boolean inPlace() {
        return COUNT == LANES && inner % LANES == 0;
    }

    private long byteOffset(int n) {
        return (long) n * inner * Float.BYTES;
    }

    @Override
    void copyRow(int n, float[] to, int offset) {
        MemorySegment.copy(w, FLOAT, byteOffset(n), to, offset, inner);
    }

    @Override
    int panel(float[] x, int x0, int n, int width, int apart, float[] quads, int ahead, int spread, int step) {
        long stride = byteOffset(apart);
        long w0 = byteOffset(n);
        long last = w0 + (width - 1) * stride;
        long next = w0 + (long) ahead * Float.BYTES;
        long between = (long) spread * Float.BYTES;
        long bytes = (long) step * Float.BYTES;
        int steps = inner / LANES;
        int seen = tile4x6(x, x0, w, w0, stride, last, steps, quads, 0, next, between, bytes);
        if (width > 6) {
            next += bytes * (steps / STREAMS);
            seen |= tile4x6(x, x0, w, w0 + 6 * stride, stride, last, steps, quads, 6 * COUNT, next, between, bytes);
        }
        return seen;
    }

    static int tile4x6(
            float[] x,
            int x0,
            MemorySegment w,
            long w0,
            long stride,
            long last,
            int steps,
            float[] quads,
            int to,
            long ahead,
            long spread,
            long step) {
        long w1 = Math.min(w0 + stride, last);
        long w2 = Math.min(w0 + 2 * stride, last);
        long w3 = Math.min(w0 + 3 * stride, last);
        long w4 = Math.min(w0 + 4 * stride, last);
        long w5 = Math.min(w0 + 5 * stride, last);
        FloatVector s00 = FloatVector.zero(F);
        FloatVector s01 = FloatVector.zero(F);
        FloatVector s02 = FloatVector.zero(F);
        FloatVector s03 = FloatVector.zero(F);
        FloatVector s04 = FloatVector.zero(F);
        FloatVector s05 = FloatVector.zero(F);
        FloatVector s10 = FloatVector.zero(F);
        FloatVector s11 = FloatVector.zero(F);
        FloatVector s12 = FloatVector.zero(F);
        FloatVector s13 = FloatVector.zero(F);
        FloatVector s14 = FloatVector.zero(F);
        FloatVector s15 = FloatVector.zero(F);
        FloatVector s20 = FloatVector.zero(F);
        FloatVector s21 = FloatVector.zero(F);
        FloatVector s22 = FloatVector.zero(F);
        FloatVector s23 = FloatVector.zero(F);
        FloatVector s24 = FloatVector.zero(F);
        FloatVector s25 = FloatVector.zero(F);
        FloatVector s30 = FloatVector.zero(F);
        FloatVector s31 = FloatVector.zero(F);
        FloatVector s32 = FloatVector.zero(F);
        FloatVector s33 = FloatVector.zero(F);
        FloatVector s34 = FloatVector.zero(F);
        FloatVector s35 = FloatVector.zero(F);
        long lastStream = ahead + (STREAMS - 1) * spread;
        long back = (STREAMS - 1) * spread - step;
        long at = ahead;
        int seen = 0;
        for (int t = 0, xk = x0; t < steps; t++, xk += TILE_ROWS * LANES) {
            seen |= w.get(INT, at);
            at = at < lastStream ? at + spread : at - back;
            FloatVector x0k = FloatVector.fromArray(F, x, xk);
            FloatVector x1k = FloatVector.fromArray(F, x, xk + LANES);
            FloatVector x2k = FloatVector.fromArray(F, x, xk + 2 * LANES);
            FloatVector x3k = FloatVector.fromArray(F, x, xk + 3 * LANES);
            FloatVector wk = FloatVector.fromMemorySegment(F, w, w0 + 64L * t, ORDER);
            s00 = x0k.fma(wk, s00);
            s10 = x1k.fma(wk, s10);
            s20 = x2k.fma(wk, s20);
            s30 = x3k.fma(wk, s30);
            wk = FloatVector.fromMemorySegment(F, w, w1 + 64L * t, ORDER);
            s01 = x0k.fma(wk, s01);
            s11 = x1k.fma(wk, s11);
            s21 = x2k.fma(wk, s21);
            s31 = x3k.fma(wk, s31);
            wk = FloatVector.fromMemorySegment(F, w, w2 + 64L * t, ORDER);
            s02 = x0k.fma(wk, s02);
            s12 = x1k.fma(wk, s12);
            s22 = x2k.fma(wk, s22);
            s32 = x3k.fma(wk, s32);
            wk = FloatVector.fromMemorySegment(F, w, w3 + 64L * t, ORDER);
            s03 = x0k.fma(wk, s03);
            s13 = x1k.fma(wk, s13);
            s23 = x2k.fma(wk, s23);
            s33 = x3k.fma(wk, s33);
            wk = FloatVector.fromMemorySegment(F, w, w4 + 64L * t, ORDER);
            s04 = x0k.fma(wk, s04);
            s14 = x1k.fma(wk, s14);
            s24 = x2k.fma(wk, s24);
            s34 = x3k.fma(wk, s34);
            wk = FloatVector.fromMemorySegment(F, w, w5 + 64L * t, ORDER);
            s05 = x0k.fma(wk, s05);
            s15 = x1k.fma(wk, s15);
            s25 = x2k.fma(wk, s25);
            s35 = x3k.fma(wk, s35);
        }
        FloatVector even = s00.blend(s20, UPPER_8).add(s20.blend(s00, UPPER_8).rearrange(SWAP_8));
        FloatVector odd = s10.blend(s30, UPPER_8).add(s30.blend(s10, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to);
        even = s01.blend(s21, UPPER_8).add(s21.blend(s01, UPPER_8).rearrange(SWAP_8));
        odd = s11.blend(s31, UPPER_8).add(s31.blend(s11, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + COUNT);
        even = s02.blend(s22, UPPER_8).add(s22.blend(s02, UPPER_8).rearrange(SWAP_8));
        odd = s12.blend(s32, UPPER_8).add(s32.blend(s12, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + 2 * COUNT);
        even = s03.blend(s23, UPPER_8).add(s23.blend(s03, UPPER_8).rearrange(SWAP_8));
        odd = s13.blend(s33, UPPER_8).add(s33.blend(s13, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + 3 * COUNT);
        even = s04.blend(s24, UPPER_8).add(s24.blend(s04, UPPER_8).rearrange(SWAP_8));
        odd = s14.blend(s34, UPPER_8).add(s34.blend(s14, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + 4 * COUNT);
        even = s05.blend(s25, UPPER_8).add(s25.blend(s05, UPPER_8).rearrange(SWAP_8));
        odd = s15.blend(s35, UPPER_8).add(s35.blend(s15, UPPER_8).rearrange(SWAP_8));
        even.blend(odd, UPPER_4).add(odd.blend(even, UPPER_4).rearrange(SWAP_4)).intoArray(quads, to + 5 * COUNT);
        return seen;
    }
}
