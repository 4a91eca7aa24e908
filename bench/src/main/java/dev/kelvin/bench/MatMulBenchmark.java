// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
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

/** Y = X·Wᵀ, x [M, K], w [N, K]: gemv at M = 1, gemm above. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class MatMulBenchmark {
    /** M. */
    @Param({"1", "8", "32", "128", "512"})
    public int rows;

    /** K. */
    @Param("2048")
    public int inner;

    /** N. */
    @Param({"2048", "5632"})
    public int columns;

    /** Threads that share the rows of W. */
    @Param({"1", "2"})
    public int threads;

    private Compute compute;
    private HeapTensor x;
    private HeapTensor w;
    private HeapTensor y;

    /** Fills the operands and checks one element of the product against double. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.start(threads);
        x = random(rows, inner, 1);
        w = random(columns, inner, 2);
        y = HeapTensor.zeros(rows, columns);
        compute.matmul(x, w, y);
        int m = rows - 1;
        int n = columns - 1;
        double expected = 0;
        double magnitude = 0;
        for (int k = 0; k < inner; k++) {
            double product = (double) x.data()[m * inner + k] * w.data()[n * inner + k];
            expected += product;
            magnitude += Math.abs(product);
        }
        double error = Math.abs(y.data()[m * columns + n] - expected);
        if (!(error <= (inner / 16 + 5) * 0x1p-24 * magnitude)) {
            throw new IllegalStateException("matmul: y[" + m + ", " + n + "] is off by " + error);
        }
    }

    private static HeapTensor random(int rows, int columns, long seed) {
        HeapTensor tensor = HeapTensor.zeros(rows, columns);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = random.nextFloat() - 0.5f;
        }
        return tensor;
    }

    /**
     * The product.
     *
     * @param work counts 2·M·N·K operations and the bytes of W
     * @return Y
     */
    @Benchmark
    public HeapTensor matmul(Work work) {
        compute.matmul(x, w, y);
        work.flops += 2L * rows * columns * inner;
        work.bytes += 4L * columns * inner;
        return y;
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
