// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarVectors.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Σ (a − b)² on lanes, as {@link DotProduct} has its sums. */
final class SquaredDistance {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int GROUP = 4 * COUNT;

    private SquaredDistance() {}

    /** The sum; {@code lanes} is scratch for what does not fill vectors. */
    static float distance(float[] a, int aOffset, float[] b, int bOffset, int length, float[] lanes) {
        int end = length - length % LANES;
        if (end == 0) {
            Arrays.fill(lanes, 0);
        } else {
            groups(a, aOffset, b, bOffset, end, lanes);
        }
        rest(a, aOffset + end, b, bOffset + end, length - end, lanes);
        return LaneFold.fold(lanes);
    }

    /** The sum of whole steps, at least one, on vectors of 16. */
    static float four(float[] a, int aOffset, float[] b, int bOffset, int length) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int i = 0; i < length; i += LANES) {
            int ai = aOffset + i;
            int bi = bOffset + i;
            FloatVector d = FloatVector.fromArray(F, a, ai).sub(FloatVector.fromArray(F, b, bi));
            s0 = d.fma(d, s0);
            d = FloatVector.fromArray(F, a, ai + COUNT).sub(FloatVector.fromArray(F, b, bi + COUNT));
            s1 = d.fma(d, s1);
            d = FloatVector.fromArray(F, a, ai + 2 * COUNT).sub(FloatVector.fromArray(F, b, bi + 2 * COUNT));
            s2 = d.fma(d, s2);
            d = FloatVector.fromArray(F, a, ai + 3 * COUNT).sub(FloatVector.fromArray(F, b, bi + 3 * COUNT));
            s3 = d.fma(d, s3);
        }
        return LaneFold.fold(s0.add(s2).add(s1.add(s3)));
    }

    /** The sum of whole steps, at least one, on vectors of 8. */
    static float eight(float[] a, int aOffset, float[] b, int bOffset, int length) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        for (int i = 0; i < length; i += LANES) {
            int ai = aOffset + i;
            int bi = bOffset + i;
            FloatVector d = FloatVector.fromArray(F, a, ai).sub(FloatVector.fromArray(F, b, bi));
            s0 = d.fma(d, s0);
            d = FloatVector.fromArray(F, a, ai + COUNT).sub(FloatVector.fromArray(F, b, bi + COUNT));
            s1 = d.fma(d, s1);
            d = FloatVector.fromArray(F, a, ai + 2 * COUNT).sub(FloatVector.fromArray(F, b, bi + 2 * COUNT));
            s2 = d.fma(d, s2);
            d = FloatVector.fromArray(F, a, ai + 3 * COUNT).sub(FloatVector.fromArray(F, b, bi + 3 * COUNT));
            s3 = d.fma(d, s3);
            d = FloatVector.fromArray(F, a, ai + 4 * COUNT).sub(FloatVector.fromArray(F, b, bi + 4 * COUNT));
            s4 = d.fma(d, s4);
            d = FloatVector.fromArray(F, a, ai + 5 * COUNT).sub(FloatVector.fromArray(F, b, bi + 5 * COUNT));
            s5 = d.fma(d, s5);
            d = FloatVector.fromArray(F, a, ai + 6 * COUNT).sub(FloatVector.fromArray(F, b, bi + 6 * COUNT));
            s6 = d.fma(d, s6);
            d = FloatVector.fromArray(F, a, ai + 7 * COUNT).sub(FloatVector.fromArray(F, b, bi + 7 * COUNT));
            s7 = d.fma(d, s7);
        }
        FloatVector even = s0.add(s4).add(s2.add(s6));
        return LaneFold.fold(even.add(s1.add(s5).add(s3.add(s7))));
    }

    private static void groups(float[] a, int aOffset, float[] b, int bOffset, int end, float[] lanes) {
        for (int group = 0; group < LANES; group += GROUP) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int i = group; i < end; i += LANES) {
                int ai = aOffset + i;
                int bi = bOffset + i;
                FloatVector d = FloatVector.fromArray(F, a, ai).sub(FloatVector.fromArray(F, b, bi));
                s0 = d.fma(d, s0);
                d = FloatVector.fromArray(F, a, ai + COUNT).sub(FloatVector.fromArray(F, b, bi + COUNT));
                s1 = d.fma(d, s1);
                d = FloatVector.fromArray(F, a, ai + 2 * COUNT).sub(FloatVector.fromArray(F, b, bi + 2 * COUNT));
                s2 = d.fma(d, s2);
                d = FloatVector.fromArray(F, a, ai + 3 * COUNT).sub(FloatVector.fromArray(F, b, bi + 3 * COUNT));
                s3 = d.fma(d, s3);
            }
            s0.intoArray(lanes, group);
            s1.intoArray(lanes, group + COUNT);
            s2.intoArray(lanes, group + 2 * COUNT);
            s3.intoArray(lanes, group + 3 * COUNT);
        }
    }

    /** Fewer elements than there are lanes. */
    private static void rest(float[] a, int aOffset, float[] b, int bOffset, int length, float[] lanes) {
        int l = 0;
        for (; l <= length - COUNT; l += COUNT) {
            FloatVector d = FloatVector.fromArray(F, a, aOffset + l).sub(FloatVector.fromArray(F, b, bOffset + l));
            d.fma(d, FloatVector.fromArray(F, lanes, l)).intoArray(lanes, l);
        }
        for (; l < length; l++) {
            float difference = a[aOffset + l] - b[bOffset + l];
            lanes[l] = Math.fma(difference, difference, lanes[l]);
        }
    }
}
