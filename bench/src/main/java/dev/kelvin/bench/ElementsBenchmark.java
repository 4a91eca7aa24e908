// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.operand.Activation;
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

/**
 * Each element-wise function, one thread, beside a loop that does as many multiplications (and the division, if it has
 * one) with the same bytes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx2g"})
public class ElementsBenchmark {
    private static final int ELEMENTS = 128_256;

    /** A function with the multiplications of its loop on lanes, fused ones included, and whether it divides. */
    public enum Function {
        RELU(Activation.RELU, 0, false),
        ABS(Activation.ABS, 0, false),
        EXP(Activation.EXP, 11, false),
        EXPM1(Activation.EXPM1, 14, false),
        LOG(Activation.LOG, 14, false),
        LOG1P(Activation.LOG1P, 14, false),
        SQRT(Activation.SQRT, 0, true),
        RSQRT(Activation.RSQRT, 0, true),
        RECIPROCAL(Activation.RECIPROCAL, 0, true),
        SIGMOID(Activation.SIGMOID, 13, true),
        SILU(Activation.SILU, 13, true),
        TANH(Activation.TANH, 21, true),
        SOFTPLUS(Activation.SOFTPLUS, 22, true),
        GELU_TANH(Activation.GELU_TANH, 16, true),
        GELU_ERF(Activation.GELU_ERF, 30, false),
        ERF(Activation.ERF, 27, false),
        ADD(null, 0, false),
        DIV(null, 0, true),
        FMA(null, 1, false),
        CLIP(null, 0, false),
        /** Twice those of its loop, which is one of doubles. */
        POW(null, 42, true);

        private final Activation activation;
        private final int multiplications;
        private final boolean divides;

        Function(Activation activation, int multiplications, boolean divides) {
            this.activation = activation;
            this.multiplications = multiplications;
            this.divides = divides;
        }
    }

    /** What is computed. */
    @Param
    public Function function;

    private Compute compute;
    private HeapTensor x;
    private HeapTensor z;
    private HeapTensor y;

    /** Draws positive numbers and checks one result against double. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.serial();
        SplittableRandom random = new SplittableRandom(1);
        x = positive(random);
        z = positive(random);
        y = HeapTensor.zeros(ELEMENTS);
        run();
        double expected =
                switch (function) {
                    case EXP -> Math.exp(x.data()[7]);
                    case EXPM1 -> Math.expm1(x.data()[7]);
                    case LOG -> Math.log(x.data()[7]);
                    case LOG1P -> Math.log1p(x.data()[7]);
                    case TANH -> Math.tanh(x.data()[7]);
                    case POW -> Math.pow(x.data()[7], z.data()[7]);
                    case SQRT -> Math.sqrt(x.data()[7]);
                    default -> y.data()[7];
                };
        if (!(Math.abs(y.data()[7] - expected) <= 2 * Math.ulp((float) expected))) {
            throw new IllegalStateException(function + " of " + x.data()[7] + " is " + y.data()[7]);
        }
    }

    private static HeapTensor positive(SplittableRandom random) {
        HeapTensor tensor = HeapTensor.zeros(ELEMENTS);
        for (int i = 0; i < ELEMENTS; i++) {
            tensor.data()[i] = (float) Math.abs(random.nextGaussian(0, 3)) + 0.01f;
        }
        return tensor;
    }

    private void run() {
        switch (function) {
            case ADD -> compute.elements().add(x, z, y);
            case DIV -> compute.elements().div(x, z, y);
            case FMA -> compute.elements().fma(x, z, x, y);
            case CLIP -> compute.elements().clip(x, 1, 2, y);
            case POW -> compute.elements().pow(x, z, y);
            default -> compute.elements().activate(function.activation, x, y);
        }
    }

    /** y = f(x), or of x and z. */
    @Benchmark
    public HeapTensor elementwise(Work work) {
        run();
        work.bytes += 4L * 2 * ELEMENTS;
        return y;
    }

    /** As many multiplications, and a division. */
    @Benchmark
    public HeapTensor ceilingElementwise(Work work) {
        if (function.divides) {
            CeilingLoops.multiplyDivide(x.data(), z.data(), y.data(), 0, ELEMENTS, function.multiplications);
        } else {
            CeilingLoops.multiply(x.data(), y.data(), 0, ELEMENTS, function.multiplications);
        }
        work.bytes += 4L * 2 * ELEMENTS;
        return y;
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
