// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * y = W·x with W as little-endian f16 in a memory segment.
 *
 * <p>The magnitude, moved to where a float has exponent and fraction, is the value times 2⁻¹¹², subnormals included. In
 * four rows at once x is 2¹¹² times too large instead, which changes no sum, for their products are exact. Infinities
 * and NaN, and x that leave the range of a float, are only noticed there: such rows are computed one by one, and
 * weights decoded.
 */
final class F16Gemv extends Gemv {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2));
    private static final int COUNT = Lanes.COUNT;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);

    private static final float SCALE = 0x1p112f;
    private static final float INFINITY = 0x1p16f;
    private static final int EXPONENT = 0x7f80_0000;

    /** Where sign, exponent and fraction lie in a sign-extended half shifted by 13. */
    private static final int IN_PLACE = 0x8fff_e000;

    /** An infinity without its sign, shifted by one; what is above is NaN. */
    private static final short TWICE_INFINITY = (short) 0xf800;

    /** A vector of the constant. From an array, since C2 loads a constant that it knows anew at each use. */
    private final int[] ints = new int[COUNT];

    /** x times 2¹¹². */
    private float[] scaled = new float[0];

    /** Whether it is finite. */
    private boolean inRange;

    private MemorySegment w;

    F16Gemv() {
        Arrays.fill(ints, IN_PLACE);
    }

    void run(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        this.w = w.segment();
        inRange = scale(x.data(), x.offset(), x.columns());
        run(x.data(), x.offset(), x.columns(), y.data(), y.offset(), rowBegin, rowEnd);
        this.w = null;
    }

    /** Leaves x times 2¹¹²; false if one of its elements is too large for that, infinite or NaN. */
    private boolean scale(float[] x, int xOffset, int length) {
        if (scaled.length < length) {
            scaled = new float[length];
        }
        float[] scaled = this.scaled;
        for (int i = 0; i < length; i++) {
            scaled[i] = x[xOffset + i] * SCALE;
        }
        float largest = 0;
        for (int i = 0; i < length; i++) {
            largest = Math.max(largest, Math.abs(scaled[i]));
        }
        return largest < Float.POSITIVE_INFINITY;
    }

    private long byteOffset(int n) {
        return (long) n * inner * Short.BYTES;
    }

    @Override
    void copyTail(int n, float[] to) {
        int tail = inner % LANES;
        long from = byteOffset(n + 1) - (long) tail * Short.BYTES;
        for (int l = 0; l < tail; l++) {
            to[l] = Float.float16ToFloat(w.get(SHORT, from + 2L * l));
        }
    }

    @Override
    void tile4(int n, int apart) {
        if (inRange && finite4(n, apart)) {
            return;
        }
        for (int j = 0; j < TILE; j++) {
            row(n + j * apart, j * LANES);
        }
    }

    /**
     * Leaves the sums of 4 rows in {@link #sums}; false if they are wrong, as a weight is infinite or NaN.
     *
     * <p>The loop counts in eighths, so that its stride is above 64: C2 would unroll it eight times, as if it were
     * scalar, and spill most of its vectors.
     */
    private boolean finite4(int n, int apart) {
        float[] x = scaled;
        MemorySegment w = this.w;
        int end = inner - inner % LANES;
        long w0 = byteOffset(n);
        long w1 = byteOffset(n + apart);
        long w2 = byteOffset(n + 2 * apart);
        long w3 = byteOffset(n + 3 * apart);
        touched = w.get(ValueLayout.JAVA_BYTE, w0);
        IntVector inPlace = IntVector.fromArray(I, ints, 0);
        ShortVector seen = ShortVector.zero(S);
        for (int group = 0; group < LANES; group += TURN) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = FloatVector.zero(F);
            FloatVector s2 = FloatVector.zero(F);
            FloatVector s3 = FloatVector.zero(F);
            FloatVector t0 = FloatVector.zero(F);
            FloatVector t1 = FloatVector.zero(F);
            FloatVector t2 = FloatVector.zero(F);
            FloatVector t3 = FloatVector.zero(F);
            for (long at = 0; at < 8L * (end - group); at += 8 * LANES) {
                int k = group + (int) (at >> 3);
                FloatVector xk = FloatVector.fromArray(F, x, k);
                ShortVector half = ShortVector.fromMemorySegment(S, w, w0 + 2L * k, ORDER);
                IntVector bits = ((IntVector) half.convertShape(VectorOperators.S2I, I, 0))
                        .lanewise(VectorOperators.LSHL, 13)
                        .and(inPlace);
                s0 = xk.fma(bits.reinterpretAsFloats(), s0);
                seen = seen.lanewise(VectorOperators.UMAX, half.add(half));
                half = ShortVector.fromMemorySegment(S, w, w1 + 2L * k, ORDER);
                bits = ((IntVector) half.convertShape(VectorOperators.S2I, I, 0))
                        .lanewise(VectorOperators.LSHL, 13)
                        .and(inPlace);
                s1 = xk.fma(bits.reinterpretAsFloats(), s1);
                seen = seen.lanewise(VectorOperators.UMAX, half.add(half));
                half = ShortVector.fromMemorySegment(S, w, w2 + 2L * k, ORDER);
                bits = ((IntVector) half.convertShape(VectorOperators.S2I, I, 0))
                        .lanewise(VectorOperators.LSHL, 13)
                        .and(inPlace);
                s2 = xk.fma(bits.reinterpretAsFloats(), s2);
                seen = seen.lanewise(VectorOperators.UMAX, half.add(half));
                half = ShortVector.fromMemorySegment(S, w, w3 + 2L * k, ORDER);
                bits = ((IntVector) half.convertShape(VectorOperators.S2I, I, 0))
                        .lanewise(VectorOperators.LSHL, 13)
                        .and(inPlace);
                s3 = xk.fma(bits.reinterpretAsFloats(), s3);
                seen = seen.lanewise(VectorOperators.UMAX, half.add(half));
                if (COUNT < LANES) {
                    xk = FloatVector.fromArray(F, x, k + COUNT);
                    half = ShortVector.fromMemorySegment(S, w, w0 + 2L * (k + COUNT), ORDER);
                    bits = ((IntVector) half.convertShape(VectorOperators.S2I, I, 0))
                            .lanewise(VectorOperators.LSHL, 13)
                            .and(inPlace);
                    t0 = xk.fma(bits.reinterpretAsFloats(), t0);
                    seen = seen.lanewise(VectorOperators.UMAX, half.add(half));
                    half = ShortVector.fromMemorySegment(S, w, w1 + 2L * (k + COUNT), ORDER);
                    bits = ((IntVector) half.convertShape(VectorOperators.S2I, I, 0))
                            .lanewise(VectorOperators.LSHL, 13)
                            .and(inPlace);
                    t1 = xk.fma(bits.reinterpretAsFloats(), t1);
                    seen = seen.lanewise(VectorOperators.UMAX, half.add(half));
                    half = ShortVector.fromMemorySegment(S, w, w2 + 2L * (k + COUNT), ORDER);
                    bits = ((IntVector) half.convertShape(VectorOperators.S2I, I, 0))
                            .lanewise(VectorOperators.LSHL, 13)
                            .and(inPlace);
                    t2 = xk.fma(bits.reinterpretAsFloats(), t2);
                    seen = seen.lanewise(VectorOperators.UMAX, half.add(half));
                    half = ShortVector.fromMemorySegment(S, w, w3 + 2L * (k + COUNT), ORDER);
                    bits = ((IntVector) half.convertShape(VectorOperators.S2I, I, 0))
                            .lanewise(VectorOperators.LSHL, 13)
                            .and(inPlace);
                    t3 = xk.fma(bits.reinterpretAsFloats(), t3);
                    seen = seen.lanewise(VectorOperators.UMAX, half.add(half));
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
        return !seen.compare(VectorOperators.UGE, TWICE_INFINITY).anyTrue();
    }

    @Override
    void tile1(int n) {
        row(n, 0);
    }

    private void row(int n, int to) {
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
                IntVector bits = (IntVector) half.convertShape(VectorOperators.S2I, I, 0);
                IntVector sign = bits.and(0x8000_0000);
                FloatVector size = bits.and(0x7fff)
                        .lanewise(VectorOperators.LSHL, 13)
                        .reinterpretAsFloats()
                        .mul(SCALE);
                IntVector exact = size.reinterpretAsInts();
                exact = exact.lanewise(
                        VectorOperators.OR,
                        EXPONENT,
                        size.compare(VectorOperators.GE, INFINITY).cast(I));
                s0 = xk.fma(exact.or(sign).reinterpretAsFloats(), s0);
            }
            s0.intoArray(sums, to + group);
        }
    }
}
