// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The largest element of a row.
 *
 * <p>Floats are compared as integers. C2 makes five instructions of a float maximum, to order zeros and keep NaN; the
 * integer ones are single instructions: among bits taken as signed, larger means larger for positive floats, smaller
 * means larger for negative ones; among bits taken as unsigned, negative floats order by magnitude, above all positive
 * ones.
 */
final class MaximumLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int COUNT = Lanes.COUNT;
    private static final int POSITIVE_INFINITY = 0x7f800000;
    private static final int NEGATIVE_INFINITY = 0xff800000;

    /** 0, 1, 2, ... */
    private static final int[] PLACES = new int[COUNT];

    static {
        for (int i = 0; i < COUNT; i++) {
            PLACES[i] = i;
        }
    }

    private MaximumLanes() {}

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
        int flipped = mostNegative
                .lanewise(VectorOperators.UMAX, mostNegative1)
                .lanewise(VectorOperators.XOR, Integer.MIN_VALUE)
                .reduceLanes(VectorOperators.MAX);
        return max(top, bottom, flipped);
    }

    /** Of the three integer maxima: among all bits, among negative ones, and among unsigned ones less their sign. */
    private static float max(int largest, int smallest, int flipped) {
        int mostNegative = flipped ^ Integer.MIN_VALUE;
        if (largest > POSITIVE_INFINITY || Integer.compareUnsigned(mostNegative, NEGATIVE_INFINITY) > 0) {
            return Float.NaN;
        }
        return Float.intBitsToFloat(largest >= 0 ? largest : smallest);
    }

    /**
     * Multiplies a row of at least one element by a factor and returns its maximum. The array has room for whole steps,
     * and what lies there behind the row may change.
     */
    static float scaledMax(float[] x, int offset, int length, float factor) {
        FloatVector factors = FloatVector.broadcast(F, factor);
        IntVector places = IntVector.fromArray(I, PLACES, 0);
        IntVector largest = IntVector.broadcast(I, NEGATIVE_INFINITY);
        IntVector lowest = largest;
        IntVector smallest = IntVector.broadcast(I, -1);
        IntVector mostNegative = IntVector.zero(I);
        for (int i = 0; i < length; i += COUNT) {
            FloatVector scaled = FloatVector.fromArray(F, x, offset + i).mul(factors);
            scaled.intoArray(x, offset + i);
            IntVector bits = scaled.reinterpretAsInts();
            bits = lowest.blend(bits, places.compare(VectorOperators.LT, length - i));
            largest = largest.max(bits);
            smallest = smallest.min(bits);
            mostNegative = mostNegative.lanewise(VectorOperators.UMAX, bits);
        }
        int flipped =
                mostNegative.lanewise(VectorOperators.XOR, Integer.MIN_VALUE).reduceLanes(VectorOperators.MAX);
        return max(largest.reduceLanes(VectorOperators.MAX), smallest.reduceLanes(VectorOperators.MIN), flipped);
    }
}
