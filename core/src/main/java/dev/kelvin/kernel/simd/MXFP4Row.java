// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * A row of X times rows of W of MXFP4 as they come from memory, for vectors of 16 floats. What a code stands for is
 * looked up in a vector; the rest is {@link Q8_0Row}.
 */
final class MXFP4Row {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int LANES = Gemm.LANES;
    private static final int ROWS = 4;
    private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, VectorShape.S_128_BIT);
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int BLOCK = 32;

    private final float[] sums = new float[ROWS * LANES];

    /** Whether it takes a type, on these lanes. */
    static boolean isSupported(DType type) {
        return Lanes.COUNT == LANES && type == DType.MXFP4;
    }

    /** The four rows of a tile lie a quarter of the range apart, so that each is a stream that no tile interrupts. */
    void run(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        long rowBytes = w.dtype().byteSize(x.columns());
        int quarter = (rowEnd - rowBegin) / ROWS;
        for (int n = rowBegin; n < rowBegin + quarter; n++) {
            tile(x, w, n * rowBytes, quarter * rowBytes);
            for (int i = 0; i < ROWS; i++) {
                y.data()[y.offset() + n + i * quarter] = Gemm.fold(sums, i * LANES);
            }
        }
        for (int n = rowBegin + ROWS * quarter; n < rowEnd; n++) {
            tile(x, w, n * rowBytes, 0);
            y.data()[y.offset() + n] = Gemm.fold(sums, 0);
        }
    }

    private void tile(HeapTensor x, MappedTensor w, long w0, long stride) {
        exponents(x.data(), x.offset(), w.segment(), w0, stride, x.columns() / BLOCK, sums);
    }

    /** MXFP4: an exponent, and 16 pairs of codes. */
    private static void exponents(
            float[] x, int xOffset, MemorySegment w, long w0, long stride, int blocks, float[] sums) {
        ByteVector levels = TableBlocks.MXFP4_LEVELS;
        long w1 = w0 + stride;
        long w2 = w1 + stride;
        long w3 = w2 + stride;
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = FloatVector.zero(F);
        FloatVector s2 = FloatVector.zero(F);
        FloatVector s3 = FloatVector.zero(F);
        for (int block = 0; block < blocks; block++) {
            int k = xOffset + block * BLOCK;
            long at = 17L * block;
            FloatVector low = FloatVector.fromArray(F, x, k);
            FloatVector high = FloatVector.fromArray(F, x, k + LANES);
            float d0 = TableBlocks.halfPower(w.get(ValueLayout.JAVA_BYTE, w0 + at));
            ByteVector pairs0 = ByteVector.fromMemorySegment(B, w, w0 + at + 1, ORDER);
            float d1 = TableBlocks.halfPower(w.get(ValueLayout.JAVA_BYTE, w1 + at));
            ByteVector pairs1 = ByteVector.fromMemorySegment(B, w, w1 + at + 1, ORDER);
            float d2 = TableBlocks.halfPower(w.get(ValueLayout.JAVA_BYTE, w2 + at));
            ByteVector pairs2 = ByteVector.fromMemorySegment(B, w, w2 + at + 1, ORDER);
            float d3 = TableBlocks.halfPower(w.get(ValueLayout.JAVA_BYTE, w3 + at));
            ByteVector pairs3 = ByteVector.fromMemorySegment(B, w, w3 + at + 1, ORDER);
            ByteVector low0 = pairs0.and((byte) 15).selectFrom(levels);
            s0 = low.fma(((FloatVector) low0.castShape(F, 0)).mul(d0), s0);
            ByteVector low1 = pairs1.and((byte) 15).selectFrom(levels);
            s1 = low.fma(((FloatVector) low1.castShape(F, 0)).mul(d1), s1);
            ByteVector low2 = pairs2.and((byte) 15).selectFrom(levels);
            s2 = low.fma(((FloatVector) low2.castShape(F, 0)).mul(d2), s2);
            ByteVector low3 = pairs3.and((byte) 15).selectFrom(levels);
            s3 = low.fma(((FloatVector) low3.castShape(F, 0)).mul(d3), s3);
            ByteVector high0 = pairs0.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .selectFrom(levels);
            s0 = high.fma(((FloatVector) high0.castShape(F, 0)).mul(d0), s0);
            ByteVector high1 = pairs1.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .selectFrom(levels);
            s1 = high.fma(((FloatVector) high1.castShape(F, 0)).mul(d1), s1);
            ByteVector high2 = pairs2.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .selectFrom(levels);
            s2 = high.fma(((FloatVector) high2.castShape(F, 0)).mul(d2), s2);
            ByteVector high3 = pairs3.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .selectFrom(levels);
            s3 = high.fma(((FloatVector) high3.castShape(F, 0)).mul(d3), s3);
        }
        s0.intoArray(sums, 0);
        s1.intoArray(sums, LANES);
        s2.intoArray(sums, 2 * LANES);
        s3.intoArray(sums, 3 * LANES);
    }
}
