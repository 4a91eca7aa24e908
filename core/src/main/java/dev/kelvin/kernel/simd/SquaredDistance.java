// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarVectors.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Σ (a − b)² on lanes, as {@link DotProduct} has its sums. */
final class SquaredDistance {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int GROUP = 4 * COUNT;

    private SquaredDistance() {}

    /** The sum, on vectors of 8 or 16. */
    static float inRegisters(float[] a, int aOffset, float[] b, int bOffset, int length) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        int whole = length - length % COUNT;
        for (int i = 0; i < whole; i += COUNT) {
            FloatVector d = FloatVector.fromArray(F, a, aOffset + i).sub(FloatVector.fromArray(F, b, bOffset + i));
            FloatVector sum = d.fma(d, s0);
            s0 = s1;
            s1 = s2;
            s2 = s3;
            if (COUNT == 16) {
                s3 = sum;
            } else {
                s3 = s4;
                s4 = s5;
                s5 = s6;
                s6 = s7;
                s7 = sum;
            }
        }
        if (whole < length) {
            VectorMask<Float> there = F.indexInRange(whole, length);
            FloatVector x = FloatVector.fromArray(F, a, aOffset + whole, there);
            FloatVector d = x.sub(FloatVector.fromArray(F, b, bOffset + whole, there));
            s0 = s0.blend(d.fma(d, s0), there);
        }
        return LaneFold.fold(s0, s1, s2, s3, s4, s5, s6, s7);
    }

    /** The sum by passes over groups of lanes, on vectors of 4; {@code lanes} is scratch. */
    static float byGroups(float[] a, int aOffset, float[] b, int bOffset, int length, float[] lanes) {
        int end = length - length % LANES;
        if (end == 0) {
            Arrays.fill(lanes, 0);
        } else {
            groups(a, aOffset, b, bOffset, end, lanes);
        }
        rest(a, aOffset + end, b, bOffset + end, length - end, lanes);
        return LaneFold.fold(lanes);
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
