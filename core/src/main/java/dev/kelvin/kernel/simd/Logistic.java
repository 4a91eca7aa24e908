// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

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

/** The logistic function and its integral. */
final class Logistic {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private Logistic() {}

    static void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int length) {
        FloatVector one = FloatVector.broadcast(F, 1);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            one.div(Exponential.exp(value.neg()).add(one)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarActivations.sigmoid(x[xOffset + i]);
        }
    }

    static void softplus(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            softplus(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarActivations.softplus(x[xOffset + i]);
        }
    }

    private static FloatVector softplus(FloatVector x) {
        FloatVector t = Exponential.exp(x.abs().neg());
        FloatVector r = t.div(t.add(2f));
        FloatVector s = r.mul(r);
        FloatVector p = s.lanewise(VectorOperators.FMA, L7, L6);
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, L5));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, L4));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, L3));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, L2));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, L1));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(F, 1));
        return r.add(r).lanewise(VectorOperators.FMA, p, x.max(0f));
    }
}
