// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarActivations.GELU_CUBIC;
import static dev.kelvin.kernel.scalar.ScalarActivations.GELU_LINEAR;
import static dev.kelvin.kernel.scalar.ScalarActivations.GELU_LOWEST;
import static dev.kelvin.kernel.scalar.ScalarActivations.L1;
import static dev.kelvin.kernel.scalar.ScalarActivations.L2;
import static dev.kelvin.kernel.scalar.ScalarActivations.L3;
import static dev.kelvin.kernel.scalar.ScalarActivations.L4;
import static dev.kelvin.kernel.scalar.ScalarActivations.L5;
import static dev.kelvin.kernel.scalar.ScalarActivations.L6;
import static dev.kelvin.kernel.scalar.ScalarActivations.L7;
import static dev.kelvin.kernel.scalar.ScalarActivations.T1;
import static dev.kelvin.kernel.scalar.ScalarActivations.T2;
import static dev.kelvin.kernel.scalar.ScalarActivations.T3;
import static dev.kelvin.kernel.scalar.ScalarActivations.T4;
import static dev.kelvin.kernel.scalar.ScalarActivations.T5;
import static dev.kelvin.kernel.scalar.ScalarActivations.TANH_SMALL;
import static dev.kelvin.kernel.scalar.ScalarExponential.EXP_LARGEST;

import dev.kelvin.kernel.scalar.ScalarActivations;
import dev.kelvin.operand.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The logistic function, its integral, tanh, and GELU by it, a block at a time: exp by the loops of
 * {@link Exponential}, which know moderate blocks, before and after it a loop of its own. Those before it stand in one
 * method, and those after it in another, too long to be inlined: together in one frame they come out slower by a fifth.
 */
final class Logistic {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    /** Elements of a block: it stays in the first-level cache. */
    private static final int BLOCK = 1024;

    private final float[] exponentials = new float[BLOCK];

    /** y[i] = f(x[i]), f one of the four. */
    void apply(Activation f, float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                exponents(f, x, xOffset + begin, exponentials, whole);
                if (f == Activation.GELU_TANH || f == Activation.TANH) {
                    Exponential.bounded(exponentials, whole);
                } else {
                    Exponential.exp(exponentials, 0, exponentials, 0, whole);
                }
                results(f, x, xOffset + begin, exponentials, y, yOffset + begin, whole);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                y[yOffset + i] = ScalarActivations.apply(f, x[xOffset + i]);
            }
        }
    }

    /**
     * −x; −|x|; −2·|x| of tanh; −z of GELU. Where x is large, but for −x, exp gets what it knows as moderate instead: t
     * is nothing beside 1 or x long before. Where GELU's exp would overflow, it just does not, and the quotient is told
     * apart.
     */
    static void exponents(Activation f, float[] x, int xOffset, float[] to, int length) {
        FloatVector least = FloatVector.broadcast(F, -Exponential.MODERATE);
        if (f == Activation.SIGMOID) {
            for (int i = 0; i < length; i += COUNT) {
                FloatVector.fromArray(F, x, xOffset + i).neg().intoArray(to, i);
            }
        } else if (f == Activation.SOFTPLUS) {
            for (int i = 0; i < length; i += COUNT) {
                FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
                value.reinterpretAsInts()
                        .lanewise(VectorOperators.OR, Integer.MIN_VALUE)
                        .reinterpretAsFloats()
                        .blend(least, value.compare(VectorOperators.GT, Exponential.MODERATE))
                        .intoArray(to, i);
            }
        } else if (f == Activation.TANH) {
            for (int i = 0; i < length; i += COUNT) {
                FloatVector exponent =
                        FloatVector.fromArray(F, x, xOffset + i).abs().mul(-2f);
                exponent.blend(least, exponent.compare(VectorOperators.LT, least))
                        .intoArray(to, i);
            }
        } else {
            FloatVector linear = FloatVector.broadcast(F, GELU_LINEAR);
            FloatVector cubic = FloatVector.broadcast(F, GELU_CUBIC);
            FloatVector most = FloatVector.broadcast(F, EXP_LARGEST);
            for (int i = 0; i < length; i += COUNT) {
                FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
                FloatVector slope = value.mul(value).lanewise(VectorOperators.FMA, cubic, linear);
                FloatVector exponent = value.mul(slope).neg();
                exponent = exponent.blend(least, exponent.compare(VectorOperators.LT, least));
                exponent.blend(most, exponent.compare(VectorOperators.GT, most)).intoArray(to, i);
            }
        }
    }

    /**
     * 1/(1 + t); max(x, 0) + log(1 + t); (1 − t)/(1 + t) with the sign of x, but a polynomial where x is small and for
     * NaN; x/(1 + t), −0 where the exponential is +∞.
     */
    static void results(Activation f, float[] x, int xOffset, float[] t, float[] y, int yOffset, int length) {
        FloatVector one = FloatVector.broadcast(F, 1);
        if (f == Activation.SIGMOID) {
            for (int i = 0; i < length; i += COUNT) {
                one.div(FloatVector.fromArray(F, t, i).add(one)).intoArray(y, yOffset + i);
            }
        } else if (f == Activation.SOFTPLUS) {
            for (int i = 0; i < length; i += COUNT) {
                FloatVector power = FloatVector.fromArray(F, t, i);
                FloatVector r = power.div(power.add(2f));
                FloatVector s = r.mul(r);
                FloatVector p = s.lanewise(VectorOperators.FMA, L7, L6);
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, L5));
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, L4));
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, L3));
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, L2));
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, L1));
                p = p.lanewise(VectorOperators.FMA, s, one);
                FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
                FloatVector positive = value.blend(0f, value.compare(VectorOperators.LE, 0f));
                r.add(r).lanewise(VectorOperators.FMA, p, positive).intoArray(y, yOffset + i);
            }
        } else if (f == Activation.TANH) {
            for (int i = 0; i < length; i += COUNT) {
                FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
                FloatVector s = value.mul(value);
                FloatVector p = s.lanewise(VectorOperators.FMA, T5, T4);
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, T3));
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, T2));
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, T1));
                FloatVector small = value.mul(s.lanewise(VectorOperators.FMA, p, one));
                FloatVector power = FloatVector.fromArray(F, t, i);
                FloatVector quotient = one.sub(power).div(power.add(one));
                IntVector sign = value.reinterpretAsInts().lanewise(VectorOperators.AND, Integer.MIN_VALUE);
                FloatVector large = quotient.reinterpretAsInts()
                        .lanewise(VectorOperators.OR, sign)
                        .reinterpretAsFloats();
                small.blend(large, value.abs().compare(VectorOperators.GE, TANH_SMALL))
                        .intoArray(y, yOffset + i);
            }
        } else {
            FloatVector zero = FloatVector.broadcast(F, -0f);
            FloatVector lowest = FloatVector.broadcast(F, GELU_LOWEST);
            for (int i = 0; i < length; i += COUNT) {
                FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
                value.div(FloatVector.fromArray(F, t, i).add(one))
                        .blend(zero, value.compare(VectorOperators.LT, lowest))
                        .intoArray(y, yOffset + i);
            }
        }
    }
}
