// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tile of Y = X·Wᵀ for a few rows of X and W of type Q8_0 as it comes from memory, decoded on its way, for
 * vectors of 16 floats. Of two steps to a block each reads and widens the scale anew: with both in one body, C2 comes
 * to the end of its budget and boxes vectors.
 */
final class Q8_0Tile {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int LANES = Gemm.LANES;
    private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, VectorShape.S_128_BIT);
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final int BLOCK_BYTES = 34;
    private static final int CODES = 2;
    private static final VectorMask<Float> UPPER_8 = GemmTile.upper(8);
    private static final VectorMask<Float> UPPER_4 = GemmTile.upper(4);
    private static final VectorShuffle<Float> SWAP_8 = GemmTile.swap(8);
    private static final VectorShuffle<Float> SWAP_4 = GemmTile.swap(4);

    private Q8_0Tile() {}

    /**
     * 4 rows of X with 6 rows of W.
     *
     * @param x packed rows [k/16][4][16] from x0 on
     * @param w rows at w0, w0 + stride ... bytes, none beyond {@code last}
     * @param steps k/16
     * @param quads receives the sums, four lanes each, as {@link GemmTile#finish} wants them
     */
    static void tile4x6(
            float[] x, int x0, MemorySegment w, long w0, long stride, long last, int steps, float[] quads, int to) {
        long w1 = Math.min(w0 + stride, last);
        long w2 = Math.min(w0 + 2 * stride, last);
        long w3 = Math.min(w0 + 3 * stride, last);
        long w4 = Math.min(w0 + 4 * stride, last);
        long w5 = Math.min(w0 + 5 * stride, last);
        FloatVector s00 = FloatVector.zero(F);
        FloatVector s10 = FloatVector.zero(F);
        FloatVector s20 = FloatVector.zero(F);
        FloatVector s30 = FloatVector.zero(F);
        FloatVector s01 = FloatVector.zero(F);
        FloatVector s11 = FloatVector.zero(F);
        FloatVector s21 = FloatVector.zero(F);
        FloatVector s31 = FloatVector.zero(F);
        FloatVector s02 = FloatVector.zero(F);
        FloatVector s12 = FloatVector.zero(F);
        FloatVector s22 = FloatVector.zero(F);
        FloatVector s32 = FloatVector.zero(F);
        FloatVector s03 = FloatVector.zero(F);
        FloatVector s13 = FloatVector.zero(F);
        FloatVector s23 = FloatVector.zero(F);
        FloatVector s33 = FloatVector.zero(F);
        FloatVector s04 = FloatVector.zero(F);
        FloatVector s14 = FloatVector.zero(F);
        FloatVector s24 = FloatVector.zero(F);
        FloatVector s34 = FloatVector.zero(F);
        FloatVector s05 = FloatVector.zero(F);
        FloatVector s15 = FloatVector.zero(F);
        FloatVector s25 = FloatVector.zero(F);
        FloatVector s35 = FloatVector.zero(F);
        for (int t = 0, xk = x0; t < steps; t++, xk += Gemm.TILE_ROWS * LANES) {
            long block = (long) BLOCK_BYTES * (t / 2);
            long codes = block + CODES + t % 2L * LANES;
            FloatVector x0k = FloatVector.fromArray(F, x, xk);
            FloatVector x1k = FloatVector.fromArray(F, x, xk + LANES);
            FloatVector x2k = FloatVector.fromArray(F, x, xk + 2 * LANES);
            FloatVector x3k = FloatVector.fromArray(F, x, xk + 3 * LANES);
            float d = Float.float16ToFloat(w.get(HALF, w0 + block));
            FloatVector wk = ((FloatVector) ByteVector.fromMemorySegment(B, w, w0 + codes, ORDER)
                            .castShape(F, 0))
                    .mul(d);
            s00 = x0k.fma(wk, s00);
            s10 = x1k.fma(wk, s10);
            s20 = x2k.fma(wk, s20);
            s30 = x3k.fma(wk, s30);
            d = Float.float16ToFloat(w.get(HALF, w1 + block));
            wk = ((FloatVector) ByteVector.fromMemorySegment(B, w, w1 + codes, ORDER)
                            .castShape(F, 0))
                    .mul(d);
            s01 = x0k.fma(wk, s01);
            s11 = x1k.fma(wk, s11);
            s21 = x2k.fma(wk, s21);
            s31 = x3k.fma(wk, s31);
            d = Float.float16ToFloat(w.get(HALF, w2 + block));
            wk = ((FloatVector) ByteVector.fromMemorySegment(B, w, w2 + codes, ORDER)
                            .castShape(F, 0))
                    .mul(d);
            s02 = x0k.fma(wk, s02);
            s12 = x1k.fma(wk, s12);
            s22 = x2k.fma(wk, s22);
            s32 = x3k.fma(wk, s32);
            d = Float.float16ToFloat(w.get(HALF, w3 + block));
            wk = ((FloatVector) ByteVector.fromMemorySegment(B, w, w3 + codes, ORDER)
                            .castShape(F, 0))
                    .mul(d);
            s03 = x0k.fma(wk, s03);
            s13 = x1k.fma(wk, s13);
            s23 = x2k.fma(wk, s23);
            s33 = x3k.fma(wk, s33);
            d = Float.float16ToFloat(w.get(HALF, w4 + block));
            wk = ((FloatVector) ByteVector.fromMemorySegment(B, w, w4 + codes, ORDER)
                            .castShape(F, 0))
                    .mul(d);
            s04 = x0k.fma(wk, s04);
            s14 = x1k.fma(wk, s14);
            s24 = x2k.fma(wk, s24);
            s34 = x3k.fma(wk, s34);
            d = Float.float16ToFloat(w.get(HALF, w5 + block));
            wk = ((FloatVector) ByteVector.fromMemorySegment(B, w, w5 + codes, ORDER)
                            .castShape(F, 0))
                    .mul(d);
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
    }
}
