// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.head.LogitProjection;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.TokenPicks;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
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

/** From hidden states to tokens in one pass over the weights, beside the bare product that reads them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class HeadBenchmark {
    /** B. */
    @Param({"1", "8"})
    public int batch;

    /** D. */
    @Param("2048")
    public int dim;

    /** V. */
    @Param("128256")
    public int vocab;

    /** The type of the weights, which lie in a memory segment as those of a mapped file. */
    @Param({"F32", "F16"})
    public DType type;

    /** Threads that share the weights. */
    @Param({"1", "2"})
    public int threads;

    private Arena arena;
    private Compute compute;
    private MappedTensor weight;
    private LogitProjection projection;
    private HeapTensor hidden;
    private HeapTensor logits;
    private TokenPicks picks;
    private double[] draws;
    private float[] temperatures;

    /** Fills the operands and checks that the fused head picks what the separate steps pick. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.start(threads);
        arena = Arena.ofShared();
        weight = weights();
        projection = new LogitProjection(compute, weight);
        hidden = HeapTensor.zeros(batch, dim);
        logits = HeapTensor.zeros(batch, vocab);
        picks = TokenPicks.of(batch);
        draws = new double[batch];
        temperatures = new float[batch];
        Arrays.fill(temperatures, 0.8f);
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < hidden.data().length; i++) {
            hidden.data()[i] = (float) random.nextGaussian();
        }
        for (int row = 0; row < batch; row++) {
            draws[row] = random.nextDouble();
        }
        TokenPicks expected = TokenPicks.of(batch);
        projection.forward(hidden, logits);
        compute.logits().pick(logits, temperatures, draws, expected);
        projection.sample(hidden, temperatures, draws, picks);
        for (int row = 0; row < batch; row++) {
            if (picks.token(row) != expected.token(row) || picks.logProb(row) != expected.logProb(row)) {
                throw new IllegalStateException(
                        "head: row " + row + " picked " + picks.token(row) + ", not " + expected.token(row));
            }
        }
    }

    private MappedTensor weights() {
        SplittableRandom random = new SplittableRandom(1);
        double scale = 3 / Math.sqrt(dim);
        long elements = (long) vocab * dim;
        MemorySegment segment = arena.allocate(type.byteSize(elements), 64);
        ValueLayout.OfFloat floats = ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);
        ValueLayout.OfShort shorts = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < elements; i++) {
            float value = (float) ((random.nextDouble() - 0.5) * 3.46 * scale);
            if (type == DType.F32) {
                segment.setAtIndex(floats, i, value);
            } else if (type == DType.F16) {
                segment.setAtIndex(shorts, i, Float.floatToFloat16(value));
            } else {
                throw new IllegalArgumentException("head: weights of type " + type + " are not made here");
            }
        }
        return new MappedTensor(type, Shape.of(vocab, dim), segment);
    }

    /**
     * Projection, softmax at τ = 0.8 and pick, fused.
     *
     * @param work counts the bytes of the weights
     * @return tokens
     */
    @Benchmark
    public TokenPicks sample(Work work) {
        projection.sample(hidden, temperatures, draws, picks);
        work.bytes += weight.segment().byteSize();
        return picks;
    }

    /**
     * The projection alone.
     *
     * @param work counts the bytes of the weights
     * @return logits
     */
    @Benchmark
    public HeapTensor bareProduct(Work work) {
        projection.forward(hidden, logits);
        work.bytes += weight.segment().byteSize();
        return logits;
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
        arena.close();
    }
}
