// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarActivations.GELU_CUBIC;
import static dev.kelvin.kernel.scalar.ScalarActivations.GELU_LINEAR;
import static dev.kelvin.kernel.scalar.ScalarActivations.L1;
import static dev.kelvin.kernel.scalar.ScalarActivations.L2;
import static dev.kelvin.kernel.scalar.ScalarActivations.L3;
import static dev.kelvin.kernel.scalar.ScalarActivations.L4;
import static dev.kelvin.kernel.scalar.ScalarActivations.L5;
import static dev.kelvin.kernel.scalar.ScalarActivations.L6;
import static dev.kelvin.kernel.scalar.ScalarActivations.L7;

import dev.kelvin.kernel.scalar.ScalarActivations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The logistic function, its integral, and GELU by it, a block at a time: exp by the loops of {@link Exponential},
 * which know moderate blocks, before and after it a loop of its own.
 */
final class Logistic {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    /** Elements of a block: it stays in the first-level cache. */
    private static final int BLOCK = 1024;

    private final float[] exponentials = new float[BLOCK];

    /** y[i] = {@link ScalarActivations#sigmoid} of x[i]. */
    void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                negative(x, xOffset + begin, exponentials, whole);
                Exponential.exp(exponentials, 0, exponentials, 0, whole);
                shares(exponentials, y, yOffset + begin, whole);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                y[yOffset + i] = ScalarActivations.sigmoid(x[xOffset + i]);
            }
        }
    }

    /** y[i] = {@link ScalarActivations#softplus} of x[i]. */
    void softplus(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                negativeMagnitudes(x, xOffset + begin, exponentials, whole);
                Exponential.exp(exponentials, 0, exponentials, 0, whole);
                logarithms(x, xOffset + begin, exponentials, y, yOffset + begin, whole);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                y[yOffset + i] = ScalarActivations.softplus(x[xOffset + i]);
            }
        }
    }

    /** y[i] = {@link ScalarActivations#gelu} of x[i]. */
    void gelu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                exponentsOfGelu(x, xOffset + begin, exponentials, whole);
                Exponential.exp(exponentials, 0, exponentials, 0, whole);
                quotients(x, xOffset + begin, exponentials, y, yOffset + begin, whole);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                y[yOffset + i] = ScalarActivations.gelu(x[xOffset + i]);
            }
        }
    }

    private static void negative(float[] x, int xOffset, float[] to, int length) {
        for (int i = 0; i < length; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i).neg().intoArray(to, i);
        }
    }

    private static void negativeMagnitudes(float[] x, int xOffset, float[] to, int length) {
        for (int i = 0; i < length; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i).abs().neg().intoArray(to, i);
        }
    }

    private static void exponentsOfGelu(float[] x, int xOffset, float[] to, int length) {
        FloatVector linear = FloatVector.broadcast(F, GELU_LINEAR);
        for (int i = 0; i < length; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            FloatVector slope =
                    value.mul(value).lanewise(VectorOperators.FMA, FloatVector.broadcast(F, GELU_CUBIC), linear);
            value.mul(slope).neg().intoArray(to, i);
        }
    }

    /** 1/(1 + t). */
    private static void shares(float[] t, float[] y, int yOffset, int length) {
        FloatVector one = FloatVector.broadcast(F, 1);
        for (int i = 0; i < length; i += COUNT) {
            one.div(FloatVector.fromArray(F, t, i).add(one)).intoArray(y, yOffset + i);
        }
    }

    /** x/(1 + t). */
    private static void quotients(float[] x, int xOffset, float[] t, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .max(-Float.MAX_VALUE)
                    .div(FloatVector.fromArray(F, t, i).add(1f))
                    .intoArray(y, yOffset + i);
        }
    }

    /** max(x, 0) + log(1 + t). */
    private static void logarithms(float[] x, int xOffset, float[] t, float[] y, int yOffset, int length) {
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
            p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, 1));
            FloatVector positive = FloatVector.fromArray(F, x, xOffset + i).max(0f);
            r.add(r).lanewise(VectorOperators.FMA, p, positive).intoArray(y, yOffset + i);
        }
    }
}
