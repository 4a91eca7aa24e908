// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.MatrixBatch;
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

/** 64 products of [128, 64] and [64, 128], one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class BatchedGemmBenchmark {
    private static final int COUNT = 64;
    private static final int ROWS = 128;
    private static final int INNER = 64;

    /** Whether B is stored transposed. */
    @Param({"NN", "NT"})
    public String form;

    private Compute compute;
    private MatrixBatch a;
    private MatrixBatch b;
    private MatrixBatch c;

    /** Fills the operands and checks one element. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.serial();
        SplittableRandom random = new SplittableRandom(1);
        int size = ROWS * INNER;
        a = new MatrixBatch(Matrix.of(drawn(random, COUNT * size), 0, ROWS, INNER, INNER, 1), COUNT, size);
        float[] right = drawn(random, COUNT * size);
        Matrix first = form.equals("NN")
                ? Matrix.of(right, 0, INNER, ROWS, ROWS, 1)
                : Matrix.of(right, 0, ROWS, INNER, INNER, 1).transposed();
        b = new MatrixBatch(first, COUNT, size);
        c = new MatrixBatch(Matrix.of(new float[COUNT * ROWS * ROWS], 0, ROWS, ROWS, ROWS, 1), COUNT, ROWS * ROWS);
        compute.products().gemm(1, a, b, 0, c);
        double expected = 0;
        int last = (COUNT - 1) * size;
        for (int k = 0; k < INNER; k++) {
            expected += (double) a.first().data()[last + size - INNER + k]
                    * right[last + k * first.rowStride() + (ROWS - 1) * first.columnStride()];
        }
        float actual = c.first().data()[COUNT * ROWS * ROWS - 1];
        if (!(Math.abs(actual - expected) < 1e-4)) {
            throw new IllegalStateException("batched gemm: " + expected + ", " + actual);
        }
    }

    private static float[] drawn(SplittableRandom random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    /** All products. */
    @Benchmark
    public float[] batch(Work work) {
        compute.products().gemm(1, a, b, 0, c);
        work.flops += 2L * COUNT * ROWS * ROWS * INNER;
        return c.first().data();
    }

    /** Ends the operations. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
