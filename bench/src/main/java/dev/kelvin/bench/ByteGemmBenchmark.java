// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.operand.Matrix;
import dev.kelvin.ops.Compute;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A·Bᵀ of square matrices of bytes, exact, beside the same in floats, one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx1g"})
public class ByteGemmBenchmark {
    /** Rows, columns and terms. */
    @Param("512")
    public int size;

    private Compute compute;
    private Matrix a;
    private Matrix b;
    private Matrix floatA;
    private Matrix floatB;
    private Matrix floatC;
    private int[] c;

    /** Draws the factors and checks one sum. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.serial();
        SplittableRandom random = new SplittableRandom(1);
        byte[] left = new byte[size * size];
        byte[] right = new byte[size * size];
        random.nextBytes(left);
        random.nextBytes(right);
        a = Matrix.of(left, size, size);
        b = Matrix.of(right, size, size).transposed();
        floatA = floats(left);
        floatB = floats(right).transposed();
        floatC = Matrix.of(new float[size * size], size, size);
        c = new int[size * size];
        compute.products().gemm(a, b, c, 0, size);
        int expected = 0;
        for (int k = 1; k <= size; k++) {
            expected += left[size * size - k] * right[size * size - k];
        }
        if (c[size * size - 1] != expected) {
            throw new IllegalStateException("gemm of bytes: " + c[size * size - 1] + ", not " + expected);
        }
    }

    private Matrix floats(byte[] bytes) {
        float[] values = new float[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes[i];
        }
        return Matrix.of(values, size, size);
    }

    /** Of bytes. */
    @Benchmark
    public int[] ofBytes(Work work) {
        compute.products().gemm(a, b, c, 0, size);
        work.flops += 2L * size * size * size;
        return c;
    }

    /** Of floats. */
    @Benchmark
    public float[] ofFloats(Work work) {
        compute.products().gemm(floatA, floatB, floatC);
        work.flops += 2L * size * size * size;
        return floatC.data();
    }

    /** Ends the operations. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
