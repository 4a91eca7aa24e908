// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.ops.Compute;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What this machine can do at most: every other rate is read as a fraction of these. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class CeilingBenchmark {
    /** As wide as the kernels are told to be: at 128 bits the units do a quarter, and narrow kernels a part of that. */
    private static final VectorSpecies<Float> F = VectorSpecies.of(float.class, VectorShape.forBitSize(bits()));

    /** Memory is read as fast as the machine can, whatever the kernels are told. */
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;

    private static final int ROUNDS = 4096;

    /** 1 GiB: larger than the last-level cache that a core can claim on the machines that Kelvin is measured on. */
    private final int[] memory = filled(1 << 28);

    private static int bits() {
        int told = Integer.getInteger(Compute.VECTOR_BITS, 0);
        return told == 0 ? FloatVector.SPECIES_PREFERRED.vectorBitSize() : told;
    }

    private static int[] filled(int length) {
        int[] data = new int[length];
        Arrays.fill(data, 1);
        return data;
    }

    /**
     * Fused multiply-adds in registers: twelve chains, since two units with a latency of four or five cycles need ten.
     *
     * <p>Never inlined: in the loop of JMH, with its calls, C2 (25) keeps no constant in a register, and loads both of
     * each fma from memory anew; 53 GFLOP/s instead of 117.
     *
     * @param work counts 2 operations a lane
     * @return a value that depends on every chain
     */
    @Benchmark
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    public float fma(Work work) {
        FloatVector x = FloatVector.broadcast(F, 0.999f);
        FloatVector a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x, a8 = x, a9 = x, a10 = x, a11 = x;
        for (int i = 0; i < ROUNDS; i++) {
            a0 = a0.fma(x, x);
            a1 = a1.fma(x, x);
            a2 = a2.fma(x, x);
            a3 = a3.fma(x, x);
            a4 = a4.fma(x, x);
            a5 = a5.fma(x, x);
            a6 = a6.fma(x, x);
            a7 = a7.fma(x, x);
            a8 = a8.fma(x, x);
            a9 = a9.fma(x, x);
            a10 = a10.fma(x, x);
            a11 = a11.fma(x, x);
        }
        work.flops += 2L * 12 * ROUNDS * F.length();
        FloatVector sum = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
        return sum.add(a6).add(a7).add(a8).add(a9).add(a10).add(a11).lane(0);
    }

    /**
     * Reads 1 GiB in order.
     *
     * @param work counts the bytes read
     * @return the sum of what was read
     */
    @Benchmark
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    public int read(Work work) {
        IntVector a = IntVector.zero(I), b = a, c = a, d = a;
        int n = I.length();
        for (int i = 0; i < memory.length; i += 4 * n) {
            a = a.add(IntVector.fromArray(I, memory, i));
            b = b.add(IntVector.fromArray(I, memory, i + n));
            c = c.add(IntVector.fromArray(I, memory, i + 2 * n));
            d = d.add(IntVector.fromArray(I, memory, i + 3 * n));
        }
        work.bytes += 4L * memory.length;
        return a.add(b).add(c).add(d).reduceLanes(VectorOperators.ADD);
    }

    /**
     * The same on two threads at once.
     *
     * @param work counts 2 operations a lane
     * @return a value that depends on every chain
     */
    @Benchmark
    @Threads(2)
    public float fmaOfTwo(Work work) {
        return fma(work);
    }

    /**
     * 1 GiB read by each of two threads at once.
     *
     * @param work counts the bytes read
     * @return the sum of what was read
     */
    @Benchmark
    @Threads(2)
    public int readOfTwo(Work work) {
        return read(work);
    }
}
