// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.ScalarSoftmax.C0;
import static dev.kelvin.kernel.ScalarSoftmax.C1;
import static dev.kelvin.kernel.ScalarSoftmax.C2;
import static dev.kelvin.kernel.ScalarSoftmax.C3;
import static dev.kelvin.kernel.ScalarSoftmax.C4;
import static dev.kelvin.kernel.ScalarSoftmax.C5;
import static dev.kelvin.kernel.ScalarSoftmax.C6;
import static dev.kelvin.kernel.ScalarSoftmax.CHUNK;
import static dev.kelvin.kernel.ScalarSoftmax.LANES;
import static dev.kelvin.kernel.ScalarSoftmax.STEP;

import dev.kelvin.kernel.ScalarSoftmax;
import dev.kelvin.kernel.SoftmaxScale;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The passes of a softmax over one chunk. Numerators are stored and then summed from the first-level cache: the
 * numerator alone fills the compiler's budget of vector operations a method.
 *
 * <p>Floats are compared as integers. C2 makes five instructions of a float maximum, to order zeros and keep NaN; the
 * integer ones are single instructions: among bits taken as signed, larger means larger for positive floats, smaller
 * means larger for negative ones; among bits taken as unsigned, negative floats order by magnitude, above all positive
 * ones.
 */
