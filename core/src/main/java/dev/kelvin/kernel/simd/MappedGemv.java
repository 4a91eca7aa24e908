// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** y = W·x with W as little-endian f32 in a memory segment. */
final class MappedGemv extends Gemv {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);

    private MemorySegment w;

    void run(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        this.w = w.segment();
        run(x.data(), x.offset(), x.columns(), y.data(), y.offset(), rowBegin, rowEnd);
        this.w = null;
    }

    private long byteOffset(int n) {
        return (long) n * inner * Float.BYTES;
    }

    @Override
    void copyTail(int n, float[] to) {
        int tail = inner % LANES;
        MemorySegment.copy(w, FLOAT, byteOffset(n + 1) - (long) tail * Float.BYTES, to, 0, tail);
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
                s0 = xk.fma(FloatVector.fromMemorySegment(F, w, w0 + 4L * k, ORDER), s0);
                s1 = xk.fma(FloatVector.fromMemorySegment(F, w, w1 + 4L * k, ORDER), s1);
                s2 = xk.fma(FloatVector.fromMemorySegment(F, w, w2 + 4L * k, ORDER), s2);
                s3 = xk.fma(FloatVector.fromMemorySegment(F, w, w3 + 4L * k, ORDER), s3);
                if (COUNT < LANES) {
                    xk = FloatVector.fromArray(F, x, x0 + k + COUNT);
                    t0 = xk.fma(FloatVector.fromMemorySegment(F, w, w0 + 4L * (k + COUNT), ORDER), t0);
                    t1 = xk.fma(FloatVector.fromMemorySegment(F, w, w1 + 4L * (k + COUNT), ORDER), t1);
                    t2 = xk.fma(FloatVector.fromMemorySegment(F, w, w2 + 4L * (k + COUNT), ORDER), t2);
                    t3 = xk.fma(FloatVector.fromMemorySegment(F, w, w3 + 4L * (k + COUNT), ORDER), t3);
                }
            }
            s0.intoArray(sums, group);
            s1.intoArray(sums, LANES + group);
            s2.intoArray(sums, 2 * LANES + group);
            s3.intoArray(sums, 3 * LANES + group);
            if (COUNT < LANES) {
                t0.intoArray(sums, group + COUNT);
                t1.intoArray(sums, LANES + group + COUNT);
                t2.intoArray(sums, 2 * LANES + group + COUNT);
                t3.intoArray(sums, 3 * LANES + group + COUNT);
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
                s0 = xk.fma(FloatVector.fromMemorySegment(F, w, w0 + 4L * k, ORDER), s0);
            }
            s0.intoArray(sums, group);
        }
    }
}
