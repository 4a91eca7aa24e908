// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarExponential.EXPM1_FLAT;
import static dev.kelvin.kernel.scalar.ScalarExponential.EXP_OVERFLOW;
import static dev.kelvin.kernel.scalar.ScalarExponential.LN2_HIGH;
import static dev.kelvin.kernel.scalar.ScalarExponential.LN2_LOW;
import static dev.kelvin.kernel.scalar.ScalarExponential.LOG2_E_HIGH;
import static dev.kelvin.kernel.scalar.ScalarExponential.M3;
import static dev.kelvin.kernel.scalar.ScalarExponential.M4;
import static dev.kelvin.kernel.scalar.ScalarExponential.M5;
import static dev.kelvin.kernel.scalar.ScalarExponential.M6;
import static dev.kelvin.kernel.scalar.ScalarExponential.M7;
import static dev.kelvin.kernel.scalar.ScalarExponential.ROUND;

import dev.kelvin.kernel.scalar.ScalarExponential;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** exp less 1, without the loss of digits near 0. */
final class ExponentialMinusOne {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int COUNT = Lanes.COUNT;
    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

    private ExponentialMinusOne() {}

    static void expm1(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            expm1(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarExponential.expm1(x[xOffset + i]);
        }
    }

    /** {@link ScalarExponential#expm1(float)} on lanes. */
    private static FloatVector expm1(FloatVector x) {
        FloatVector low = x.max(EXPM1_FLAT);
        FloatVector shifted = low.mul(LOG2_E_HIGH).add(ROUND);
        FloatVector whole = shifted.sub(ROUND);
        FloatVector lnLow = FloatVector.broadcast(F, -LN2_LOW);
        FloatVector exact = whole.lanewise(VectorOperators.FMA, FloatVector.broadcast(F, -LN2_HIGH), low);
        FloatVector r = whole.lanewise(VectorOperators.FMA, lnLow, exact);
        FloatVector lost = whole.lanewise(VectorOperators.FMA, lnLow, exact.sub(r));
        FloatVector p = r.lanewise(VectorOperators.FMA, M7, M6);
        p = p.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(F, M5));
        p = p.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(F, M4));
        p = p.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(F, M3));
        p = p.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(F, 0.5f));
        IntVector n = shifted.reinterpretAsInts().sub(ROUND_BITS);
        FloatVector one = FloatVector.broadcast(F, 1);
        FloatVector inverse = power(IntVector.broadcast(I, 127).sub(n).max(0));
        FloatVector constant = one.sub(inverse);
        FloatVector sum = constant.add(r);
        FloatVector rest = r.sub(sum.sub(constant)).add(one.sub(constant).sub(inverse));
        rest = rest.add(lost.lanewise(VectorOperators.FMA, r, lost));
        FloatVector value = r.mul(r).lanewise(VectorOperators.FMA, p, rest);
        IntVector half = n.lanewise(VectorOperators.ASHR, 1);
        return sum.add(value)
                .mul(power(half.add(127)))
                .mul(power(n.sub(half).add(127)))
                .blend(x, x.compare(VectorOperators.EQ, 0f))
                .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW));
    }

    private static FloatVector power(IntVector biased) {
        return biased.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }
}
