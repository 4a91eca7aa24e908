// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * A row of X times four rows of W of type Q8_0 as they come from memory, for vectors of 16 floats. Each sum is one
 * chain of multiply-adds, two to a block: four of them hide one another's latency, and share the loads of x, which a
 * long row brings from the second-level cache.
 */
final class Q8_0Row {
    /** Rows of W. */
    static final int ROWS = 4;

    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int LANES = Gemm.LANES;
    private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, VectorShape.S_128_BIT);
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = 34;
    private static final int LOW = 2;
    private static final int HIGH = LOW + LANES;

    private Q8_0Row() {}

    /**
     * The lanes of four sums.
     *
     * @param w rows at w0, w0 + stride ... bytes
     * @param blocks k/32
     * @param sums [4][16], overwritten
     */
    static void tile(float[] x, int xOffset, MemorySegment w, long w0, long stride, int blocks, float[] sums) {
        long w1 = w0 + stride;
        long w2 = w1 + stride;
        long w3 = w2 + stride;
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = FloatVector.zero(F);
        FloatVector s2 = FloatVector.zero(F);
        FloatVector s3 = FloatVector.zero(F);
        for (int block = 0; block < blocks; block++) {
            int k = xOffset + block * BLOCK;
            long at = (long) BLOCK_BYTES * block;
            FloatVector low = FloatVector.fromArray(F, x, k);
            FloatVector high = FloatVector.fromArray(F, x, k + LANES);
            float d0 = Float.float16ToFloat(w.get(HALF, w0 + at));
            float d1 = Float.float16ToFloat(w.get(HALF, w1 + at));
            float d2 = Float.float16ToFloat(w.get(HALF, w2 + at));
            float d3 = Float.float16ToFloat(w.get(HALF, w3 + at));
            ByteVector low0 = ByteVector.fromMemorySegment(B, w, w0 + at + LOW, ORDER);
            ByteVector low1 = ByteVector.fromMemorySegment(B, w, w1 + at + LOW, ORDER);
            ByteVector low2 = ByteVector.fromMemorySegment(B, w, w2 + at + LOW, ORDER);
            ByteVector low3 = ByteVector.fromMemorySegment(B, w, w3 + at + LOW, ORDER);
            s0 = low.fma(((FloatVector) low0.castShape(F, 0)).mul(d0), s0);
            s1 = low.fma(((FloatVector) low1.castShape(F, 0)).mul(d1), s1);
            s2 = low.fma(((FloatVector) low2.castShape(F, 0)).mul(d2), s2);
            s3 = low.fma(((FloatVector) low3.castShape(F, 0)).mul(d3), s3);
            ByteVector high0 = ByteVector.fromMemorySegment(B, w, w0 + at + HIGH, ORDER);
            ByteVector high1 = ByteVector.fromMemorySegment(B, w, w1 + at + HIGH, ORDER);
            ByteVector high2 = ByteVector.fromMemorySegment(B, w, w2 + at + HIGH, ORDER);
            ByteVector high3 = ByteVector.fromMemorySegment(B, w, w3 + at + HIGH, ORDER);
            s0 = high.fma(((FloatVector) high0.castShape(F, 0)).mul(d0), s0);
            s1 = high.fma(((FloatVector) high1.castShape(F, 0)).mul(d1), s1);
            s2 = high.fma(((FloatVector) high2.castShape(F, 0)).mul(d2), s2);
            s3 = high.fma(((FloatVector) high3.castShape(F, 0)).mul(d3), s3);
        }
        s0.intoArray(sums, 0);
        s1.intoArray(sums, LANES);
        s2.intoArray(sums, 2 * LANES);
        s3.intoArray(sums, 3 * LANES);
    }
}
