// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarVectors.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Σ x and Σ |x| on lanes, as {@link DotProduct} has its sums. */
final class ElementSums {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int GROUP = 4 * COUNT;

    private ElementSums() {}

    /** Σ x, on vectors of 8 or 16. Lanes that are not there add +0, and no sum is ever −0. */
    static float inRegisters(float[] x, int offset, int length) {
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
            FloatVector sum = s0.add(FloatVector.fromArray(F, x, offset + i));
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
            s0 = s0.add(FloatVector.fromArray(F, x, offset + whole, F.indexInRange(whole, length)));
        }
        return LaneFold.fold(s0, s1, s2, s3, s4, s5, s6, s7);
    }

    /** Σ |x|, on vectors of 8 or 16. */
    static float absoluteInRegisters(float[] x, int offset, int length) {
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
            FloatVector sum = s0.add(FloatVector.fromArray(F, x, offset + i).abs());
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
            s0 = s0.add(FloatVector.fromArray(F, x, offset + whole, F.indexInRange(whole, length))
                    .abs());
        }
        return LaneFold.fold(s0, s1, s2, s3, s4, s5, s6, s7);
    }

    /** Σ x by passes over groups of lanes, on vectors of 4; {@code lanes} is scratch. */
    static float byGroups(float[] x, int offset, int length, float[] lanes) {
        int end = length - length % LANES;
        if (end == 0) {
            Arrays.fill(lanes, 0);
        } else {
            sums(x, offset, end, lanes);
        }
        for (int l = 0; end + l < length; l++) {
            lanes[l] += x[offset + end + l];
        }
        return LaneFold.fold(lanes);
    }

    private static void sums(float[] x, int offset, int end, float[] lanes) {
        for (int group = 0; group < LANES; group += GROUP) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int i = group; i < end; i += LANES) {
                s0 = s0.add(FloatVector.fromArray(F, x, offset + i));
                s1 = s1.add(FloatVector.fromArray(F, x, offset + i + COUNT));
                s2 = s2.add(FloatVector.fromArray(F, x, offset + i + 2 * COUNT));
                s3 = s3.add(FloatVector.fromArray(F, x, offset + i + 3 * COUNT));
            }
            s0.intoArray(lanes, group);
            s1.intoArray(lanes, group + COUNT);
            s2.intoArray(lanes, group + 2 * COUNT);
            s3.intoArray(lanes, group + 3 * COUNT);
        }
    }

    /** Σ |x| by passes over groups of lanes, on vectors of 4; {@code lanes} is scratch. */
    static float absoluteByGroups(float[] x, int offset, int length, float[] lanes) {
        int end = length - length % LANES;
        if (end == 0) {
            Arrays.fill(lanes, 0);
        } else {
            absoluteSums(x, offset, end, lanes);
        }
        for (int l = 0; end + l < length; l++) {
            lanes[l] += Math.abs(x[offset + end + l]);
        }
        return LaneFold.fold(lanes);
    }

    private static void absoluteSums(float[] x, int offset, int end, float[] lanes) {
        for (int group = 0; group < LANES; group += GROUP) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int i = group; i < end; i += LANES) {
                s0 = s0.add(FloatVector.fromArray(F, x, offset + i).abs());
                s1 = s1.add(FloatVector.fromArray(F, x, offset + i + COUNT).abs());
                s2 = s2.add(FloatVector.fromArray(F, x, offset + i + 2 * COUNT).abs());
                s3 = s3.add(FloatVector.fromArray(F, x, offset + i + 3 * COUNT).abs());
            }
            s0.intoArray(lanes, group);
            s1.intoArray(lanes, group + COUNT);
            s2.intoArray(lanes, group + 2 * COUNT);
            s3.intoArray(lanes, group + 3 * COUNT);
        }
    }
}
