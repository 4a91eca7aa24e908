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
import dev.kelvin.operand.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** erf and the GELU that stands on it, a block at a time, by methods too long to be inlined as in {@link Logistic}. */
final class ErrorFunction {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int BLOCK = 1024;

    private final float[] exponentials = new float[BLOCK];

    /** y[i] = f(x[i]), f one of the two. */
    void apply(Activation f, float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                exponents(f, x, xOffset + begin, exponentials, whole);
                Exponential.bounded(exponentials, whole);
                results(f, x, xOffset + begin, exponentials, y, yOffset + begin, whole);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                y[yOffset + i] = ScalarActivations.apply(f, x[xOffset + i]);
            }
        }
    }

    /** Those of 1 − |erf|, from −17 on to 0. */
    private static void exponents(Activation f, float[] x, int xOffset, float[] to, int length) {
        FloatVector flat = FloatVector.broadcast(F, ERF_FLAT);
        if (f == Activation.ERF) {
            for (int i = 0; i < length; i += COUNT) {
                FloatVector magnitude = FloatVector.fromArray(F, x, xOffset + i).abs();
                magnitude = magnitude.blend(flat, magnitude.compare(VectorOperators.GT, flat));
                FloatVector q = magnitude.lanewise(VectorOperators.FMA, Q6, Q5);
                q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q4));
                q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q3));
                q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q2));
                q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q1));
                q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q0))
                        .neg()
                        .intoArray(to, i);
            }
        } else {
            for (int i = 0; i < length; i += COUNT) {
                FloatVector magnitude =
                        FloatVector.fromArray(F, x, xOffset + i).mul(ROOT_HALF).abs();
                magnitude = magnitude.blend(flat, magnitude.compare(VectorOperators.GT, flat));
                FloatVector q = magnitude.lanewise(VectorOperators.FMA, Q6, Q5);
                q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q4));
                q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q3));
                q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q2));
                q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q1));
                q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q0))
                        .neg()
                        .intoArray(to, i);
            }
        }
    }

    /** 1 − t with the sign of x; where x is small, and for NaN, a polynomial. For GELU x/2·(1 + that). */
    private static void results(Activation f, float[] x, int xOffset, float[] t, float[] y, int yOffset, int length) {
        FloatVector one = FloatVector.broadcast(F, 1);
        if (f == Activation.ERF) {
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
                FloatVector large = one.sub(FloatVector.fromArray(F, t, i))
                        .reinterpretAsInts()
                        .lanewise(VectorOperators.OR, sign)
                        .reinterpretAsFloats();
                small.blend(large, value.abs().compare(VectorOperators.GE, ERF_SMALL))
                        .intoArray(y, yOffset + i);
            }
        } else {
            FloatVector lowest = FloatVector.broadcast(F, -Float.MAX_VALUE);
            for (int i = 0; i < length; i += COUNT) {
                FloatVector gate = FloatVector.fromArray(F, x, xOffset + i);
                FloatVector value = gate.mul(ROOT_HALF);
                FloatVector s = value.mul(value);
                FloatVector p = s.lanewise(VectorOperators.FMA, E6, E5);
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E4));
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E3));
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E2));
                p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E1));
                FloatVector small = value.mul(p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E0)));
                IntVector sign = value.reinterpretAsInts().lanewise(VectorOperators.AND, Integer.MIN_VALUE);
                FloatVector large = one.sub(FloatVector.fromArray(F, t, i))
                        .reinterpretAsInts()
                        .lanewise(VectorOperators.OR, sign)
                        .reinterpretAsFloats();
                FloatVector erf = small.blend(large, value.abs().compare(VectorOperators.GE, ERF_SMALL));
                gate.blend(lowest, gate.compare(VectorOperators.LT, lowest))
                        .mul(0.5f)
                        .mul(erf.add(one))
                        .intoArray(y, yOffset + i);
            }
        }
    }
}
