// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarActivations.E0;
import static dev.kelvin.kernel.scalar.ScalarActivations.E1;
import static dev.kelvin.kernel.scalar.ScalarActivations.E2;
import static dev.kelvin.kernel.scalar.ScalarActivations.E3;
import static dev.kelvin.kernel.scalar.ScalarActivations.E4;
import static dev.kelvin.kernel.scalar.ScalarActivations.E5;
import static dev.kelvin.kernel.scalar.ScalarActivations.E6;
import static dev.kelvin.kernel.scalar.ScalarActivations.ERF_FLAT;
import static dev.kelvin.kernel.scalar.ScalarActivations.ERF_SMALL;
import static dev.kelvin.kernel.scalar.ScalarActivations.Q0;
import static dev.kelvin.kernel.scalar.ScalarActivations.Q1;
import static dev.kelvin.kernel.scalar.ScalarActivations.Q2;
import static dev.kelvin.kernel.scalar.ScalarActivations.Q3;
import static dev.kelvin.kernel.scalar.ScalarActivations.Q4;
import static dev.kelvin.kernel.scalar.ScalarActivations.Q5;
import static dev.kelvin.kernel.scalar.ScalarActivations.Q6;
import static dev.kelvin.kernel.scalar.ScalarActivations.ROOT_HALF;

import dev.kelvin.kernel.scalar.ScalarActivations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** erf and the GELU that stands on it, a block at a time as {@link Hyperbolic}. */
final class ErrorFunction {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int BLOCK = 1024;

    private final float[] exponentials = new float[BLOCK];
    private final float[] results = new float[BLOCK];

    /** y[i] = {@link ScalarActivations#erf} of x[i]. */
    void erf(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                block(x, xOffset + begin, y, yOffset + begin, whole);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                y[yOffset + i] = ScalarActivations.erf(x[xOffset + i]);
            }
        }
    }

    /** y[i] = {@link ScalarActivations#geluErf} of x[i]. */
    void gelu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                Arithmetic.scale(x, xOffset + begin, results, 0, whole, ROOT_HALF);
                block(results, 0, results, 0, whole);
                gate(x, xOffset + begin, results, y, yOffset + begin, whole);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                y[yOffset + i] = ScalarActivations.geluErf(x[xOffset + i]);
            }
        }
    }

    private void block(float[] x, int xOffset, float[] y, int yOffset, int length) {
        exponents(x, xOffset, exponentials, length);
        Exponential.exp(exponentials, 0, exponentials, 0, length);
        results(x, xOffset, exponentials, y, yOffset, length);
    }

    private static void exponents(float[] x, int xOffset, float[] to, int length) {
        for (int i = 0; i < length; i += COUNT) {
            FloatVector magnitude =
                    FloatVector.fromArray(F, x, xOffset + i).abs().min(ERF_FLAT);
            FloatVector q = magnitude.lanewise(VectorOperators.FMA, Q6, Q5);
            q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q4));
            q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q3));
            q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q2));
            q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q1));
            q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q0));
            q.neg().intoArray(to, i);
        }
    }

    /** 1 − t with the sign of x; where x is small, a polynomial. */
    private static void results(float[] x, int xOffset, float[] t, float[] y, int yOffset, int length) {
        FloatVector one = FloatVector.broadcast(F, 1);
        for (int i = 0; i < length; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            FloatVector s = value.mul(value);
            FloatVector p = s.lanewise(VectorOperators.FMA, E6, E5);
            p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E4));
            p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E3));
            p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E2));
            p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E1));
            FloatVector small = value.mul(p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E0)));
            IntVector sign = value.reinterpretAsInts().lanewise(VectorOperators.AND, Integer.MIN_VALUE);
            one.sub(FloatVector.fromArray(F, t, i))
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.OR, sign)
                    .reinterpretAsFloats()
                    .blend(small, value.abs().compare(VectorOperators.LT, ERF_SMALL))
                    .intoArray(y, yOffset + i);
        }
    }

    /** x/2·(1 + erf). */
    private static void gate(float[] x, int xOffset, float[] erf, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .max(-Float.MAX_VALUE)
                    .mul(0.5f)
                    .mul(FloatVector.fromArray(F, erf, i).add(1f))
                    .intoArray(y, yOffset + i);
        }
    }
}
