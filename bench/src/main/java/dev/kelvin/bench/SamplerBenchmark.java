// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.head.Dry;
import dev.kelvin.head.DynamicTemperature;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Mirostat;
import dev.kelvin.head.Penalties;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Sampling;
import dev.kelvin.head.SequenceBreakers;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopNSigma;
import dev.kelvin.head.TopP;
import dev.kelvin.head.Typical;
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

/** From a row of logits to a token by chains of samplers, beside one softmax over the row: the yardstick of a pick. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class SamplerBenchmark {
    /** What a row goes through; {@code softmax} is the yardstick. */
    @Param({"softmax", "standard", "temperature", "min-p", "top-p", "top-n-sigma", "everything"})
    public String chain;

    /** V. */
    @Param({"128256"})
    public int vocab;

    private Compute compute;
    private HeapTensor logits;
    private HeapTensor probs;
    private Sampling sampling;

    /** Draws logits like those of a language model and checks a pick against the yardstick. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.serial();
        probs = HeapTensor.zeros(1, vocab);
        logits = HeapTensor.zeros(1, vocab);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < vocab; i++) {
            logits.data()[i] = (float) random.nextGaussian(0, 3);
        }
        // A few tokens stand out, as after a real prompt.
        for (int i = 0; i < 40; i++) {
            logits.data()[random.nextInt(vocab)] += 12;
        }
        SamplerChain standard = SamplerChain.of(new TopK(40), new TopP(0.95f), new MinP(0.05f), new Temperature(0.8f));
        compute.softmax(logits, 1, probs);
        int id = standard.start(compute, 1, 0).pick(logits);
        if (!(probs.data()[id] > 1e-3f)) {
            throw new IllegalStateException("picked " + id + " of probability " + probs.data()[id]);
        }
    }

    /** A new sequence for each iteration, so that the history stays short. */
    @Setup(Level.Iteration)
    public void begin() {
        sampling = chainOf(chain).start(compute, 1, 0);
    }

    private static SamplerChain chainOf(String name) {
        return switch (name) {
            case "softmax", "temperature" -> SamplerChain.of(new Temperature(0.8f));
            case "standard" -> SamplerChain.of(new TopK(40), new TopP(0.95f), new MinP(0.05f), new Temperature(0.8f));
            case "min-p" -> SamplerChain.of(new MinP(0.05f), new Temperature(0.8f));
            case "top-p" -> SamplerChain.of(new TopP(0.95f), new Temperature(0.8f));
            case "top-n-sigma" -> SamplerChain.of(new TopNSigma(1), new Temperature(0.8f));
            case "everything" ->
                SamplerChain.of(
                        new Penalties(64, 1.1f, 0, 0),
                        new Dry(0.8f, 1.75f, 2, 1024, SequenceBreakers.NONE),
                        new TopK(40),
                        new Typical(0.95f),
                        new DynamicTemperature(0.8f, 0.2f, 1),
                        new Mirostat(5, 0.1f));
            default -> throw new IllegalArgumentException(name);
        };
    }

    /**
     * The row to a token, or to probabilities.
     *
     * @param work counts 4 bytes read an element
     * @return the token
     */
    @Benchmark
    public int pick(Work work) {
        work.bytes += 4L * vocab;
        if (chain.equals("softmax")) {
            compute.softmax(logits, 0.8f, probs);
            return 0;
        }
        return sampling.pick(logits);
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
