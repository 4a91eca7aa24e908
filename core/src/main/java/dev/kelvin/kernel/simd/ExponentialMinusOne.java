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

/**
 * exp less 1, without the loss of digits near 0. All of it in one method: past a number of nodes C2 still inlines the
 * Vector API but no method of ours, and would box what that takes and returns
 * (docs/decisions/0022-speed-of-packed-weights.md).
 */
final class ExponentialMinusOne {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int COUNT = Lanes.COUNT;
    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

    /** Elements of a block. */
    private static final int BLOCK = 1024;

    private ExponentialMinusOne() {}

    static void expm1(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int block = 0; block < length; block += BLOCK) {
            int count = Math.min(BLOCK, length - block);
            int whole = count - count % COUNT;
            if (whole > 0 && Exponential.allModerate(x, xOffset + block, whole)) {
                moderate(x, xOffset + block, y, yOffset + block, whole);
            } else if (whole > 0) {
                vectors(x, xOffset + block, y, yOffset + block, whole);
            }
            for (int i = block + whole; i < block + count; i++) {
                y[yOffset + i] = ScalarExponential.expm1(x[xOffset + i]);
            }
        }
    }

    /** The same where powers of two need neither bounds nor two factors. */
    private static void moderate(float[] x, int xOffset, float[] y, int yOffset, int length) {
        FloatVector logHigh = FloatVector.broadcast(F, LOG2_E_HIGH);
        FloatVector round = FloatVector.broadcast(F, ROUND);
        FloatVector minusHigh = FloatVector.broadcast(F, -LN2_HIGH);
        FloatVector minusLow = FloatVector.broadcast(F, -LN2_LOW);
        FloatVector one = FloatVector.broadcast(F, 1);
        FloatVector c6 = FloatVector.broadcast(F, M6);
        FloatVector c7 = FloatVector.broadcast(F, M7);
        FloatVector c5 = FloatVector.broadcast(F, M5);
        FloatVector c4 = FloatVector.broadcast(F, M4);
        FloatVector c3 = FloatVector.broadcast(F, M3);
        FloatVector c2 = FloatVector.broadcast(F, 0.5f);
        IntVector oneBits = one.reinterpretAsInts();
        for (int i = 0; i < length; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            FloatVector shifted = value.mul(logHigh).add(round);
            FloatVector whole = shifted.sub(round);
            FloatVector exact = whole.lanewise(VectorOperators.FMA, minusHigh, value);
            FloatVector r = whole.lanewise(VectorOperators.FMA, minusLow, exact);
            FloatVector lost = whole.lanewise(VectorOperators.FMA, minusLow, exact.sub(r));
            FloatVector p = r.lanewise(VectorOperators.FMA, c7, c6);
            p = p.lanewise(VectorOperators.FMA, r, c5);
            p = p.lanewise(VectorOperators.FMA, r, c4);
            p = p.lanewise(VectorOperators.FMA, r, c3);
            p = p.lanewise(VectorOperators.FMA, r, c2);
            // The low bits of ROUND are zeros, so that the shift leaves n alone.
            IntVector n = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            FloatVector inverse = oneBits.sub(n).reinterpretAsFloats();
            FloatVector constant = one.sub(inverse);
            FloatVector sum = constant.add(r);
            FloatVector rest = r.sub(sum.sub(constant)).add(one.sub(constant).sub(inverse));
            rest = rest.add(lost.lanewise(VectorOperators.FMA, r, lost));
            sum.add(r.mul(r).lanewise(VectorOperators.FMA, p, rest))
                    .mul(oneBits.add(n).reinterpretAsFloats())
                    .blend(value, value.compare(VectorOperators.EQ, 0f))
                    .intoArray(y, yOffset + i);
        }
    }

    /** {@link ScalarExponential#expm1(float)} on lanes. */
    private static void vectors(float[] x, int xOffset, float[] y, int yOffset, int length) {
        FloatVector flat = FloatVector.broadcast(F, EXPM1_FLAT);
        FloatVector logHigh = FloatVector.broadcast(F, LOG2_E_HIGH);
        FloatVector round = FloatVector.broadcast(F, ROUND);
        FloatVector minusHigh = FloatVector.broadcast(F, -LN2_HIGH);
        FloatVector minusLow = FloatVector.broadcast(F, -LN2_LOW);
        FloatVector one = FloatVector.broadcast(F, 1);
        FloatVector c6 = FloatVector.broadcast(F, M6);
        FloatVector c7 = FloatVector.broadcast(F, M7);
        FloatVector c5 = FloatVector.broadcast(F, M5);
        FloatVector c4 = FloatVector.broadcast(F, M4);
        FloatVector c3 = FloatVector.broadcast(F, M3);
        FloatVector c2 = FloatVector.broadcast(F, 0.5f);
        IntVector bias = IntVector.broadcast(I, 127);
        for (int i = 0; i < length; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            FloatVector low = value.blend(flat, value.compare(VectorOperators.LT, flat));
            FloatVector shifted = low.mul(logHigh).add(round);
            FloatVector whole = shifted.sub(round);
            FloatVector exact = whole.lanewise(VectorOperators.FMA, minusHigh, low);
            FloatVector r = whole.lanewise(VectorOperators.FMA, minusLow, exact);
            FloatVector lost = whole.lanewise(VectorOperators.FMA, minusLow, exact.sub(r));
            FloatVector p = r.lanewise(VectorOperators.FMA, c7, c6);
            p = p.lanewise(VectorOperators.FMA, r, c5);
            p = p.lanewise(VectorOperators.FMA, r, c4);
            p = p.lanewise(VectorOperators.FMA, r, c3);
            p = p.lanewise(VectorOperators.FMA, r, c2);
            IntVector n = shifted.reinterpretAsInts().sub(ROUND_BITS);
            FloatVector inverse =
                    bias.sub(n).max(0).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
            FloatVector constant = one.sub(inverse);
            FloatVector sum = constant.add(r);
            FloatVector rest = r.sub(sum.sub(constant)).add(one.sub(constant).sub(inverse));
            rest = rest.add(lost.lanewise(VectorOperators.FMA, r, lost));
            IntVector half = n.lanewise(VectorOperators.ASHR, 1);
            FloatVector first =
                    half.add(bias).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
            FloatVector second =
                    n.sub(half).add(bias).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
            sum.add(r.mul(r).lanewise(VectorOperators.FMA, p, rest))
                    .mul(first)
                    .mul(second)
                    .blend(value, value.compare(VectorOperators.EQ, 0f))
                    .blend(Float.POSITIVE_INFINITY, value.compare(VectorOperators.GT, EXP_OVERFLOW))
                    .intoArray(y, yOffset + i);
        }
    }
}
