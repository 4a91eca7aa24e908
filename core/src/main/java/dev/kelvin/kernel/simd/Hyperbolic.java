// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarActivations.T1;
import static dev.kelvin.kernel.scalar.ScalarActivations.T2;
import static dev.kelvin.kernel.scalar.ScalarActivations.T3;
import static dev.kelvin.kernel.scalar.ScalarActivations.T4;
import static dev.kelvin.kernel.scalar.ScalarActivations.T5;
import static dev.kelvin.kernel.scalar.ScalarActivations.TANH_SMALL;

import dev.kelvin.kernel.scalar.ScalarActivations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * tanh and the soft cap that stands on it, a block at a time: exp by the loops of {@link Exponential}, before and after
 * it a loop of its own. In one loop they would be more than C2 inlines, which then boxes vectors.
 */
final class Hyperbolic {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    /** Elements of a block: it stays in the first-level cache. */
    private static final int BLOCK = 1024;

    private final float[] exponentials = new float[BLOCK];
    private final float[] quotients = new float[BLOCK];

    /** y[i] = {@link ScalarActivations#tanh} of x[i]. */
    void tanh(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                block(x, xOffset + begin, y, yOffset + begin, whole);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                y[yOffset + i] = ScalarActivations.tanh(x[xOffset + i]);
            }
        }
    }

    /** y[i] = cap·tanh(x[i]/cap). */
    void softCap(float[] x, int xOffset, float[] y, int yOffset, int length, float cap) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                divide(x, xOffset + begin, cap, quotients, whole);
                block(quotients, 0, y, yOffset + begin, whole);
                Arithmetic.scale(y, yOffset + begin, y, yOffset + begin, whole, cap);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                y[yOffset + i] = ScalarActivations.softCap(x[xOffset + i], cap);
            }
        }
    }

    private void block(float[] x, int xOffset, float[] y, int yOffset, int length) {
        exponents(x, xOffset, exponentials, length);
        Exponential.exp(exponentials, 0, exponentials, 0, length);
        quotients(x, xOffset, exponentials, y, yOffset, length);
    }

    private static void divide(float[] x, int xOffset, float by, float[] to, int length) {
        for (int i = 0; i < length; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i).div(by).intoArray(to, i);
        }
    }

    private static void exponents(float[] x, int xOffset, float[] to, int length) {
        for (int i = 0; i < length; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i).abs().mul(-2f).intoArray(to, i);
        }
    }

    /** (1 − t)/(1 + t) with the sign of x; where x is small, a polynomial. */
    private static void quotients(float[] x, int xOffset, float[] t, float[] y, int yOffset, int length) {
        FloatVector one = FloatVector.broadcast(F, 1);
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
            quotient.reinterpretAsInts()
                    .lanewise(VectorOperators.OR, sign)
                    .reinterpretAsFloats()
                    .blend(small, value.abs().compare(VectorOperators.LT, TANH_SMALL))
                    .intoArray(y, yOffset + i);
        }
    }
}
