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
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Powers, on lanes of doubles: a vector of half the width of floats becomes one of the whole width of doubles. A block
 * goes through three loops, y·log₂|x|, 2 to the power of that, and the sign: in one they would be more than C2 inlines,
 * which then boxes vectors. Elements that are 0 or not finite are computed one by one before the block is written,
 * which may be where they stand, and put in their places after that.
 */
final class Power {
    private static final VectorSpecies<Double> D = VectorSpecies.of(double.class, Lanes.F.vectorShape());
    private static final VectorShape HALF_SHAPE = VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2);
    private static final VectorSpecies<Float> HALF = VectorSpecies.of(float.class, HALF_SHAPE);
    private static final VectorSpecies<Integer> HALF_INTS = VectorSpecies.of(int.class, HALF_SHAPE);
    private static final int COUNT = D.length();
    private static final long ROUND_BITS = Double.doubleToRawLongBits(ROUND);

    /** Elements of a block: its doubles fill an eighth of the first-level cache. */
    private static final int BLOCK = 512;

    /** Makes each exponent positive, so that a shift without a sign serves, which more machines have for longs. */
    private static final long POSITIVE = 1024;

    /** The bits of the largest float, the sign shifted out. */
    private static final int LARGEST = Float.floatToRawIntBits(Float.MAX_VALUE) << 1;

    private final double[] scratch = new double[BLOCK];
    private final float[] exceptions = new float[BLOCK];
    private final int[] places = new int[BLOCK];

    void pow(float[] x, int xOffset, float[] y, int yOffset, float[] out, int outOffset, int length) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                block(x, xOffset + begin, y, yOffset + begin, out, outOffset + begin, whole);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                out[outOffset + i] = ScalarPower.pow(x[xOffset + i], y[yOffset + i]);
            }
        }
    }

    private void block(float[] x, int xOffset, float[] y, int yOffset, float[] out, int outOffset, int length) {
        boolean plain = allPlain(x, xOffset, y, yOffset, length);
        int count = plain ? 0 : except(x, xOffset, y, yOffset, length);
        exponents(x, xOffset, y, yOffset, scratch, length);
        exp2(scratch, length);
        if (anyNegative(x, xOffset, length)) {
            signed(scratch, x, xOffset, y, yOffset, out, outOffset, length);
        } else {
            positive(scratch, out, outOffset, length);
        }
        for (int i = 0; i < count; i++) {
            out[outOffset + places[i]] = exceptions[i];
        }
    }

    /** {@link ScalarPower#isPlain} for all: less 1, a zero has the largest bits of all. */
    private static boolean allPlain(float[] x, int xOffset, float[] y, int yOffset, int length) {
        IntVector largest = IntVector.zero(HALF_INTS);
        for (int i = 0; i < length; i += COUNT) {
            IntVector xBits = FloatVector.fromArray(HALF, x, xOffset + i).reinterpretAsInts();
            IntVector yBits = FloatVector.fromArray(HALF, y, yOffset + i).reinterpretAsInts();
            largest = largest.lanewise(
                    VectorOperators.UMAX,
                    xBits.lanewise(VectorOperators.LSHL, 1).sub(1));
            largest = largest.lanewise(VectorOperators.UMAX, yBits.lanewise(VectorOperators.LSHL, 1));
        }
        return !largest.compare(VectorOperators.UGT, LARGEST).anyTrue();
    }

    private static boolean anyNegative(float[] x, int xOffset, int length) {
        IntVector bits = IntVector.zero(HALF_INTS);
        for (int i = 0; i < length; i += COUNT) {
            bits = bits.or(FloatVector.fromArray(HALF, x, xOffset + i).reinterpretAsInts());
        }
        return bits.compare(VectorOperators.LT, 0).anyTrue();
    }

    /** How many elements are not plain; their places and powers are kept. */
    private int except(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int count = 0;
        for (int i = 0; i < length; i++) {
            float base = x[xOffset + i];
            float exponent = y[yOffset + i];
            if (!ScalarPower.isPlain(base, exponent)) {
                places[count] = i;
                exceptions[count] = ScalarPower.pow(base, exponent);
                count++;
            }
        }
        return count;
    }

    /** y·log₂|x|. */
    private static void exponents(float[] x, int xOffset, float[] y, int yOffset, double[] to, int length) {
        DoubleVector one = DoubleVector.broadcast(D, 1);
        DoubleVector round = DoubleVector.broadcast(D, ROUND);
        DoubleVector a0 = DoubleVector.broadcast(D, A0);
        DoubleVector a1 = DoubleVector.broadcast(D, A1);
        DoubleVector a2 = DoubleVector.broadcast(D, A2);
        DoubleVector a3 = DoubleVector.broadcast(D, A3);
        DoubleVector a4 = DoubleVector.broadcast(D, A4);
        DoubleVector a5 = DoubleVector.broadcast(D, A5);
        DoubleVector a6 = DoubleVector.broadcast(D, A6);
        DoubleVector a7 = DoubleVector.broadcast(D, A7);
        DoubleVector a8 = DoubleVector.broadcast(D, A8);
        for (int i = 0; i < length; i += COUNT) {
            DoubleVector base =
                    (DoubleVector) FloatVector.fromArray(HALF, x, xOffset + i).convertShape(VectorOperators.F2D, D, 0);
            LongVector bits = base.abs().reinterpretAsLongs().sub(ROOT_HALF_BITS);
            DoubleVector m = bits.and(FRACTION).add(ROOT_HALF_BITS).reinterpretAsDoubles();
            DoubleVector whole = bits.add(POSITIVE << 52)
                    .lanewise(VectorOperators.LSHR, 52)
                    .add(ROUND_BITS - POSITIVE)
                    .reinterpretAsDoubles()
                    .sub(round);
            DoubleVector s = m.sub(one).div(m.add(one));
            DoubleVector z = s.mul(s);
            DoubleVector a = z.lanewise(VectorOperators.FMA, a8, a7);
            a = a.lanewise(VectorOperators.FMA, z, a6);
            a = a.lanewise(VectorOperators.FMA, z, a5);
            a = a.lanewise(VectorOperators.FMA, z, a4);
            a = a.lanewise(VectorOperators.FMA, z, a3);
            a = a.lanewise(VectorOperators.FMA, z, a2);
            a = a.lanewise(VectorOperators.FMA, z, a1);
            a = a.lanewise(VectorOperators.FMA, z, a0);
            DoubleVector exponent =
                    (DoubleVector) FloatVector.fromArray(HALF, y, yOffset + i).convertShape(VectorOperators.F2D, D, 0);
            s.lanewise(VectorOperators.FMA, a, whole).mul(exponent).intoArray(to, i);
        }
    }

    /** 2 to the power of each, in its place. */
    private static void exp2(double[] exponents, int length) {
        DoubleVector least = DoubleVector.broadcast(D, -LARGEST_EXPONENT);
        DoubleVector most = DoubleVector.broadcast(D, LARGEST_EXPONENT);
        DoubleVector round = DoubleVector.broadcast(D, ROUND);
        DoubleVector one = DoubleVector.broadcast(D, 1);
        DoubleVector b1 = DoubleVector.broadcast(D, B1);
        DoubleVector b2 = DoubleVector.broadcast(D, B2);
        DoubleVector b3 = DoubleVector.broadcast(D, B3);
        DoubleVector b4 = DoubleVector.broadcast(D, B4);
        DoubleVector b5 = DoubleVector.broadcast(D, B5);
        DoubleVector b6 = DoubleVector.broadcast(D, B6);
        DoubleVector b7 = DoubleVector.broadcast(D, B7);
        DoubleVector b8 = DoubleVector.broadcast(D, B8);
        DoubleVector b9 = DoubleVector.broadcast(D, B9);
        DoubleVector b10 = DoubleVector.broadcast(D, B10);
        for (int i = 0; i < length; i += COUNT) {
            DoubleVector t = DoubleVector.fromArray(D, exponents, i);
            t = t.blend(least, t.compare(VectorOperators.LT, least));
            t = t.blend(most, t.compare(VectorOperators.GT, most));
            DoubleVector r = t.add(round);
            DoubleVector f = t.sub(r.sub(round));
            DoubleVector b = f.lanewise(VectorOperators.FMA, b10, b9);
            b = b.lanewise(VectorOperators.FMA, f, b8);
            b = b.lanewise(VectorOperators.FMA, f, b7);
            b = b.lanewise(VectorOperators.FMA, f, b6);
            b = b.lanewise(VectorOperators.FMA, f, b5);
            b = b.lanewise(VectorOperators.FMA, f, b4);
            b = b.lanewise(VectorOperators.FMA, f, b3);
            b = b.lanewise(VectorOperators.FMA, f, b2);
            b = b.lanewise(VectorOperators.FMA, f, b1);
            b = b.lanewise(VectorOperators.FMA, f, one);
            b.reinterpretAsLongs()
                    .add(r.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 52))
                    .reinterpretAsDoubles()
                    .intoArray(exponents, i);
        }
    }

    private static void positive(double[] powers, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i += COUNT) {
            ((FloatVector) DoubleVector.fromArray(D, powers, i).convertShape(VectorOperators.D2F, HALF, 0))
                    .intoArray(out, outOffset + i);
        }
    }

    /** Where x is below 0: −, if y is odd, and NaN, if y is no integer. */
    private static void signed(
            double[] powers, float[] x, int xOffset, float[] y, int yOffset, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i += COUNT) {
            DoubleVector power = DoubleVector.fromArray(D, powers, i);
            DoubleVector base =
                    (DoubleVector) FloatVector.fromArray(HALF, x, xOffset + i).convertShape(VectorOperators.F2D, D, 0);
            DoubleVector exponent =
                    (DoubleVector) FloatVector.fromArray(HALF, y, yOffset + i).convertShape(VectorOperators.F2D, D, 0);
            DoubleVector bounded = exponent.max(-EVEN).min(EVEN);
            DoubleVector rounded = bounded.add(ROUND);
            VectorMask<Double> negative = base.compare(VectorOperators.LT, 0d);
            VectorMask<Double> broken = rounded.sub(ROUND).compare(VectorOperators.NE, bounded);
            DoubleVector odd = power.reinterpretAsLongs()
                    .or(rounded.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 63))
                    .reinterpretAsDoubles();
            DoubleVector result = power.blend(odd, negative).blend(Double.NaN, negative.and(broken));
            ((FloatVector) result.convertShape(VectorOperators.D2F, HALF, 0)).intoArray(out, outOffset + i);
        }
    }
}
