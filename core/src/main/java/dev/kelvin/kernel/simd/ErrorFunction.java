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
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** erf and the GELU that stands on it. */
final class ErrorFunction {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private ErrorFunction() {}

    /** {@link ScalarActivations#erf(float)} on lanes. */
    static FloatVector erf(FloatVector x) {
        FloatVector magnitude = x.abs().min(ERF_FLAT);
        return large(x, magnitude).blend(small(x), magnitude.compare(VectorOperators.LT, ERF_SMALL));
    }

    private static FloatVector small(FloatVector x) {
        FloatVector s = x.mul(x);
        FloatVector p = s.lanewise(VectorOperators.FMA, E6, E5);
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E4));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E3));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E2));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E1));
        return x.mul(p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, E0)));
    }

    private static FloatVector large(FloatVector x, FloatVector magnitude) {
        FloatVector q = magnitude.lanewise(VectorOperators.FMA, Q6, Q5);
        q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q4));
        q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q3));
        q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q2));
        q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q1));
        q = q.lanewise(VectorOperators.FMA, magnitude, FloatVector.broadcast(F, Q0));
        FloatVector y = FloatVector.broadcast(F, 1).sub(Exponential.exp(q.neg()));
        return Hyperbolic.withSignOf(y, x);
    }

    static void erf(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            erf(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarActivations.erf(x[xOffset + i]);
        }
    }

    /** y[i] = {@link ScalarActivations#geluErf} of x[i]. */
    static void gelu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            FloatVector half = value.max(-Float.MAX_VALUE).mul(0.5f);
            half.mul(erf(value.mul(ROOT_HALF)).add(1f)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarActivations.geluErf(x[xOffset + i]);
        }
    }
}
