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

/** Temperature softmax over rows of logits, out of place and in place. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class SoftmaxBenchmark {
    /** V. */
    @Param({"4096", "32000", "128256"})
    public int vocab;

    /** B. */
    @Param({"1", "8", "512"})
    public int batch;

    /** Threads that share the rows, or the pieces of one row. */
    @Param({"1", "2"})
    public int threads;

    private Compute compute;
    private HeapTensor logits;
    private HeapTensor probs;

    /** Draws logits like those of a language model and checks that the probabilities sum to 1. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.start(threads);
        logits = HeapTensor.zeros(batch, vocab);
        probs = HeapTensor.zeros(batch, vocab);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < logits.data().length; i++) {
            logits.data()[i] = (float) random.nextGaussian(0, 4);
        }
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
        work.bytes += 8L * batch * vocab;
        return probs;
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
        work.bytes += 8L * batch * vocab;
        return probs;
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
