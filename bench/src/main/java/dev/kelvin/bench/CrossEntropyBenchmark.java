// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.head.CrossEntropy;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
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

/**
 * The fused loss with its gradient, beside the three matrix products that it contains run one after the other on whole
 * matrices: logits, gradient of the weights, gradient of the hidden states.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class CrossEntropyBenchmark {
    /** B·T. */
    @Param("4096")
    public int tokens;

    /** D. */
    @Param("768")
    public int dim;

    /** V. */
    @Param("50304")
    public int vocab;

    /** Threads that share each product. */
    @Param({"1", "2"})
    public int threads;

    private Compute compute;
    private CrossEntropy crossEntropy;
    private HeapTensor hidden;
    private HeapTensor weight;
    private HeapTensor dHidden;
    private HeapTensor dWeight;
    private HeapTensor logits;
    private int[] labels;

    /** Fills the operands and checks the loss of random labels, which is near log V + σ²/2. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.start(threads);
        crossEntropy = new CrossEntropy(compute);
        hidden = random(tokens, 1, 1);
        weight = random(vocab, 2, 1 / Math.sqrt(dim));
        dHidden = HeapTensor.zeros(tokens, dim);
        dWeight = HeapTensor.zeros(vocab, dim);
        labels = new SplittableRandom(3).ints(tokens, 0, vocab).toArray();
        double loss = crossEntropy.forward(hidden.rowRange(0, 64), weight, Arrays.copyOf(labels, 64), 1);
        if (!(Math.abs(loss - Math.log(vocab) - 0.5) < 0.5)) {
            throw new IllegalStateException("crossEntropy: the loss of random labels is " + loss);
        }
    }

    private HeapTensor random(int rows, long seed, double scale) {
        HeapTensor tensor = HeapTensor.zeros(rows, dim);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextGaussian(0, scale);
        }
        return tensor;
    }

    /**
     * Loss and gradient.
     *
     * @param work counts the operations of three products
     * @return the loss
     */
    @Benchmark
    public double fused(Work work) {
        double loss = crossEntropy.forwardBackward(hidden, weight, labels, 1, dHidden, dWeight);
        work.flops += 6L * tokens * vocab * dim;
        return loss;
    }

    /**
     * The products alone, with all logits in memory.
     *
     * @param work counts the operations of three products
     * @return a gradient
     */
    @Benchmark
    public HeapTensor products(Work work) {
        if (logits == null) {
            logits = HeapTensor.zeros(tokens, vocab);
        }
        compute.matmul(hidden, weight, logits);
        compute.training().matmulBackwardWeight(logits, hidden, dWeight, true);
        compute.training().matmulBackwardInput(logits, weight, dHidden, false);
        work.flops += 6L * tokens * vocab * dim;
        return dHidden;
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
