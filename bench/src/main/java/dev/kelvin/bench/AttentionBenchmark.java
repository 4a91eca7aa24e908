// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.kernel.AttentionCall;
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

/** Attention of 32 query heads over a cache: one query (decode) and 512 (prefill). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class AttentionBenchmark {
    private static final int HEADS = 32;
    private static final int PREFILL = 512;

    /** Key/value heads. */
    @Param({"4", "8"})
    public int kvHeads;

    /** Elements of a head. */
    @Param({"64", "128"})
    public int headDim;

    /** Positions in the cache, t. */
    @Param({"128", "1024", "4096"})
    public int length;

    /** Threads that share the heads. */
    @Param({"1", "2"})
    public int threads;

    private Compute compute;
    private AttentionCall single;
    private AttentionCall many;

    /** Draws queries and cache, and checks that the last of many queries is the single one, to the bit. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.start(threads);
        SplittableRandom random = new SplittableRandom(1);
        int width = HEADS * headDim;
        int queries = Math.min(PREFILL, length);
        float[] keys = gaussian(random, kvHeads * (int) AttentionCall.keysPerHead(length, headDim));
        float[] values = gaussian(random, kvHeads * length * headDim);
        HeapTensor q = HeapTensor.of(gaussian(random, queries * width), queries, width);
        many = call(q, keys, values);
        single = call(q.rowRange(queries - 1, queries), keys, values);
        compute.attention(many);
        compute.attention(single);
        for (int i = 0; i < width; i++) {
            float one = single.out().data()[i];
            float last = many.out().data()[(queries - 1) * width + i];
            if (Float.floatToRawIntBits(one) != Float.floatToRawIntBits(last)) {
                throw new IllegalStateException("attention: element " + i + " is " + one + " alone, else " + last);
            }
        }
    }

    private AttentionCall call(HeapTensor q, float[] keys, float[] values) {
        HeapTensor out = HeapTensor.zeros(q.rows(), q.columns());
        float scale = (float) (1 / Math.sqrt(headDim));
        int position = length - q.rows();
        return new AttentionCall(q, keys, values, out, HEADS, kvHeads, headDim, length, position, scale);
    }

    private static float[] gaussian(SplittableRandom random, int elements) {
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** One query; counts the bytes of keys and values. */
    @Benchmark
    public HeapTensor decode(Work work) {
        compute.attention(single);
        work.bytes += 8L * kvHeads * length * headDim;
        work.flops += 4L * HEADS * length * headDim;
        return single.out();
    }

    /** 512 queries, or as many as there are positions; counts the products that causality leaves. */
    @Benchmark
    public HeapTensor prefill(Work work) {
        compute.attention(many);
        long queries = many.q().rows();
        long pairs = queries * length - queries * (queries - 1) / 2;
        work.flops += 4L * HEADS * headDim * pairs;
        return many.out();
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
