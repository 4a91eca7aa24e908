// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
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

/**
 * Y = X·Wᵀ with weights of every type that is fast, as a model holds them: packed where loading packs them. One row of
 * x reads W from memory, since the calls go round through copies that no cache holds together.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class QuantizedBenchmark {
    /** What the copies of W for a single row of x come to at least: eight times a large last-level cache. */
    private static final long FROM_MEMORY = 1 << 28;

    /** M K N; {@code Bench} replaces these by the lines of shapes/quantized.txt. */
    @Param({"1 2048 5632", "128 2048 5632"})
    public String shape;

    /** The type of the weights. */
    @Param({
        "F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
        "IQ4_XS"
    })
    public DType type;

    /** Threads that share the rows of W. */
    @Param({"1", "2"})
    public int threads;

    private Arena arena;
    private Compute compute;
    private Tensor[] copies;
    private int next;
    private HeapTensor x;
    private HeapTensor y;
    private long bytes;

    /** Draws the operands and checks one element of the product against double. */
    @Setup(Level.Trial)
    public void setUp() {
        String[] sizes = shape.split(" ", -1);
        int rows = Integer.parseInt(sizes[0]);
        int inner = Integer.parseInt(sizes[1]);
        int columns = Integer.parseInt(sizes[2]);
        arena = Arena.ofShared();
        compute = Compute.start(threads);
        bytes = type.byteSize((long) columns * inner);
        MappedTensor drawn = DrawnWeights.of(type, columns, inner, arena);
        copies = new Tensor[rows == 1 ? (int) Math.ceilDiv(FROM_MEMORY, bytes) : 1];
        for (int i = 0; i < copies.length; i++) {
            Tensor packed = compute.weights().pack(drawn, arena);
            copies[i] = packed == drawn && i > 0 ? DrawnWeights.of(type, columns, inner, arena) : packed;
        }
        x = HeapTensor.zeros(rows, inner);
        y = HeapTensor.zeros(rows, columns);
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < x.data().length; i++) {
            x.data()[i] = random.nextFloat() - 0.5f;
        }
        for (Tensor w : copies) {
            compute.matmul(x, w, y);
            check(w, DrawnWeights.row(drawn, columns - 1));
        }
    }

    /** An element is off by the roundings of its sum, and where activations become codes by half a step of each. */
    private void check(Tensor w, float[] last) {
        int from = (x.rows() - 1) * x.columns();
        double expected = 0;
        double bound = 0;
        for (int k = 0; k < last.length; k++) {
            double product = (double) x.data()[from + k] * last[k];
            double halfStep = w instanceof PackedTensor ? 0.5 * Math.abs(last[k]) * 0.5 / 127 : 0;
            expected += product;
            bound += halfStep + (last.length / 16 + 5) * 0x1p-24 * Math.abs(product);
        }
        double error = Math.abs(y.data()[y.data().length - 1] - expected);
        if (!(error <= bound)) {
            throw new IllegalStateException("quantized: " + w + ": the last element is off by " + error);
        }
    }

    /**
     * The product.
     *
     * @param work counts 2·M·N·K operations and the bytes of W as they are in a file
     * @return Y
     */
    @Benchmark
    public HeapTensor product(Work work) {
        next = next + 1 == copies.length ? 0 : next + 1;
        compute.matmul(x, copies[next], y);
        work.bytes += bytes;
        work.flops += 2L * x.rows() * x.columns() * y.columns();
        return y;
    }

    /** Ends the threads and frees the weights. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
        arena.close();
    }
}
