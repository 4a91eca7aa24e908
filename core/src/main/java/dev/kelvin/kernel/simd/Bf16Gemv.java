// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** y = W·x with W as little-endian bf16 in a memory segment: the upper halves of floats. */
final class Bf16Gemv extends Gemv {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2));
    private static final int COUNT = Lanes.COUNT;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);

    private MemorySegment w;

    void run(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        this.w = w.segment();
        run(x.data(), x.offset(), x.columns(), y.data(), y.offset(), rowBegin, rowEnd);
        this.w = null;
    }

    private long byteOffset(int n) {
        return (long) n * inner * Short.BYTES;
    }

    @Override
    void copyTail(int n, float[] to) {
        int tail = inner % LANES;
        long from = byteOffset(n + 1) - (long) tail * Short.BYTES;
        for (int l = 0; l < tail; l++) {
            to[l] = Float.intBitsToFloat(w.get(SHORT, from + 2L * l) << 16);
        }
    }

    @Override
    void tile4(int n, int apart) {
        float[] x = this.x;
        MemorySegment w = this.w;
        int end = inner - inner % LANES;
        int x0 = xOffset;
        long w0 = byteOffset(n);
        long w1 = byteOffset(n + apart);
        long w2 = byteOffset(n + 2 * apart);
        long w3 = byteOffset(n + 3 * apart);
        touched = w.get(ValueLayout.JAVA_BYTE, w0);
        for (int group = 0; group < LANES; group += TURN) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = FloatVector.zero(F);
            FloatVector s2 = FloatVector.zero(F);
            FloatVector s3 = FloatVector.zero(F);
            FloatVector t0 = FloatVector.zero(F);
            FloatVector t1 = FloatVector.zero(F);
            FloatVector t2 = FloatVector.zero(F);
            FloatVector t3 = FloatVector.zero(F);
            for (int k = group; k < end; k += LANES) {
                FloatVector xk = FloatVector.fromArray(F, x, x0 + k);
                ShortVector half = ShortVector.fromMemorySegment(S, w, w0 + 2L * k, ORDER);
                IntVector bits = (IntVector) half.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
                s0 = xk.fma(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s0);
                half = ShortVector.fromMemorySegment(S, w, w1 + 2L * k, ORDER);
                bits = (IntVector) half.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
                s1 = xk.fma(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s1);
                half = ShortVector.fromMemorySegment(S, w, w2 + 2L * k, ORDER);
                bits = (IntVector) half.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
                s2 = xk.fma(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s2);
                half = ShortVector.fromMemorySegment(S, w, w3 + 2L * k, ORDER);
                bits = (IntVector) half.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
                s3 = xk.fma(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s3);
                if (COUNT < LANES) {
                    xk = FloatVector.fromArray(F, x, x0 + k + COUNT);
                    half = ShortVector.fromMemorySegment(S, w, w0 + 2L * (k + COUNT), ORDER);
                    bits = (IntVector) half.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
                    t0 = xk.fma(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), t0);
                    half = ShortVector.fromMemorySegment(S, w, w1 + 2L * (k + COUNT), ORDER);
                    bits = (IntVector) half.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
                    t1 = xk.fma(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), t1);
                    half = ShortVector.fromMemorySegment(S, w, w2 + 2L * (k + COUNT), ORDER);
                    bits = (IntVector) half.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
                    t2 = xk.fma(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), t2);
                    half = ShortVector.fromMemorySegment(S, w, w3 + 2L * (k + COUNT), ORDER);
                    bits = (IntVector) half.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
                    t3 = xk.fma(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), t3);
                }
            }
            s0.intoArray(sums, group);
            s1.intoArray(sums, group + LANES);
            s2.intoArray(sums, group + 2 * LANES);
            s3.intoArray(sums, group + 3 * LANES);
            if (COUNT < LANES) {
                t0.intoArray(sums, group + COUNT);
                t1.intoArray(sums, group + LANES + COUNT);
                t2.intoArray(sums, group + 2 * LANES + COUNT);
                t3.intoArray(sums, group + 3 * LANES + COUNT);
            }
        }
    }

    @Override
    void tile1(int n) {
        float[] x = this.x;
        MemorySegment w = this.w;
        int end = inner - inner % LANES;
        int x0 = xOffset;
        long w0 = byteOffset(n);
        touched = w.get(ValueLayout.JAVA_BYTE, w0);
        for (int group = 0; group < LANES; group += COUNT) {
            FloatVector s0 = FloatVector.zero(F);
            for (int k = group; k < end; k += LANES) {
                FloatVector xk = FloatVector.fromArray(F, x, x0 + k);
                ShortVector half = ShortVector.fromMemorySegment(S, w, w0 + 2L * k, ORDER);
                IntVector bits = (IntVector) half.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
                s0 = xk.fma(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s0);
            }
            s0.intoArray(sums, group);
        }
    }
}
