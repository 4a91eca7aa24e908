// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.CompilerControl;

/**
 * What an operation is measured against: the same bytes moved and nothing done with them, or with them the operations
 * that occupy the multiplier and nothing else. Ranges are cut down to whole iterations.
 */
final class CeilingLoops {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_PREFERRED;
    private static final VectorShuffle<Float> NEIGHBOURS = VectorShuffle.fromOp(F, i -> i ^ 1);
    private static final int N = F.length();

    /** Vectors an iteration of the loops that multiply: twice what hides a latency of four cycles. */
    private static final int CHAINS = 8;

    private CeilingLoops() {}

    /** Reads an array, a quarter at each of four places: neighbouring vectors came at two thirds of this rate. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static int read(float[] x, int begin, int end) {
        IntVector a = IntVector.zero(I), b = a, c = a, d = a;
        int quarter = (end - begin) / (4 * N) * N;
        int second = begin + quarter;
        for (int i = begin; i <= second - N; i += N) {
            a = a.or(FloatVector.fromArray(F, x, i).reinterpretAsInts());
            b = b.or(FloatVector.fromArray(F, x, i + quarter).reinterpretAsInts());
            c = c.or(FloatVector.fromArray(F, x, i + 2 * quarter).reinterpretAsInts());
            d = d.or(FloatVector.fromArray(F, x, i + 3 * quarter).reinterpretAsInts());
        }
        return a.or(b).or(c.or(d)).reduceLanes(VectorOperators.OR);
    }

    /** Reads memory outside the heap. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static int read(MemorySegment x) {
        ByteVector a = ByteVector.zero(B), b = a, c = a, d = a;
        int n = B.length();
        int end = Math.toIntExact(x.byteSize());
        for (int i = 0; i <= end - 4 * n; i += 4 * n) {
            a = a.or(ByteVector.fromMemorySegment(B, x, i, ByteOrder.LITTLE_ENDIAN));
            b = b.or(ByteVector.fromMemorySegment(B, x, i + n, ByteOrder.LITTLE_ENDIAN));
            c = c.or(ByteVector.fromMemorySegment(B, x, i + 2 * n, ByteOrder.LITTLE_ENDIAN));
            d = d.or(ByteVector.fromMemorySegment(B, x, i + 3 * n, ByteOrder.LITTLE_ENDIAN));
        }
        return a.or(b).or(c.or(d)).reinterpretAsInts().reduceLanes(VectorOperators.OR);
    }

    /** y = x. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static void copy(float[] x, float[] y, int begin, int end) {
        for (int i = begin; i <= end - N; i += N) {
            FloatVector.fromArray(F, x, i).intoArray(y, i);
        }
    }

    /** Reads and writes the same place: a bit is flipped. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static void inPlace(float[] y, int begin, int end) {
        for (int i = begin; i <= end - N; i += N) {
            IntVector bits = FloatVector.fromArray(F, y, i).reinterpretAsInts();
            bits.lanewise(VectorOperators.XOR, 1).reinterpretAsFloats().intoArray(y, i);
        }
    }

    /** The same with an exchange of neighbours and two multiplications: each becomes the mean of its pair. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static void rotateInPlace(float[] y, int begin, int end) {
        FloatVector half = FloatVector.broadcast(F, 0.5f);
        for (int i = begin; i <= end - N; i += N) {
            FloatVector pairs = FloatVector.fromArray(F, y, i);
            FloatVector others = pairs.rearrange(NEIGHBOURS).mul(half);
            pairs.lanewise(VectorOperators.FMA, half, others).intoArray(y, i);
        }
    }

    /** y of x and z with one integer operation. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static void merge(float[] x, float[] z, float[] y, int begin, int end) {
        for (int i = begin; i <= end - N; i += N) {
            FloatVector.fromArray(F, x, i)
                    .reinterpretAsInts()
                    .or(FloatVector.fromArray(F, z, i).reinterpretAsInts())
                    .reinterpretAsFloats()
                    .intoArray(y, i);
        }
    }

    /** A row of y of a row of x and all of {@code w}. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static void mergeRow(float[] x, float[] w, float[] y, int begin, int end) {
        for (int i = begin; i <= end - N; i += N) {
            FloatVector.fromArray(F, x, i)
                    .reinterpretAsInts()
                    .or(FloatVector.fromArray(F, w, i - begin).reinterpretAsInts())
                    .reinterpretAsFloats()
                    .intoArray(y, i);
        }
    }

    /** Multiplies each vector of x as often as {@code count} says and writes it to y. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static void multiply(float[] x, float[] y, int begin, int end, int count) {
        FloatVector m = FloatVector.broadcast(F, 0.999f);
        for (int i = begin; i <= end - CHAINS * N; i += CHAINS * N) {
            FloatVector a = FloatVector.fromArray(F, x, i);
            FloatVector b = FloatVector.fromArray(F, x, i + N);
            FloatVector c = FloatVector.fromArray(F, x, i + 2 * N);
            FloatVector d = FloatVector.fromArray(F, x, i + 3 * N);
            FloatVector e = FloatVector.fromArray(F, x, i + 4 * N);
            FloatVector f = FloatVector.fromArray(F, x, i + 5 * N);
            FloatVector g = FloatVector.fromArray(F, x, i + 6 * N);
            FloatVector h = FloatVector.fromArray(F, x, i + 7 * N);
            for (int k = 0; k < count; k++) {
                a = a.fma(m, m);
                b = b.fma(m, m);
                c = c.fma(m, m);
                d = d.fma(m, m);
                e = e.fma(m, m);
                f = f.fma(m, m);
                g = g.fma(m, m);
                h = h.fma(m, m);
            }
            a.intoArray(y, i);
            b.intoArray(y, i + N);
            c.intoArray(y, i + 2 * N);
            d.intoArray(y, i + 3 * N);
            e.intoArray(y, i + 4 * N);
            f.intoArray(y, i + 5 * N);
            g.intoArray(y, i + 6 * N);
            h.intoArray(y, i + 7 * N);
        }
    }

    /** The same, with one division by the vector of z. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static void multiplyDivide(float[] x, float[] z, float[] y, int begin, int end, int count) {
        FloatVector m = FloatVector.broadcast(F, 0.999f);
        for (int i = begin; i <= end - 4 * N; i += 4 * N) {
            FloatVector a = FloatVector.fromArray(F, x, i);
            FloatVector b = FloatVector.fromArray(F, x, i + N);
            FloatVector c = FloatVector.fromArray(F, x, i + 2 * N);
            FloatVector d = FloatVector.fromArray(F, x, i + 3 * N);
            for (int k = 0; k < count; k++) {
                a = a.fma(m, m);
                b = b.fma(m, m);
                c = c.fma(m, m);
                d = d.fma(m, m);
            }
            a.div(FloatVector.fromArray(F, z, i)).intoArray(y, i);
            b.div(FloatVector.fromArray(F, z, i + N)).intoArray(y, i + N);
            c.div(FloatVector.fromArray(F, z, i + 2 * N)).intoArray(y, i + 2 * N);
            d.div(FloatVector.fromArray(F, z, i + 3 * N)).intoArray(y, i + 3 * N);
        }
    }
}
