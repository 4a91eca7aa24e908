// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarLogarithm.G0;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.G1;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.G2;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.G3;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.G4;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.G5;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.G6;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.G7;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.G8;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.LARGEST_EXPONENT;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.LIFT;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.LN2_HIGH;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.LN2_LOW;
import static dev.kelvin.kernel.scalar.ScalarLogarithm.ROOT_HALF_BITS;

import dev.kelvin.kernel.scalar.ScalarLogarithm;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Logarithms. A block without a zero, a number below the domain, a subnormal one, an infinity or a NaN, which one look
 * at it tells, goes through a loop that needs no answers for them.
 */
final class Logarithm {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int COUNT = Lanes.COUNT;
    private static final int FRACTION = 0x7f_ffff;

    private static final int LEAST_BITS = Float.floatToRawIntBits(Float.MIN_NORMAL);
    private static final int INFINITY_BITS = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
    private static final int MINUS_ONE_BITS = Float.floatToRawIntBits(-1);

    /** Elements of a block. */
    private static final int BLOCK = 1024;

    private Logarithm() {}

    static void log(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int block = 0; block < length; block += BLOCK) {
            int count = Math.min(BLOCK, length - block);
            int whole = count - count % COUNT;
            if (whole > 0 && allNormal(x, xOffset + block, whole)) {
                plainLog(x, xOffset + block, y, yOffset + block, whole);
            } else if (whole > 0) {
                anyLog(x, xOffset + block, y, yOffset + block, whole);
            }
            for (int i = block + whole; i < block + count; i++) {
                y[yOffset + i] = ScalarLogarithm.log(x[xOffset + i]);
            }
        }
    }

    static void log1p(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int block = 0; block < length; block += BLOCK) {
            int count = Math.min(BLOCK, length - block);
            int whole = count - count % COUNT;
            if (whole > 0 && allAboveMinusOne(x, xOffset + block, whole)) {
                plainLog1p(x, xOffset + block, y, yOffset + block, whole);
            } else if (whole > 0) {
                anyLog1p(x, xOffset + block, y, yOffset + block, whole);
            }
            for (int i = block + whole; i < block + count; i++) {
                y[yOffset + i] = ScalarLogarithm.log1p(x[xOffset + i]);
            }
        }
    }

    /** Whether all are above 0, normal and finite. */
    private static boolean allNormal(float[] x, int offset, int length) {
        IntVector largest = IntVector.zero(I);
        for (int i = 0; i < length; i += COUNT) {
            IntVector bits = FloatVector.fromArray(F, x, offset + i).reinterpretAsInts();
            largest = largest.lanewise(VectorOperators.UMAX, bits.sub(LEAST_BITS));
        }
        return !largest.compare(VectorOperators.UGE, INFINITY_BITS - LEAST_BITS).anyTrue();
    }

    /** Whether all are above −1 and finite: of numbers below 0 the bits without a sign ascend as the magnitudes do. */
    private static boolean allAboveMinusOne(float[] x, int offset, int length) {
        IntVector largest = IntVector.zero(I);
        IntVector lowest = largest;
        for (int i = 0; i < length; i += COUNT) {
            IntVector bits = FloatVector.fromArray(F, x, offset + i).reinterpretAsInts();
            largest = largest.lanewise(VectorOperators.MAX, bits);
            lowest = lowest.lanewise(VectorOperators.UMAX, bits);
        }
        return !largest.compare(VectorOperators.GE, INFINITY_BITS)
                .or(lowest.compare(VectorOperators.UGE, MINUS_ONE_BITS))
                .anyTrue();
    }

    private static void plainLog(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i += COUNT) {
            IntVector bits =
                    FloatVector.fromArray(F, x, xOffset + i).reinterpretAsInts().sub(ROOT_HALF_BITS);
            FloatVector fraction =
                    bits.and(FRACTION).add(ROOT_HALF_BITS).reinterpretAsFloats().sub(1f);
            sum(bits.lanewise(VectorOperators.ASHR, 23), fraction).intoArray(y, yOffset + i);
        }
    }

    private static void anyLog(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i += COUNT) {
            log(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
    }

    private static void plainLog1p(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            ofOnePlus(value).blend(value, value.compare(VectorOperators.EQ, 0f)).intoArray(y, yOffset + i);
        }
    }

    private static void anyLog1p(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i += COUNT) {
            log1p(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
    }

    /** {@link ScalarLogarithm#log(float)} on lanes. */
    private static FloatVector log(FloatVector x) {
        VectorMask<Float> small = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
        IntVector bits = x.blend(x.mul(LIFT), small).reinterpretAsInts().sub(ROOT_HALF_BITS);
        IntVector exponent = bits.lanewise(VectorOperators.ASHR, 23);
        exponent = exponent.blend(exponent.sub(23), small.cast(I));
        FloatVector fraction =
                bits.and(FRACTION).add(ROOT_HALF_BITS).reinterpretAsFloats().sub(1f);
        return sum(exponent, fraction)
                .blend(Float.NaN, x.compare(VectorOperators.GT, 0f).not())
                .blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f))
                .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
    }

    /** {@link ScalarLogarithm#log1p(float)} on lanes. */
    private static FloatVector log1p(FloatVector x) {
        FloatVector result = ofOnePlus(x)
                .blend(Float.NaN, x.compare(VectorOperators.GT, -1f).not())
                .blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, -1f))
                .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
        return result.blend(x, x.compare(VectorOperators.EQ, 0f));
    }

    /** log(1 + x) of what is above −1 and finite; +0 for both zeros. */
    private static FloatVector ofOnePlus(FloatVector x) {
        FloatVector one = FloatVector.broadcast(F, 1);
        FloatVector u = x.add(one);
        FloatVector back = u.sub(one);
        FloatVector lost = one.sub(u.sub(back)).add(x.sub(back));
        IntVector bits = u.reinterpretAsInts().sub(ROOT_HALF_BITS);
        IntVector exponent = bits.lanewise(VectorOperators.ASHR, 23);
        FloatVector inverse = IntVector.broadcast(I, 127)
                .sub(exponent.min(LARGEST_EXPONENT))
                .lanewise(VectorOperators.LSHL, 23)
                .reinterpretAsFloats();
        FloatVector fraction =
                bits.and(FRACTION).add(ROOT_HALF_BITS).reinterpretAsFloats().sub(one);
        return sum(exponent, lost.lanewise(VectorOperators.FMA, inverse, fraction));
    }

    private static FloatVector sum(IntVector exponent, FloatVector f) {
        FloatVector p = f.lanewise(VectorOperators.FMA, G8, G7);
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, G6));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, G5));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, G4));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, G3));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, G2));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, G1));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, G0));
        FloatVector tail = f.mul(f).mul(p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, -0.5f)));
        FloatVector e = (FloatVector) exponent.convert(VectorOperators.I2F, 0);
        FloatVector whole = e.mul(LN2_HIGH);
        FloatVector high = whole.add(f);
        FloatVector rest = e.lanewise(VectorOperators.FMA, FloatVector.broadcast(F, LN2_LOW), f.sub(high.sub(whole)));
        return high.add(rest.add(tail));
    }
}
