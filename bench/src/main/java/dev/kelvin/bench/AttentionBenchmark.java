// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.ops.Compute;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.parallel.Workers;
import dev.kelvin.tensor.F32KvPage;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.KvSlice;
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

/** Attention over a cache of keys and values: one query (decode) and 512 (prefill). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class AttentionBenchmark {
    private static final int PREFILL = 512;

    /** H Hkv Dh t; {@code Bench} replaces these by the lines of shapes/attention.txt. */
    @Param({"32 4 64 1024", "32 8 128 1024"})
    public String shape;

    /** Threads that share the heads. */
    @Param({"1", "2"})
    public int threads;

    private int heads;
    private int kvHeads;
    private int headDim;
    private int length;
    private Compute compute;
    private Workers workers;
    private RangeTask readPages;
    private int pageCount;
    private int[] read;
    private AttentionCall single;
    private AttentionCall many;

    /** Draws queries and cache, and checks that the last of many queries is the single one, to the bit. */
    @Setup(Level.Trial)
    public void setUp() {
        String[] sizes = shape.split(" ", -1);
        heads = Integer.parseInt(sizes[0]);
        kvHeads = Integer.parseInt(sizes[1]);
        headDim = Integer.parseInt(sizes[2]);
        length = Integer.parseInt(sizes[3]);
        compute = Compute.start(threads);
        workers = Workers.start(threads);
        read = new int[threads];
        SplittableRandom random = new SplittableRandom(1);
        int width = heads * headDim;
        int queries = Math.min(PREFILL, length);
        KvSlice slice = KvSlice.at(kvHeads, headDim, headDim, 0);
        F32KvPage[] pages = new F32KvPage[Math.ceilDiv(length, KvPage.POSITIONS)];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = new F32KvPage(gaussian(random, slice.end()));
        }
        pageCount = pages.length;
        HeapTensor q = HeapTensor.of(gaussian(random, queries * width), queries, width);
        many = call(q, pages, slice);
        single = call(q.rowRange(queries - 1, queries), pages, slice);
        readPages = (worker, begin, end) -> {
            for (int i = begin; i < end; i++) {
                read[worker] += CeilingLoops.read(pages[i].elements(), 0, slice.end());
            }
        };
        compute.attention().attend(many);
        compute.attention().attend(single);
        for (int i = 0; i < width; i++) {
            float one = single.out().data()[i];
            float last = many.out().data()[(queries - 1) * width + i];
            if (Float.floatToRawIntBits(one) != Float.floatToRawIntBits(last)) {
                throw new IllegalStateException("attention: element " + i + " is " + one + " alone, else " + last);
            }
        }
    }

    private AttentionCall call(HeapTensor q, KvPage[] pages, KvSlice slice) {
        HeapTensor out = HeapTensor.zeros(q.rows(), q.columns());
        float scale = (float) (1 / Math.sqrt(headDim));
        KvRows rows = KvRows.of(length - q.rows(), q.rows(), pages, slice);
        return new AttentionCall(q, rows, out, heads, scale, AttentionMask.causal(), AttentionScores.PLAIN);
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
        compute.attention().attend(single);
        work.bytes += 8L * kvHeads * length * headDim;
        work.flops += 4L * heads * length * headDim;
        return single.out();
    }

    /** 512 queries, or as many as there are positions; counts the products that causality leaves. */
    @Benchmark
    public HeapTensor prefill(Work work) {
        compute.attention().attend(many);
        long queries = many.q().rows();
        long pairs = queries * length - queries * (queries - 1) / 2;
        work.flops += 4L * heads * headDim * pairs;
        return many.out();
    }

    /** Reads keys and values. */
    @Benchmark
    public int[] ceilingRead(Work work) {
        workers.run(pageCount, Math.ceilDiv(pageCount, threads), readPages);
        work.bytes += 8L * kvHeads * KvPage.POSITIONS * pageCount * headDim;
        return read;
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
        workers.close();
    }
}