final class SoftmaxLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int COUNT = Lanes.COUNT;
    private static final int POSITIVE_INFINITY = 0x7f800000;
    private static final int NEGATIVE_INFINITY = 0xff800000;

    /** Elements of which two levels of the tree make 16. */
    private static final int TWO_STEPS = 4 * STEP;

    private final float[] shortSteps = new float[TWO_STEPS];
    private final float[] tree = new float[CHUNK / 16];

    static float max(float[] x, int offset, int length) {
        int whole = length - length % (2 * COUNT);
        // A loop that never runs would be compiled with its vectors boxed.
        float max = whole == 0 ? Float.NEGATIVE_INFINITY : wholeMax(x, offset, whole);
        for (int i = whole; i < length; i++) {
            max = Math.max(max, x[offset + i]);
        }
        return Float.isNaN(max) ? Float.NaN : max;
    }

    private static float wholeMax(float[] x, int offset, int length) {
        IntVector largest = IntVector.broadcast(I, NEGATIVE_INFINITY);
        IntVector smallest = IntVector.broadcast(I, -1);
        IntVector mostNegative = IntVector.zero(I);
        IntVector largest1 = largest;
        IntVector smallest1 = smallest;
        IntVector mostNegative1 = mostNegative;
        for (int i = 0; i < length; i += 2 * COUNT) {
            IntVector a = FloatVector.fromArray(F, x, offset + i).reinterpretAsInts();
            IntVector b = FloatVector.fromArray(F, x, offset + i + COUNT).reinterpretAsInts();
            largest = largest.max(a);
            smallest = smallest.min(a);
            mostNegative = mostNegative.lanewise(VectorOperators.UMAX, a);
            largest1 = largest1.max(b);
            smallest1 = smallest1.min(b);
            mostNegative1 = mostNegative1.lanewise(VectorOperators.UMAX, b);
        }
        int top = largest.max(largest1).reduceLanes(VectorOperators.MAX);
        int bottom = smallest.min(smallest1).reduceLanes(VectorOperators.MIN);
        // An unsigned maximum over lanes is no intrinsic and would box its vector: the signed one of flipped signs is.
        int unsigned = Integer.MIN_VALUE
                ^ mostNegative
                        .lanewise(VectorOperators.UMAX, mostNegative1)
                        .lanewise(VectorOperators.XOR, Integer.MIN_VALUE)
                        .reduceLanes(VectorOperators.MAX);
        if (top > POSITIVE_INFINITY || Integer.compareUnsigned(unsigned, NEGATIVE_INFINITY) > 0) {
            return Float.NaN;
        }
        return Float.intBitsToFloat(top >= 0 ? top : bottom);
    }

    double numerators(float[] x, int xOffset, float[] e, int eOffset, int length, int base, SoftmaxScale scale) {
        float threshold = scale.threshold(base);
        int whole = length - length % COUNT;
        int even = threshold < 0 ? whole - whole % (2 * COUNT) : 0;
        if (even > 0) {
            aboveNegative(x, xOffset, e, eOffset, even, threshold, base, scale);
        }
        if (even < whole && threshold < 0) {
            lastAboveNegative(x, xOffset + even, e, eOffset + even, whole - even, threshold, base, scale);
        } else if (even < whole) {
            abovePositive(x, xOffset, e, eOffset, whole, threshold, base, scale);
        }
        for (int i = whole; i < length; i++) {
            e[eOffset + i] = ScalarSoftmax.numerator(x[xOffset + i], base, scale);
        }
        return sum(e, eOffset, length);
    }

    // Two vectors an iteration, written out: too long to be inlined into its callers, where the loop settles in a shape
    // a
    // third slower for rows of exactly one chunk.
    private static void aboveNegative(
            float[] x, int xOffset, float[] e, int eOffset, int length, float threshold, int base, SoftmaxScale scale) {
        IntVector lowest = IntVector.broadcast(I, Float.floatToRawIntBits(threshold));
        FloatVector high = FloatVector.broadcast(F, scale.high());
        FloatVector low = FloatVector.broadcast(F, scale.low());
        FloatVector round = FloatVector.broadcast(F, ScalarSoftmax.round(base));
        for (int i = 0; i < length; i += 2 * COUNT) {
            IntVector bits0 = FloatVector.fromArray(F, x, xOffset + i).reinterpretAsInts();
            FloatVector x0 = bits0.lanewise(VectorOperators.UMIN, lowest).reinterpretAsFloats();
            FloatVector r0 = x0.lanewise(VectorOperators.FMA, high, round);
            FloatVector f0 =
                    x0.lanewise(VectorOperators.FMA, high, round.sub(r0).add(0.5f));
            f0 = x0.lanewise(VectorOperators.FMA, low, f0);
            FloatVector p0 = f0.lanewise(VectorOperators.FMA, C6, C5);
            p0 = p0.lanewise(VectorOperators.FMA, f0, FloatVector.broadcast(F, C4));
            p0 = p0.lanewise(VectorOperators.FMA, f0, FloatVector.broadcast(F, C3));
            p0 = p0.lanewise(VectorOperators.FMA, f0, FloatVector.broadcast(F, C2));
            p0 = p0.lanewise(VectorOperators.FMA, f0, FloatVector.broadcast(F, C1));
            p0 = p0.lanewise(VectorOperators.FMA, f0, FloatVector.broadcast(F, C0));
            IntVector exponent0 = r0.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p0.reinterpretAsInts().add(exponent0).reinterpretAsFloats().intoArray(e, eOffset + i);
            IntVector bits1 = FloatVector.fromArray(F, x, xOffset + i + COUNT).reinterpretAsInts();
            FloatVector x1 = bits1.lanewise(VectorOperators.UMIN, lowest).reinterpretAsFloats();
            FloatVector r1 = x1.lanewise(VectorOperators.FMA, high, round);
            FloatVector f1 =
                    x1.lanewise(VectorOperators.FMA, high, round.sub(r1).add(0.5f));
            f1 = x1.lanewise(VectorOperators.FMA, low, f1);
            FloatVector p1 = f1.lanewise(VectorOperators.FMA, C6, C5);
            p1 = p1.lanewise(VectorOperators.FMA, f1, FloatVector.broadcast(F, C4));
            p1 = p1.lanewise(VectorOperators.FMA, f1, FloatVector.broadcast(F, C3));
            p1 = p1.lanewise(VectorOperators.FMA, f1, FloatVector.broadcast(F, C2));
            p1 = p1.lanewise(VectorOperators.FMA, f1, FloatVector.broadcast(F, C1));
            p1 = p1.lanewise(VectorOperators.FMA, f1, FloatVector.broadcast(F, C0));
            IntVector exponent1 = r1.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p1.reinterpretAsInts().add(exponent1).reinterpretAsFloats().intoArray(e, eOffset + i + COUNT);
        }
    }

    private static void lastAboveNegative(
            float[] x, int xOffset, float[] e, int eOffset, int length, float threshold, int base, SoftmaxScale scale) {
        IntVector lowest = IntVector.broadcast(I, Float.floatToRawIntBits(threshold));
        FloatVector high = FloatVector.broadcast(F, scale.high());
        FloatVector low = FloatVector.broadcast(F, scale.low());
        FloatVector round = FloatVector.broadcast(F, ScalarSoftmax.round(base));
        for (int i = 0; i < length; i += COUNT) {
            IntVector bits = FloatVector.fromArray(F, x, xOffset + i).reinterpretAsInts();
            bits = bits.lanewise(VectorOperators.UMIN, lowest);
            numerator(bits.reinterpretAsFloats(), high, low, round).intoArray(e, eOffset + i);
        }
    }

    private static void abovePositive(
            float[] x, int xOffset, float[] e, int eOffset, int length, float threshold, int base, SoftmaxScale scale) {
        IntVector lowest = IntVector.broadcast(I, Float.floatToRawIntBits(threshold));
        FloatVector high = FloatVector.broadcast(F, scale.high());
        FloatVector low = FloatVector.broadcast(F, scale.low());
        FloatVector round = FloatVector.broadcast(F, ScalarSoftmax.round(base));
        for (int i = 0; i < length; i += COUNT) {
            IntVector bits =
                    FloatVector.fromArray(F, x, xOffset + i).reinterpretAsInts().max(lowest);
            numerator(bits.reinterpretAsFloats(), high, low, round).intoArray(e, eOffset + i);
        }
    }

    private static FloatVector numerator(FloatVector x, FloatVector high, FloatVector low, FloatVector round) {
        FloatVector r = x.lanewise(VectorOperators.FMA, high, round);
        FloatVector f = x.lanewise(VectorOperators.FMA, high, round.sub(r).add(0.5f));
        f = x.lanewise(VectorOperators.FMA, low, f);
        FloatVector p = f.lanewise(VectorOperators.FMA, C6, C5);
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, C4));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, C3));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, C2));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, C1));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, C0));
        IntVector exponent = r.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }

    private double sum(float[] e, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        int count = twoLevels(e, offset, length);
        while (count > LANES) {
            count = twoLevels(tree, 0, count);
        }
        return ScalarSoftmax.fold(tree);
    }

    /**
     * Two levels of the tree of sums at once, into {@link #tree}, which may also be the source; returns how many are
     * left. A level too many adds +0, which changes nothing.
     */
    private int twoLevels(float[] from, int offset, int length) {
        int whole = length - length % TWO_STEPS;
        if (whole > 0) {
            sixteenths(from, offset, whole, tree, 0);
        }
        if (whole == length) {
            return whole / 16;
        }
        System.arraycopy(from, offset + whole, shortSteps, 0, length - whole);
        Arrays.fill(shortSteps, length - whole, TWO_STEPS, 0);
        sixteenths(shortSteps, 0, TWO_STEPS, tree, whole / 16);
        return whole / 16 + LANES;
    }

    // Written out: a part of it in a method of its own is not inlined in every JVM, and then boxes its vectors.
    private static void sixteenths(float[] from, int offset, int length, float[] to, int toOffset) {
        for (int step = 0; step < length; step += TWO_STEPS) {
            for (int group = 0; group < LANES; group += COUNT) {
                int at = offset + step + group;
                FloatVector a0 = FloatVector.fromArray(F, from, at);
                FloatVector b0 = FloatVector.fromArray(F, from, at + LANES);
                FloatVector c0 = FloatVector.fromArray(F, from, at + 2 * LANES);
                FloatVector d0 = FloatVector.fromArray(F, from, at + 3 * LANES);
                FloatVector s0 = a0.add(b0).add(c0.add(d0));
                FloatVector a1 = FloatVector.fromArray(F, from, at + STEP);
                FloatVector b1 = FloatVector.fromArray(F, from, at + STEP + LANES);
                FloatVector c1 = FloatVector.fromArray(F, from, at + STEP + 2 * LANES);
                FloatVector d1 = FloatVector.fromArray(F, from, at + STEP + 3 * LANES);
                FloatVector s1 = a1.add(b1).add(c1.add(d1));
                FloatVector a2 = FloatVector.fromArray(F, from, at + 2 * STEP);
                FloatVector b2 = FloatVector.fromArray(F, from, at + 2 * STEP + LANES);
                FloatVector c2 = FloatVector.fromArray(F, from, at + 2 * STEP + 2 * LANES);
                FloatVector d2 = FloatVector.fromArray(F, from, at + 2 * STEP + 3 * LANES);
                FloatVector s2 = a2.add(b2).add(c2.add(d2));
                FloatVector a3 = FloatVector.fromArray(F, from, at + 3 * STEP);
                FloatVector b3 = FloatVector.fromArray(F, from, at + 3 * STEP + LANES);
                FloatVector c3 = FloatVector.fromArray(F, from, at + 3 * STEP + 2 * LANES);
                FloatVector d3 = FloatVector.fromArray(F, from, at + 3 * STEP + 3 * LANES);
                FloatVector s3 = a3.add(b3).add(c3.add(d3));
                s0.add(s1).add(s2.add(s3)).intoArray(to, toOffset + step / 16 + group);
            }
        }
    }

    static void probabilities(float[] e, int eOffset, float[] y, int yOffset, int length, double factor) {
        int whole = length - length % COUNT;
        if (whole > 0 && Math.abs(factor) >= ScalarSoftmax.SMALL_FACTOR) {
            float high = (float) factor;
            multiply(e, eOffset, y, yOffset, whole, high, (float) (factor - high));
        } else if (whole > 0) {
            double lifted = Math.scalb(factor, ScalarSoftmax.LIFT);
            float high = (float) lifted;
            multiplySmall(e, eOffset, y, yOffset, whole, high, (float) (lifted - high));
        }
        ScalarSoftmax.probabilities(e, eOffset + whole, y, yOffset + whole, length - whole, factor);
    }

    private static void multiply(float[] e, int eOffset, float[] y, int yOffset, int length, float high, float low) {
        FloatVector highs = FloatVector.broadcast(F, high);
        for (int i = 0; i < length; i += COUNT) {
            FloatVector v = FloatVector.fromArray(F, e, eOffset + i);
            v.lanewise(VectorOperators.FMA, highs, v.mul(low)).intoArray(y, yOffset + i);
        }
    }

    private static void multiplySmall(
            float[] e, int eOffset, float[] y, int yOffset, int length, float high, float low) {
        FloatVector highs = FloatVector.broadcast(F, high);
        for (int i = 0; i < length; i += COUNT) {
            FloatVector v = FloatVector.fromArray(F, e, eOffset + i);
            v.lanewise(VectorOperators.FMA, highs, v.mul(low)).mul(0x1p-64f).intoArray(y, yOffset + i);
        }
    }

    static void logProbs(
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int length,
            float max,
            float inverseTemperature,
            float logSum) {
        FloatVector inverse = FloatVector.broadcast(F, inverseTemperature);
        FloatVector minusLogSum = FloatVector.broadcast(F, -logSum);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .sub(max)
                    .lanewise(VectorOperators.FMA, inverse, minusLogSum)
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = Math.fma(x[xOffset + i] - max, inverseTemperature, -logSum);
        }
    }
}
