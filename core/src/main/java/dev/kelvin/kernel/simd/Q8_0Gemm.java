// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Y = X·Wᵀ with W of type Q8_0, in the order of the dot product with decoded weights. A decoded weight q·d has at most
 * 18 significant bits, so decoding rounds nothing.
 *
 * <p>A single row of X meets the bytes as they come from memory; for many rows, W is decoded once into a panel. Only
 * for vectors of at least eight floats: there is no vector of four bytes.
 */
final class Q8_0Gemm extends Gemm {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);

    /** As many bytes as there are floats in a vector. */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, COUNT * Byte.SIZE)));

    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = 34;
    private static final int CODES = 2;

    /** Rows of W that share the loads of x. More of them make a method that C2 no longer inlines its vectors into. */
    private static final int ROWS = 2;

    private final float[] sums = new float[ROWS * LANES];
    private MappedTensor w;

    /** Whether this class works with the width of this JVM's vectors. */
    static boolean isSupported() {
        return COUNT * Byte.SIZE >= 64;
    }

    void run(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        if (x.rows() == 1) {
            row(x, w.segment(), y, rowBegin, rowEnd);
        } else {
            this.w = w;
            multiply(x, y, rowBegin, rowEnd);
            this.w = null;
        }
    }

    /** The two rows of a tile lie half the range apart, so that each is a stream that no tile interrupts. */
    private void row(HeapTensor x, MemorySegment w, HeapTensor y, int rowBegin, int rowEnd) {
        int blocks = x.columns() / BLOCK;
        long rowBytes = (long) blocks * BLOCK_BYTES;
        int half = (rowEnd - rowBegin) / ROWS;
        for (int n = rowBegin; n < rowBegin + half; n++) {
            tile1x2(x.data(), x.offset(), w, n * rowBytes, (n + half) * rowBytes, blocks);
            y.data()[y.offset() + n] = fold(sums, 0);
            y.data()[y.offset() + n + half] = fold(sums, LANES);
        }
        for (int n = rowBegin + ROWS * half; n < rowEnd; n++) {
            tile1x1(x.data(), x.offset(), w, n * rowBytes, blocks);
            y.data()[y.offset() + n] = fold(sums, 0);
        }
    }

    private void tile1x2(float[] x, int xOffset, MemorySegment w, long w0, long w1, int blocks) {
        for (int group = 0; group < LANES; group += COUNT) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = FloatVector.zero(F);
            int lowCodes = CODES + group;
            int highCodes = CODES + LANES + group;
            for (int block = 0; block < blocks; block++) {
                FloatVector low = FloatVector.fromArray(F, x, xOffset + block * BLOCK + group);
                FloatVector high = FloatVector.fromArray(F, x, xOffset + block * BLOCK + LANES + group);
                long at = (long) BLOCK_BYTES * block;
                float d = Float.float16ToFloat(w.get(HALF, w0 + at));
                Vector<Float> q = ByteVector.fromMemorySegment(B, w, w0 + at + lowCodes, ORDER)
                        .castShape(F, 0);
                s0 = low.fma(((FloatVector) q).mul(d), s0);
                q = ByteVector.fromMemorySegment(B, w, w0 + at + highCodes, ORDER)
                        .castShape(F, 0);
                s0 = high.fma(((FloatVector) q).mul(d), s0);
                d = Float.float16ToFloat(w.get(HALF, w1 + at));
                q = ByteVector.fromMemorySegment(B, w, w1 + at + lowCodes, ORDER)
                        .castShape(F, 0);
                s1 = low.fma(((FloatVector) q).mul(d), s1);
                q = ByteVector.fromMemorySegment(B, w, w1 + at + highCodes, ORDER)
                        .castShape(F, 0);
                s1 = high.fma(((FloatVector) q).mul(d), s1);
            }
            s0.intoArray(sums, group);
            s1.intoArray(sums, LANES + group);
        }
    }

    private void tile1x1(float[] x, int xOffset, MemorySegment w, long byteOffset, int blocks) {
        for (int group = 0; group < LANES; group += COUNT) {
            FloatVector s = FloatVector.zero(F);
            long at = byteOffset;
            for (int block = 0; block < blocks; block++) {
                float d = Float.float16ToFloat(w.get(HALF, at));
                FloatVector low = FloatVector.fromArray(F, x, xOffset + block * BLOCK + group);
                s = low.fma(codes(w, at + CODES + group).mul(d), s);
                FloatVector high = FloatVector.fromArray(F, x, xOffset + block * BLOCK + LANES + group);
                s = high.fma(codes(w, at + CODES + LANES + group).mul(d), s);
                at += BLOCK_BYTES;
            }
            s.intoArray(sums, group);
        }
    }

    /** More rows than fit the second-level cache: reading X from the third costs less than decoding W again. */
    @Override
    int blockFloats() {
        return 1 << 20;
    }

    @Override
    boolean inPlace() {
        return false;
    }

    @Override
    void copyRow(int n, float[] to, int offset) {
        MemorySegment segment = w.segment();
        int blocks = w.columns() / BLOCK;
        long row = (long) n * blocks * BLOCK_BYTES;
        for (int block = 0; block < blocks; block++) {
            long at = row + (long) BLOCK_BYTES * block;
            float d = Float.float16ToFloat(segment.get(HALF, at));
            for (int i = 0; i < BLOCK; i += COUNT) {
                codes(segment, at + CODES + i).mul(d).intoArray(to, offset + block * BLOCK + i);
            }
        }
    }

    @Override
    int panel(float[] x, int x0, int n, int width, int apart, float[] quads, int ahead, int spread, int step) {
        throw new AssertionError("weights of type Q8_0 are not multiplied in place");
    }

    private static FloatVector codes(MemorySegment w, long byteOffset) {
        return (FloatVector)
                ByteVector.fromMemorySegment(B, w, byteOffset, ORDER).castShape(F, 0);
    }
}
