// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

/** Y = X·Wᵀ, x [M, K], w [N, K], gemv at M = 1 and gemm above, beside the same product by others. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx4g"})
public class MatMulBenchmark {
    /** Who multiplies. */
    public enum By {
        /** Kelvin. */
        KELVIN,
        /** OpenBLAS of the system, in native code. */
        OPENBLAS,
        /** VectorBLAS of dev.ludovic.netlib, on one thread whatever was asked for. */
        VECTORBLAS
    }

    /** M K N; {@code Bench} replaces these by the lines of shapes/gemm.txt. */
    @Param({"8 2048 5632", "128 2048 5632", "512 512 512"})
    public String shape;

    /** Threads that share the rows of W. */
    @Param({"1", "2"})
    public int threads;

    /** Who multiplies. */
    @Param
    public By by;

    private int rows;
    private int inner;
    private int columns;
    private Compute compute;
    private HeapTensor x;
    private HeapTensor w;
    private HeapTensor y;
    private Arena arena;
    private OpenBlas openBlas;
    private BLAS vectorBlas;
    private MemorySegment nativeX;
    private MemorySegment nativeW;
    private MemorySegment nativeY;

    /** Fills the operands and checks one element of the product against double. */
    @Setup(Level.Trial)
    public void setUp() {
        String[] sizes = shape.split(" ", -1);
        rows = Integer.parseInt(sizes[0]);
        inner = Integer.parseInt(sizes[1]);
        columns = Integer.parseInt(sizes[2]);
        x = random(rows, inner, 1);
        w = random(columns, inner, 2);
        y = HeapTensor.zeros(rows, columns);
        arena = Arena.ofShared();
        switch (by) {
            case KELVIN -> compute = Compute.start(threads);
            case OPENBLAS -> {
                openBlas = new OpenBlas();
                openBlas.setThreads(threads);
                nativeX = copy(x);
                nativeW = copy(w);
                nativeY = copy(y);
            }
            case VECTORBLAS -> {
                vectorBlas = JavaBLAS.getInstance();
                if (!vectorBlas.getClass().getSimpleName().equals("VectorBLAS")) {
                    throw new IllegalStateException("matmul: netlib gives " + vectorBlas.getClass());
                }
            }
        }
        multiply();
        check();
    }

    private MemorySegment copy(HeapTensor tensor) {
        float[] data = tensor.data();
        MemorySegment segment = arena.allocate(4L * data.length, 64);
        MemorySegment.copy(data, 0, segment, ValueLayout.JAVA_FLOAT, 0, data.length);
        return segment;
    }

    private void check() {
        int m = rows - 1;
        int n = columns - 1;
        double expected = 0;
        double magnitude = 0;
        for (int k = 0; k < inner; k++) {
            double product = (double) x.data()[m * inner + k] * w.data()[n * inner + k];
            expected += product;
            magnitude += Math.abs(product);
        }
        int last = m * columns + n;
        float actual = by == By.OPENBLAS ? nativeY.getAtIndex(ValueLayout.JAVA_FLOAT, last) : y.data()[last];
        double error = Math.abs(actual - expected);
        // The bound of Kelvin's order; others may sum one after the other.
        double roundings = compute == null ? inner : inner / 16 + 5;
        if (!(error <= roundings * 0x1p-24 * magnitude)) {
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

    private void multiply() {
        switch (by) {
            case KELVIN -> compute.matmul(x, w, y);
            case OPENBLAS -> openBlas.multiply(rows, columns, inner, nativeX, nativeW, nativeY);
            case VECTORBLAS ->
                // Column-major: Yᵀ [N, M] = W·Xᵀ.
                vectorBlas.sgemm(
                        "T", "N", columns, rows, inner, 1, w.data(), inner, x.data(), inner, 0, y.data(), columns);
        }
    }

    /**
     * The product.
     *
     * @param work counts 2·M·N·K operations and the bytes of W
     * @return Y
     */
    @Benchmark
    public HeapTensor matmul(Work work) {
        multiply();
        work.flops += 2L * rows * columns * inner;
        work.bytes += 4L * columns * inner;
        return y;
    }

    /** Ends the threads and frees the copies. */
    @TearDown(Level.Trial)
    public void tearDown() {
        if (compute != null) {
            compute.close();
        }
        arena.close();
    }
}
