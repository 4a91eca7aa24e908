// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.ops.Compute;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.parallel.Workers;
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

/** Temperature softmax over rows of logits, out of place and in place. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class SoftmaxBenchmark {
    /** Elements drawn; larger batches repeat them. */
    private static final int DRAWN = 1 << 20;

    /** B V; {@code Bench} replaces these by the lines of shapes/softmax.txt. */
    @Param({"1 128256", "8 32000"})
    public String shape;

    /** Threads that share the rows, or the pieces of one row. */
    @Param({"1", "2"})
    public int threads;

    private int batch;
    private int vocab;
    private Compute compute;
    private Workers workers;
    private RangeTask copy;
    private RangeTask inPlace;
    private RangeTask multiply;
    private HeapTensor logits;
    private HeapTensor probs;

    /** Draws logits like those of a language model and checks that the probabilities sum to 1. */
    @Setup(Level.Trial)
    public void setUp() {
        String[] sizes = shape.split(" ", -1);
        batch = Integer.parseInt(sizes[0]);
        vocab = Integer.parseInt(sizes[1]);
        compute = Compute.start(threads);
        workers = Workers.start(threads);
        logits = HeapTensor.zeros(batch, vocab);
        probs = HeapTensor.zeros(batch, vocab);
        SplittableRandom random = new SplittableRandom(1);
        float[] x = logits.data();
        for (int i = 0; i < x.length; i++) {
            x[i] = i < DRAWN ? (float) random.nextGaussian(0, 4) : x[i - DRAWN];
        }
        float[] y = probs.data();
        copy = (worker, begin, end) -> CeilingLoops.copy(x, y, begin, end);
        inPlace = (worker, begin, end) -> CeilingLoops.inPlace(y, begin, end);
        multiply = (worker, begin, end) -> CeilingLoops.multiply(x, y, begin, end, 11);
        compute.softmax(logits, 0.8f, probs);
        for (int b = 0; b < batch; b++) {
            double sum = 0;
            for (int i = 0; i < vocab; i++) {
                sum += probs.data()[b * vocab + i];
            }
            if (!(Math.abs(sum - 1) < 0x1p-20)) {
                throw new IllegalStateException("softmax: row " + b + " sums to " + sum);
            }
        }
    }

    /**
     * The softmax at a temperature of 0.8.
     *
     * @param work counts 4 bytes read and 4 written an element
     * @return the probabilities
     */
    @Benchmark
    public HeapTensor softmax(Work work) {
        compute.softmax(logits, 0.8f, probs);
        return count(work);
    }

    /**
     * The same over its own results: probabilities are logits as good as any.
     *
     * @param work counts 4 bytes read and 4 written an element
     * @return the probabilities
     */
    @Benchmark
    public HeapTensor softmaxInPlace(Work work) {
        compute.softmax(probs, 0.8f, probs);
        return count(work);
    }

    /** Copies the logits. */
    @Benchmark
    public HeapTensor ceilingCopy(Work work) {
        share(copy);
        return count(work);
    }

    /** Reads the results of a softmax and writes them. */
    @Benchmark
    public HeapTensor ceilingInPlace(Work work) {
        share(inPlace);
        return count(work);
    }

    /** Nine multiplications for a numerator and two for its share. */
    @Benchmark
    public HeapTensor ceilingSoftmax(Work work) {
        share(multiply);
        return count(work);
    }

    private void share(RangeTask task) {
        workers.run(batch * vocab, Math.ceilDiv(batch * vocab, threads), task);
    }

    private HeapTensor count(Work work) {
        work.bytes += 8L * batch * vocab;
        return probs;
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
        workers.close();
    }
}
