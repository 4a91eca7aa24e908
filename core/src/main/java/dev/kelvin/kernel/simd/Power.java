// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarPower.A0;
import static dev.kelvin.kernel.scalar.ScalarPower.A1;
import static dev.kelvin.kernel.scalar.ScalarPower.A2;
import static dev.kelvin.kernel.scalar.ScalarPower.A3;
import static dev.kelvin.kernel.scalar.ScalarPower.A4;
import static dev.kelvin.kernel.scalar.ScalarPower.A5;
import static dev.kelvin.kernel.scalar.ScalarPower.A6;
import static dev.kelvin.kernel.scalar.ScalarPower.A7;
import static dev.kelvin.kernel.scalar.ScalarPower.A8;
import static dev.kelvin.kernel.scalar.ScalarPower.B1;
import static dev.kelvin.kernel.scalar.ScalarPower.B10;
import static dev.kelvin.kernel.scalar.ScalarPower.B2;
import static dev.kelvin.kernel.scalar.ScalarPower.B3;
import static dev.kelvin.kernel.scalar.ScalarPower.B4;
import static dev.kelvin.kernel.scalar.ScalarPower.B5;
import static dev.kelvin.kernel.scalar.ScalarPower.B6;
import static dev.kelvin.kernel.scalar.ScalarPower.B7;
import static dev.kelvin.kernel.scalar.ScalarPower.B8;
import static dev.kelvin.kernel.scalar.ScalarPower.B9;
import static dev.kelvin.kernel.scalar.ScalarPower.EVEN;
import static dev.kelvin.kernel.scalar.ScalarPower.FRACTION;
import static dev.kelvin.kernel.scalar.ScalarPower.LARGEST_EXPONENT;
import static dev.kelvin.kernel.scalar.ScalarPower.ROOT_HALF_BITS;
import static dev.kelvin.kernel.scalar.ScalarPower.ROUND;

import dev.kelvin.kernel.scalar.ScalarPower;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Powers, on lanes of doubles: a vector of half the width of floats becomes one of the whole width of doubles. Where a
 * vector holds a zero or what is not finite, which is rare, its elements go one by one.
 */
final class Power {
    private static final VectorSpecies<Double> D = VectorSpecies.of(double.class, Lanes.F.vectorShape());
    private static final VectorSpecies<Float> HALF =
            VectorSpecies.of(float.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));
    private static final int COUNT = D.length();
    private static final long ROUND_BITS = Double.doubleToRawLongBits(ROUND);

    private Power() {}

    static void pow(float[] x, int xOffset, float[] y, int yOffset, float[] out, int outOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector base = FloatVector.fromArray(HALF, x, xOffset + i);
            FloatVector exponent = FloatVector.fromArray(HALF, y, yOffset + i);
            if (isPlain(base, exponent)) {
                power(base, exponent).intoArray(out, outOffset + i);
            } else {
                one(x, xOffset + i, y, yOffset + i, out, outOffset + i, COUNT);
            }
        }
        if (i < length) {
            one(x, xOffset + i, y, yOffset + i, out, outOffset + i, length - i);
        }
    }

    private static void one(float[] x, int xOffset, float[] y, int yOffset, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i++) {
            out[outOffset + i] = ScalarPower.pow(x[xOffset + i], y[yOffset + i]);
        }
    }

    private static boolean isPlain(FloatVector x, FloatVector y) {
        return x.test(VectorOperators.IS_FINITE)
                .and(x.compare(VectorOperators.NE, 0f))
                .and(y.test(VectorOperators.IS_FINITE))
                .allTrue();
    }

    private static FloatVector power(FloatVector x, FloatVector y) {
        DoubleVector base = (DoubleVector) x.convertShape(VectorOperators.F2D, D, 0);
        DoubleVector exponent = (DoubleVector) y.convertShape(VectorOperators.F2D, D, 0);
        DoubleVector magnitude = exp2(log2(base.abs()).mul(exponent));
        DoubleVector bounded = exponent.max(-EVEN).min(EVEN);
        DoubleVector rounded = bounded.add(ROUND);
        VectorMask<Double> negative = base.compare(VectorOperators.LT, 0d);
        VectorMask<Double> odd = rounded.reinterpretAsLongs()
                .and(1)
                .compare(VectorOperators.NE, 0)
                .cast(D);
        VectorMask<Double> broken = rounded.sub(ROUND).compare(VectorOperators.NE, bounded);
        DoubleVector result = magnitude.blend(magnitude.neg(), negative.and(odd));
        result = result.blend(Double.NaN, negative.and(broken));
        return (FloatVector) result.convertShape(VectorOperators.D2F, HALF, 0);
    }

    private static DoubleVector log2(DoubleVector x) {
        LongVector bits = x.reinterpretAsLongs().sub(ROOT_HALF_BITS);
        DoubleVector m = bits.and(FRACTION).add(ROOT_HALF_BITS).reinterpretAsDoubles();
        DoubleVector exponent = bits.lanewise(VectorOperators.ASHR, 52)
                .add(ROUND_BITS)
                .reinterpretAsDoubles()
                .sub(ROUND);
        DoubleVector s = m.sub(1d).div(m.add(1d));
        DoubleVector z = s.mul(s);
        DoubleVector a = z.lanewise(VectorOperators.FMA, A8, A7);
        a = a.lanewise(VectorOperators.FMA, z, DoubleVector.broadcast(D, A6));
        a = a.lanewise(VectorOperators.FMA, z, DoubleVector.broadcast(D, A5));
        a = a.lanewise(VectorOperators.FMA, z, DoubleVector.broadcast(D, A4));
        a = a.lanewise(VectorOperators.FMA, z, DoubleVector.broadcast(D, A3));
        a = a.lanewise(VectorOperators.FMA, z, DoubleVector.broadcast(D, A2));
        a = a.lanewise(VectorOperators.FMA, z, DoubleVector.broadcast(D, A1));
        a = a.lanewise(VectorOperators.FMA, z, DoubleVector.broadcast(D, A0));
        return s.lanewise(VectorOperators.FMA, a, exponent);
    }

    private static DoubleVector exp2(DoubleVector unbounded) {
        DoubleVector t = unbounded.max(-LARGEST_EXPONENT).min(LARGEST_EXPONENT);
        DoubleVector r = t.add(ROUND);
        DoubleVector f = t.sub(r.sub(ROUND));
        DoubleVector b = f.lanewise(VectorOperators.FMA, B10, B9);
        b = b.lanewise(VectorOperators.FMA, f, DoubleVector.broadcast(D, B8));
        b = b.lanewise(VectorOperators.FMA, f, DoubleVector.broadcast(D, B7));
        b = b.lanewise(VectorOperators.FMA, f, DoubleVector.broadcast(D, B6));
        b = b.lanewise(VectorOperators.FMA, f, DoubleVector.broadcast(D, B5));
        b = b.lanewise(VectorOperators.FMA, f, DoubleVector.broadcast(D, B4));
        b = b.lanewise(VectorOperators.FMA, f, DoubleVector.broadcast(D, B3));
        b = b.lanewise(VectorOperators.FMA, f, DoubleVector.broadcast(D, B2));
        b = b.lanewise(VectorOperators.FMA, f, DoubleVector.broadcast(D, B1));
        b = b.lanewise(VectorOperators.FMA, f, DoubleVector.broadcast(D, 1));
        return b.reinterpretAsLongs()
                .add(r.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 52))
                .reinterpretAsDoubles();
    }
}
