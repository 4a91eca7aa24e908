// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarRows.SQUARE_LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Σ c and Σ c² of c = (x − mean) − rest on lanes, from one look at each element. */
final class DeviationSums {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private final float[] sums = new float[SQUARE_LANES];
    private final float[] squares = new float[SQUARE_LANES];

    /** Leaves both sums in {@code out}. */
    void run(float[] x, int offset, int length, float mean, float rest, float[] out) {
        int end = length - length % SQUARE_LANES;
        if (end == 0) {
            // A loop that never runs would be compiled with its vectors boxed.
            Arrays.fill(sums, 0);
            Arrays.fill(squares, 0);
        } else {
            groups(x, offset, end, mean, rest);
        }
        int whole = length - length % COUNT;
        if (end < whole) {
            remainder(x, offset + end, whole - end, mean, rest);
        }
        for (int l = whole - end; end + l < length; l++) {
            float c = (x[offset + end + l] - mean) - rest;
            sums[l] += c;
            squares[l] = Math.fma(c, c, squares[l]);
        }
        out[0] = LaneFold.fold(sums);
        out[1] = LaneFold.fold(squares);
    }

    /** Whole steps of all lanes, at least one: four vectors of each sum at a time. */
    private void groups(float[] x, int offset, int end, float mean, float rest) {
        FloatVector means = FloatVector.broadcast(F, mean);
        FloatVector rests = FloatVector.broadcast(F, rest);
        for (int group = 0; group < SQUARE_LANES; group += 4 * COUNT) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            FloatVector q0 = s0;
            FloatVector q1 = s0;
            FloatVector q2 = s0;
            FloatVector q3 = s0;
            for (int i = group; i < end; i += SQUARE_LANES) {
                int at = offset + i;
                FloatVector c = FloatVector.fromArray(F, x, at).sub(means).sub(rests);
                s0 = s0.add(c);
                q0 = c.fma(c, q0);
                c = FloatVector.fromArray(F, x, at + COUNT).sub(means).sub(rests);
                s1 = s1.add(c);
                q1 = c.fma(c, q1);
                c = FloatVector.fromArray(F, x, at + 2 * COUNT).sub(means).sub(rests);
                s2 = s2.add(c);
                q2 = c.fma(c, q2);
                c = FloatVector.fromArray(F, x, at + 3 * COUNT).sub(means).sub(rests);
                s3 = s3.add(c);
                q3 = c.fma(c, q3);
            }
            s0.intoArray(sums, group);
            s1.intoArray(sums, group + COUNT);
            s2.intoArray(sums, group + 2 * COUNT);
            s3.intoArray(sums, group + 3 * COUNT);
            q0.intoArray(squares, group);
            q1.intoArray(squares, group + COUNT);
            q2.intoArray(squares, group + 2 * COUNT);
            q3.intoArray(squares, group + 3 * COUNT);
        }
    }

    /** Whole vectors that do not fill all lanes. */
    private void remainder(float[] x, int offset, int length, float mean, float rest) {
        for (int l = 0; l < length; l += COUNT) {
            FloatVector c = FloatVector.fromArray(F, x, offset + l).sub(mean).sub(rest);
            FloatVector.fromArray(F, sums, l).add(c).intoArray(sums, l);
            c.fma(c, FloatVector.fromArray(F, squares, l)).intoArray(squares, l);
        }
    }
}
