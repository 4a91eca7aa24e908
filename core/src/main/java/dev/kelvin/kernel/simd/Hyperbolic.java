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

/** tanh and the soft cap that stands on it. */
final class Hyperbolic {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private Hyperbolic() {}

    /** {@link ScalarActivations#tanh(float)} on lanes. */
    static FloatVector tanh(FloatVector x) {
        FloatVector s = x.mul(x);
        FloatVector p = s.lanewise(VectorOperators.FMA, T5, T4);
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, T3));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, T2));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, T1));
        FloatVector small = x.mul(s.lanewise(VectorOperators.FMA, p, FloatVector.broadcast(F, 1)));
        FloatVector magnitude = x.abs();
        FloatVector t = Exponential.exp(magnitude.mul(-2f));
        FloatVector quotient = FloatVector.broadcast(F, 1).sub(t).div(t.add(1f));
        FloatVector large = withSignOf(quotient, x);
        return large.blend(small, magnitude.compare(VectorOperators.LT, TANH_SMALL));
    }

    /** A vector of numbers that are not negative, with the signs of another. */
    static FloatVector withSignOf(FloatVector magnitude, FloatVector x) {
        IntVector sign = x.reinterpretAsInts().lanewise(VectorOperators.AND, Integer.MIN_VALUE);
        return magnitude.reinterpretAsInts().lanewise(VectorOperators.OR, sign).reinterpretAsFloats();
    }

    static void tanh(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            tanh(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarActivations.tanh(x[xOffset + i]);
        }
    }

    /** y[i] = cap·tanh(x[i]/cap). */
    static void softCap(float[] x, int xOffset, float[] y, int yOffset, int length, float cap) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            tanh(FloatVector.fromArray(F, x, xOffset + i).div(cap)).mul(cap).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarActivations.softCap(x[xOffset + i], cap);
        }
    }
}
