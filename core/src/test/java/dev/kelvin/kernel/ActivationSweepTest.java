// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.kelvin.kernel.provider.KernelProvider;
import dev.kelvin.operand.Activation;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * The activations and their derivatives by bit pattern, infinities and NaN among them: the error against double, and
 * the bits of the plain loops against those of the lanes. One pattern in {@value #SPARSE} and the first and last of
 * each exponent; every pattern there is with {@code ./dev sweep NAME}, in five minutes to half an hour of one thread a
 * function. The largest errors are reported.
 *
 * <p><b>The bounds</b>, u = 2⁻²⁴. exp is within 2u relative; so 1 + exp and its quotient are within 4u. The exponent z
 * of GELU is within 4u·|z|, constants included, and so exp(−z) within (4·|z| + 2)·u. Where exp(−z) overflows, all
 * become 0: the exact values there are within {@link #TAIL} of it.
 */
class ActivationSweepTest {
    private static final int SPARSE = 16381;
    private static final int PIECE = 1 << 8;

    /** Signs and exponents, and the patterns of each. */
    private static final int EXPONENTS = 1 << 9;

    private static final int PATTERNS = 1 << 23;
    private static final boolean ALL = "all".equals(System.getProperty("kelvin.sweep"));

    /** The only function that is swept, if one is named. */
    private static final String ONLY = System.getProperty("kelvin.sweep.only", "");

    /** Exponents between two reports of a sweep of all patterns. */
    private static final int REPORT = 32;

    private static final double U = 0x1p-24;

    private static final float CAP = 30;
    private static final float ALPHA = 1.702f;
    private static final float LIMIT = 7;
    /** Units in the last place of a result that is rounded once, and what the double is off. */
    private static final double ROUNDED = 0.5000001;

    private static final float SLOPE = 0.01f;
    private static final float POWER = 3.7f;
    private static final float BASE = 1.7f;

    /** x⁴·exp(−88.7) at the x where exp(−z) overflows. */
    private static final double TAIL = 1e-35;

    /** Below this the exact values of some are within {@link #TAIL} of 0. */
    private static final float DEEPEST = -8;

    private static final double LINEAR = 2 * Math.sqrt(2 / Math.PI);
    private static final double CUBIC = LINEAR * 0.044715;

    /** Where the logistic function is written by exp(−|z|), nothing cancels. */
    private static double logistic(double z) {
        return z < 0 ? Math.exp(z) / (1 + Math.exp(z)) : 1 / (1 + Math.exp(-z));
    }

    private static double exponent(double x) {
        return x * (LINEAR + CUBIC * x * x);
    }

    private static double silu(double x) {
        return x == Double.NEGATIVE_INFINITY ? 0 : x * logistic(x);
    }

    private static double siluSlope(double x) {
        double rest = Double.isInfinite(x) ? 0 : x * logistic(-x);
        return logistic(x) * (1 + rest);
    }

    private static double siluSlopeBound(double x) {
        double s = logistic(x);
        return Double.isInfinite(x) ? 0 : s * (Math.abs(x) * s * 4 * U + (1 + Math.abs(x) * (1 - s)) * 8 * U);
    }

    private static double gelu(double x) {
        return x == Double.NEGATIVE_INFINITY ? 0 : x * logistic(exponent(x));
    }

    private static double geluBound(double x) {
        return Math.abs(x) < 20 ? Math.abs(gelu(x)) * (6 + 4 * Math.abs(exponent(x))) * U : Math.abs(gelu(x)) * 6 * U;
    }

    private static double geluSlope(double x) {
        if (Math.abs(x) > 20) {
            return x > 0 ? 1 : 0;
        }
        double z = exponent(x);
        return logistic(z) * (1 + x * logistic(-z) * (LINEAR + 3 * CUBIC * x * x));
    }

    private static double geluSlopeBound(double x) {
        if (Math.abs(x) > 20) {
            return 0;
        }
        double z = exponent(x);
        double s = logistic(z);
        double relative = (4 * Math.abs(z) + 2) * U * logistic(-z) + 3 * U;
        double steep = Math.abs(x) * (LINEAR + 3 * CUBIC * x * x);
        double term = steep * logistic(-z);
        return s * (steep * s * relative + term * 8 * U + (1 + term) * (relative + 4 * U));
    }

    /**
     * A kernel over x [length] to y, with the other operands 1; in double; the bound of its error. A bound is null
     * where it is so many units in the last place of the exact value; else what is 0 where exp(−z) overflows may be.
     */
    private record Activation(
            String name, Call call, DoubleUnaryOperator exact, DoubleUnaryOperator bound, double ulps) {
        Activation(String name, Call call, DoubleUnaryOperator exact, DoubleUnaryOperator bound) {
            this(name, call, exact, bound, 0);
        }

        Activation(String name, Call call, DoubleUnaryOperator exact, double ulps) {
            this(name, call, exact, null, ulps);
        }

        double bound(float x, double exact) {
            return bound == null
                    ? ulps * Math.ulp((float) exact)
                    : bound.applyAsDouble(x) + 0x1p-149 + (x < DEEPEST ? TAIL : 0);
        }
    }

    private static Activation function(dev.kelvin.operand.Activation f, DoubleUnaryOperator exact, double ulps) {
        return new Activation(f.toString(), activate(f), exact, ulps);
    }

    @FunctionalInterface
    private interface Call {
        void run(Kernels kernels, float[] x, float[] ones, float[] y, float[] other);
    }

    private static final List<Activation> ACTIVATIONS = Stream.of(
                    new Activation(
                            "silu",
                            (kernels, x, ones, y, other) -> kernels.elements()
                                    .activate(dev.kelvin.operand.Activation.SILU, x, 0, y, 0, x.length),
                            ActivationSweepTest::silu,
                            x -> Math.abs(silu(x)) * 5 * U),
                    new Activation(
                            "swiGlu",
                            (kernels, x, ones, y, other) -> kernels.elements()
                                    .gated(dev.kelvin.operand.Activation.SILU, x, 0, ones, 0, y, 0, x.length),
                            ActivationSweepTest::silu,
                            x -> Math.abs(silu(x)) * 5 * U),
                    new Activation(
                            "swiGluBackward, dGate",
                            (kernels, x, ones, y, other) ->
                                    kernels.training().swiGluBackward(x, 0, ones, 0, ones, 0, y, 0, other, 0, x.length),
                            ActivationSweepTest::siluSlope,
                            ActivationSweepTest::siluSlopeBound),
                    new Activation(
                            "swiGluBackward, dUp",
                            (kernels, x, ones, y, other) ->
                                    kernels.training().swiGluBackward(x, 0, ones, 0, ones, 0, other, 0, y, 0, x.length),
                            ActivationSweepTest::silu,
                            x -> Math.abs(silu(x)) * 6 * U),
                    new Activation(
                            "gelu",
                            (kernels, x, ones, y, other) -> kernels.elements()
                                    .activate(dev.kelvin.operand.Activation.GELU_TANH, x, 0, y, 0, x.length),
                            ActivationSweepTest::gelu,
                            ActivationSweepTest::geluBound),
                    new Activation(
                            "geluBackward",
                            (kernels, x, ones, y, other) ->
                                    kernels.training().geluBackward(x, 0, ones, 0, y, 0, x.length),
                            ActivationSweepTest::geluSlope,
                            ActivationSweepTest::geluSlopeBound),
                    new Activation(
                            "geluErf",
                            activate(dev.kelvin.operand.Activation.GELU_ERF),
                            x -> x == Double.NEGATIVE_INFINITY ? 0 : x * (1 + erf(x / Math.sqrt(2))) / 2,
                            x -> Math.abs(x) * 4 * U),
                    new Activation(
                            "sigmoid",
                            activate(dev.kelvin.operand.Activation.SIGMOID),
                            ActivationSweepTest::logistic,
                            x -> logistic(x) * 4 * U),
                    new Activation(
                            "softplus",
                            activate(dev.kelvin.operand.Activation.SOFTPLUS),
                            ActivationSweepTest::softplus,
                            x -> softplus(x) * 6 * U),
                    new Activation(
                            "tanh",
                            activate(dev.kelvin.operand.Activation.TANH),
                            Math::tanh,
                            x -> Math.abs(Math.tanh(x)) * 4 * U),
                    new Activation(
                            "softCap",
                            (kernels, x, ones, y, other) -> kernels.elements().softCap(x, 0, y, 0, x.length, CAP),
                            x -> CAP * Math.tanh(x / CAP),
                            x -> Math.abs(CAP * Math.tanh(x / CAP)) * 8 * U + CAP * 0x1p-149),
                    new Activation(
                            "clampedSwiGlu",
                            (kernels, x, ones, y, other) ->
                                    kernels.elements().clampedSwiGlu(x, 0, ones, 0, y, 0, x.length, ALPHA, LIMIT),
                            ActivationSweepTest::clamped,
                            x -> Math.abs(clamped(x)) * (8 + 4 * Math.abs(ALPHA * Math.clamp(x, -100, LIMIT))) * U),
                    function(dev.kelvin.operand.Activation.RELU, x -> Math.max(x, 0), 0),
                    function(dev.kelvin.operand.Activation.ABS, Math::abs, 0),
                    function(dev.kelvin.operand.Activation.EXP, Math::exp, 1),
                    function(dev.kelvin.operand.Activation.EXPM1, Math::expm1, 0.9),
                    function(dev.kelvin.operand.Activation.LOG, Math::log, 0.9),
                    function(dev.kelvin.operand.Activation.LOG1P, Math::log1p, 1.5),
                    function(dev.kelvin.operand.Activation.SQRT, Math::sqrt, ROUNDED),
                    function(dev.kelvin.operand.Activation.RSQRT, x -> 1 / Math.sqrt(x), 1.5),
                    function(dev.kelvin.operand.Activation.RECIPROCAL, x -> 1 / x, ROUNDED),
                    function(dev.kelvin.operand.Activation.ERF, ActivationSweepTest::erf, 2.5),
                    new Activation(
                            "leakyRelu",
                            (kernels, x, ones, y, other) -> kernels.elements().leakyRelu(x, 0, y, 0, x.length, SLOPE),
                            x -> x < 0 ? x * SLOPE : x,
                            ROUNDED),
                    new Activation(
                            "clip",
                            (kernels, x, ones, y, other) -> kernels.elements().clip(x, 0, y, 0, x.length, -1.5f, 30),
                            x -> Math.min(Math.max(x, -1.5), 30),
                            0),
                    new Activation(
                            "pow(x, 3.7)",
                            (kernels, x, ones, y, other) -> {
                                Arrays.fill(other, POWER);
                                kernels.elements().combine(Combination.POW, x, 0, other, 0, y, 0, x.length);
                            },
                            x -> Math.pow(x, POWER),
                            0.501),
                    new Activation(
                            "pow(x, -3)",
                            (kernels, x, ones, y, other) -> {
                                Arrays.fill(other, -3);
                                kernels.elements().combine(Combination.POW, x, 0, other, 0, y, 0, x.length);
                            },
                            x -> Math.pow(x, -3),
                            0.501),
                    new Activation(
                            "pow(1.7, x)",
                            (kernels, x, ones, y, other) -> {
                                Arrays.fill(other, BASE);
                                kernels.elements().combine(Combination.POW, other, 0, x, 0, y, 0, x.length);
                            },
                            x -> Math.pow(BASE, x),
                            0.501))
            .filter(activation -> ONLY.isEmpty() || activation.name.equalsIgnoreCase(ONLY))
            .toList();

    private static Call activate(dev.kelvin.operand.Activation f) {
        return (kernels, x, ones, y, other) -> kernels.elements().activate(f, x, 0, y, 0, x.length);
    }

    private static double clamped(double x) {
        double g = Math.min(x, LIMIT);
        return x == Double.NEGATIVE_INFINITY ? 0 : 2 * g * logistic(ALPHA * g);
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    /** Up to 3 by its series of positive terms, beyond by the continued fraction of 1 − erf. */
    private static double erf(double x) {
        double z = Math.abs(x);
        double scale = 2 / Math.sqrt(Math.PI) * Math.exp(-z * z);
        if (Double.isNaN(x)) {
            return x;
        }
        if (z > 6) { // 1 - erf is less than half an ULP of 1
            return Math.copySign(1, x);
        }
        if (z > 3) {
            double fraction = z;
            for (int n = 60; n > 0; n--) {
                fraction = z + n / 2.0 / fraction;
            }
            return Math.copySign(1 - scale / 2 / fraction, x);
        }
        double term = z;
        double sum = 0;
        for (int n = 1; term > sum * 1e-18; n++) {
            sum += term;
            term *= 2 * z * z / (2 * n + 1);
        }
        return Math.copySign(scale * sum, x);
    }

    /** The largest errors of an activation: as a share of the bound, and, above {@link #DEEPEST}, in ULPs. */
    private static final class Worst {
        private long count;
        private double share;
        private float shareAt;
        private double ulps;
        private float ulpsAt;

        void take(float x, double exact, double error, double bound, boolean inUlps) {
            count++;
            if (error > share * bound) {
                share = error / bound;
                shareAt = x;
            }
            if ((inUlps || x >= DEEPEST) && error > ulps * Math.ulp((float) exact)) {
                ulps = error / Math.ulp((float) exact);
                ulpsAt = x;
            }
        }

        void take(Worst other) {
            count += other.count;
            if (other.share > share) {
                share = other.share;
                shareAt = other.shareAt;
            }
            if (other.ulps > ulps) {
                ulps = other.ulps;
                ulpsAt = other.ulpsAt;
            }
        }

        @Override
        public String toString() {
            return "%d finite values; %.3f of the bound, of %s; %.3f ULP, of %s"
                    .formatted(count, share, shareAt, ulps, ulpsAt);
        }
    }

    private static Worst[] fresh() {
        return Stream.generate(Worst::new).limit(ACTIVATIONS.size()).toArray(Worst[]::new);
    }

    @Test
    void everyFloatIsWithinItsBoundAtEveryWidth(TestReporter reporter) {
        assertTrue(!ACTIVATIONS.isEmpty(), () -> "no function is called " + ONLY);
        Worst[] worst = fresh();
        Set<Integer> done = new TreeSet<>();
        IntStream.range(0, EXPONENTS).parallel().forEach(exponent -> {
            Worst[] mine = fresh();
            sweep(exponent, mine);
            synchronized (worst) {
                for (int i = 0; i < worst.length; i++) {
                    worst[i].take(mine[i]);
                }
                done.add(exponent);
                if (ALL && done.size() % REPORT == 0) {
                    System.out.println(done.size() + " of " + EXPONENTS + " signs and exponents: " + summary(worst));
                }
            }
        });
        reporter.publishEntry(summary(worst));
    }

    private static String summary(Worst[] worst) {
        return IntStream.range(0, worst.length)
                .mapToObj(i -> ACTIVATIONS.get(i).name + ": " + worst[i])
                .collect(Collectors.joining(System.lineSeparator()));
    }

    private static void sweep(int exponent, Worst[] worst) {
        // Lanes wider than the machine's are far too slow for all patterns.
        int widest = ALL ? KernelProvider.create().vectorBits() : Integer.MAX_VALUE;
        List<Kernels> all = LaneWidths.ALL.stream()
                .filter(bits -> bits <= widest)
                .map(LaneWidths::kernels)
                .toList();
        int begin = exponent * PATTERNS;
        if (ALL) {
            for (int done = 0; done < PATTERNS; done += PIECE) {
                sweep(all, begin + done, PIECE, 1, worst);
            }
        } else {
            sweep(all, begin, PIECE, 1, worst);
            sweep(all, begin + exponent, PATTERNS / SPARSE, SPARSE, worst);
            sweep(all, begin + PATTERNS - PIECE, PIECE, 1, worst);
        }
    }

    private static void sweep(List<Kernels> all, int bits, int count, int step, Worst[] worst) {
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = Float.intBitsToFloat(bits + i * step);
        }
        float[] ones = new float[x.length];
        Arrays.fill(ones, 1);
        float[] expected = new float[x.length];
        float[] actual = new float[x.length];
        float[] other = new float[x.length];
        for (int a = 0; a < worst.length; a++) {
            Activation activation = ACTIVATIONS.get(a);
            activation.call.run(all.getFirst(), x, ones, expected, other);
            for (int i = 0; i < x.length; i++) {
                check(activation, x[i], expected[i], worst[a]);
            }
            for (Kernels kernels : all.subList(1, all.size())) {
                activation.call.run(kernels, x, ones, actual, other);
                // Which NaN a NaN becomes is the processor's choice.
                int at = Arrays.mismatch(expected, actual);
                assertEquals(-1, at, () -> activation.name + " of " + x[at] + " at " + kernels.vectorBits() + " bits");
            }
        }
    }

    private static void check(Activation activation, float x, float actual, Worst worst) {
        double exact = activation.exact.applyAsDouble(x);
        if (Double.isNaN(exact) || Double.isInfinite((float) exact) || (exact == 0 && activation.bound == null)) {
            assertEquals((float) exact, actual, () -> activation.name + " of " + x);
            return;
        }
        double bound = activation.bound(x, exact);
        double error = Math.abs(actual - exact);
        if (!(error <= bound)) {
            fail(activation.name + " of " + x + " is " + actual + ", exact " + exact + ", bound " + bound);
        }
        worst.take(x, exact, error, bound, activation.bound == null);
    }
}
