// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.ops.Compute;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.parallel.Workers;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

/** y = W·x with weights that decode to f32 by themselves, in an array and outside the heap, beside reading them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class GemvBenchmark {
    /** What the weights are and where they lie. */
    public enum Weights {
        /** f32 in an array. */
        ARRAY,
        /** f32 outside the heap. */
        F32,
        /** f16 outside the heap. */
        F16,
        /** bf16 outside the heap. */
        BF16
    }

    /** 1 K N; {@code Bench} replaces these by the lines of shapes/gemv.txt. */
    @Param({"1 2048 2048", "1 2048 32000"})
    public String shape;

    /** What the weights are and where they lie. */
    @Param
    public Weights weights;

    /** Threads that share the rows of W. */
    @Param({"1", "2"})
    public int threads;

    private Arena arena;
    private Compute compute;
    private Workers workers;
    private RangeTask read;
    private int[] seen;
    private Tensor w;
    private HeapTensor x;
    private HeapTensor y;
    private long bytes;

    /** Draws the operands and checks one element of the product against double. */
    @Setup(Level.Trial)
    public void setUp() {
        String[] sizes = shape.split(" ", -1);
        int inner = Integer.parseInt(sizes[1]);
        int rows = Integer.parseInt(sizes[2]);
        arena = Arena.ofShared();
        compute = Compute.start(threads);
        workers = Workers.start(threads);
        seen = new int[threads];
        DType type = weights == Weights.ARRAY ? DType.F32 : DType.valueOf(weights.name());
        MappedTensor drawn = DrawnWeights.of(type, rows, inner, arena);
        bytes = type.byteSize((long) rows * inner);
        if (weights == Weights.ARRAY) {
            HeapTensor array = drawn.toHeap();
            w = array;
            read = (worker, begin, end) -> seen[worker] = CeilingLoops.read(array.data(), begin * inner, end * inner);
        } else {
            w = drawn;
            MemorySegment segment = drawn.segment();
            long rowBytes = type.byteSize(inner);
            read = (worker, begin, end) ->
                    seen[worker] = CeilingLoops.read(segment.asSlice(begin * rowBytes, (end - begin) * rowBytes));
        }
        x = HeapTensor.zeros(1, inner);
        y = HeapTensor.zeros(1, rows);
        SplittableRandom random = new SplittableRandom(2);
        for (int k = 0; k < inner; k++) {
            x.data()[k] = random.nextFloat() - 0.5f;
        }
        compute.matmul(x, w, y);
        float[] last = DrawnWeights.row(drawn, rows - 1);
        double expected = 0;
        double magnitude = 0;
        for (int k = 0; k < inner; k++) {
            double product = (double) x.data()[k] * last[k];
            expected += product;
            magnitude += Math.abs(product);
        }
        double error = Math.abs(y.data()[rows - 1] - expected);
        if (!(error <= (inner / 16 + 5) * 0x1p-24 * magnitude)) {
            throw new IllegalStateException("gemv: the last element is off by " + error);
        }
    }

    /**
     * The product.
     *
     * @param work counts 2·N·K operations and the bytes of W
     * @return y
     */
    @Benchmark
    public HeapTensor gemv(Work work) {
        compute.matmul(x, w, y);
        work.bytes += bytes;
        work.flops += 2L * x.columns() * y.columns();
        return y;
    }

    /**
     * Reads W.
     *
     * @param work counts its bytes
     * @return something of it
     */
    @Benchmark
    public int[] ceilingRead(Work work) {
        workers.run(y.columns(), Math.ceilDiv(y.columns(), threads), read);
        work.bytes += bytes;
        return seen;
    }

    /** Ends the threads and frees the weights. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
        workers.close();
        arena.close();
    }
}
