// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.ScalarKernels.EXP_OVERFLOW;
import static dev.kelvin.kernel.ScalarKernels.EXP_UNDERFLOW;
import static dev.kelvin.kernel.ScalarKernels.LOG2_E_HIGH;
import static dev.kelvin.kernel.ScalarKernels.LOG2_E_LOW;
import static dev.kelvin.kernel.ScalarKernels.P1;
import static dev.kelvin.kernel.ScalarKernels.P2;
import static dev.kelvin.kernel.ScalarKernels.P3;
import static dev.kelvin.kernel.ScalarKernels.P4;
import static dev.kelvin.kernel.ScalarKernels.P5;
import static dev.kelvin.kernel.ScalarKernels.P6;
import static dev.kelvin.kernel.ScalarKernels.ROUND;

import dev.kelvin.kernel.ScalarKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * exp and what stands on it. The helpers that take and return vectors stay below the size that C2 always inlines when
 * hot.
 */
final class Exponential {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

    private Exponential() {}

    /** 2^f for |f| ≤ 1/2, as {@link ScalarKernels} has it. */
    static FloatVector pow2(FloatVector f) {
        FloatVector p1 = FloatVector.broadcast(F, P1);
        FloatVector one = FloatVector.broadcast(F, 1);
        FloatVector p = f.lanewise(VectorOperators.FMA, P6, P5);
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, P4));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, P3));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, P2));
        FloatVector high = f.lanewise(VectorOperators.FMA, p1, one);
        FloatVector low = f.lanewise(VectorOperators.FMA, p1, one.sub(high));
        return high.add(f.mul(f).lanewise(VectorOperators.FMA, p, low));
    }

    /** {@link ScalarKernels#exp(float)} on lanes. */
    static FloatVector exp(FloatVector x) {
        FloatVector y = x.mul(LOG2_E_HIGH);
        FloatVector q = x.lanewise(VectorOperators.FMA, FloatVector.broadcast(F, LOG2_E_HIGH), y.neg());
        q = x.lanewise(VectorOperators.FMA, FloatVector.broadcast(F, LOG2_E_LOW), q);
        FloatVector r = y.add(ROUND);
        FloatVector p = pow2(y.sub(r.sub(ROUND)).add(q));
        IntVector n = r.reinterpretAsInts().sub(ROUND_BITS);
        IntVector half = n.lanewise(VectorOperators.ASHR, 1);
        FloatVector low = p.reinterpretAsInts()
                .add(half.lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
        FloatVector high =
                n.sub(half).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        return low.mul(high)
                .blend(0f, x.compare(VectorOperators.LT, EXP_UNDERFLOW))
                .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW))
                .blend(Float.NaN, x.test(VectorOperators.IS_NAN));
    }

    /** {@link ScalarKernels#silu(float)} on lanes. */
    static FloatVector silu(FloatVector x) {
        return x.div(exp(x.neg()).add(1f));
    }

    static void exp(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            exp(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarKernels.exp(x[xOffset + i]);
        }
    }

    static void silu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            silu(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarKernels.silu(x[xOffset + i]);
        }
    }

    static void swiGlu(float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            silu(FloatVector.fromArray(F, gate, gateOffset + i))
                    .mul(FloatVector.fromArray(F, up, upOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarKernels.silu(gate[gateOffset + i]) * up[upOffset + i];
        }
    }
}
