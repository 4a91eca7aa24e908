// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarVectors.LANES;

import dev.kelvin.kernel.scalar.ScalarVectors;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** The three sums of a cosine on lanes, from one look at each element. */
final class CosineSums {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private CosineSums() {}

    /** The quotient, by passes over groups of lanes, on vectors of 4; {@code all} is scratch for the lanes of three. */
    static float byGroups(float[] a, int aOffset, float[] b, int bOffset, int length, float[][] all) {
        int end = length - length % LANES;
        if (end == 0) {
            for (float[] lanes : all) {
                Arrays.fill(lanes, 0);
            }
        } else {
            groups(a, aOffset, b, bOffset, end, all);
        }
        rest(a, aOffset + end, b, bOffset + end, length - end, all);
        return ScalarVectors.cosine(LaneFold.fold(all[0]), LaneFold.fold(all[1]), LaneFold.fold(all[2]));
    }

    /**
     * The quotient, on vectors of 8 or 16. Four vectors at a time, 16 elements apart, make twelve chains, which two
     * units of four cycles can keep busy, and with their operands leave two of 16 registers. What does not fill 64
     * lanes takes turns as in {@link DotProduct}. Those four fold to one vector of the 16 lanes that come next; −0 is
     * what can be added to without a trace.
     */
    static float inRegisters(float[] a, int aOffset, float[] b, int bOffset, int length) {
        if (COUNT == 16) {
            return inTurns(a, aOffset, b, bOffset, length);
        }
        int end = length - length % LANES;
        FloatVector products = FloatVector.broadcast(F, -0f);
        FloatVector aSquares = products;
        FloatVector bSquares = products;
        for (int group = 0; group < 16; group += COUNT) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            FloatVector p0 = s0;
            FloatVector p1 = s0;
            FloatVector p2 = s0;
            FloatVector p3 = s0;
            FloatVector q0 = s0;
            FloatVector q1 = s0;
            FloatVector q2 = s0;
            FloatVector q3 = s0;
            int i = group;
            for (; i < end; i += LANES) {
                FloatVector x = FloatVector.fromArray(F, a, aOffset + i);
                FloatVector y = FloatVector.fromArray(F, b, bOffset + i);
                s0 = x.fma(y, s0);
                p0 = x.fma(x, p0);
                q0 = y.fma(y, q0);
                x = FloatVector.fromArray(F, a, aOffset + i + 16);
                y = FloatVector.fromArray(F, b, bOffset + i + 16);
                s1 = x.fma(y, s1);
                p1 = x.fma(x, p1);
                q1 = y.fma(y, q1);
                x = FloatVector.fromArray(F, a, aOffset + i + 32);
                y = FloatVector.fromArray(F, b, bOffset + i + 32);
                s2 = x.fma(y, s2);
                p2 = x.fma(x, p2);
                q2 = y.fma(y, q2);
                x = FloatVector.fromArray(F, a, aOffset + i + 48);
                y = FloatVector.fromArray(F, b, bOffset + i + 48);
                s3 = x.fma(y, s3);
                p3 = x.fma(x, p3);
                q3 = y.fma(y, q3);
            }
            for (; i <= length - COUNT; i += 16) {
                FloatVector x = FloatVector.fromArray(F, a, aOffset + i);
                FloatVector y = FloatVector.fromArray(F, b, bOffset + i);
                FloatVector product = x.fma(y, s0);
                s0 = s1;
                s1 = s2;
                s2 = s3;
                s3 = product;
                FloatVector square = x.fma(x, p0);
                p0 = p1;
                p1 = p2;
                p2 = p3;
                p3 = square;
                square = y.fma(y, q0);
                q0 = q1;
                q1 = q2;
                q2 = q3;
                q3 = square;
            }
            if (i < length) {
                VectorMask<Float> there = F.indexInRange(i, length);
                FloatVector x = FloatVector.fromArray(F, a, aOffset + i, there);
                FloatVector y = FloatVector.fromArray(F, b, bOffset + i, there);
                s0 = s0.blend(x.fma(y, s0), there);
                p0 = p0.blend(x.fma(x, p0), there);
                q0 = q0.blend(y.fma(y, q0), there);
            }
            products = products.add(s0.add(s2).add(s1.add(s3)));
            aSquares = aSquares.add(p0.add(p2).add(p1.add(p3)));
            bSquares = bSquares.add(q0.add(q2).add(q1.add(q3)));
        }
        return ScalarVectors.cosine(LaneFold.fold(products), LaneFold.fold(aSquares), LaneFold.fold(bSquares));
    }

    /** The quotient on vectors of 16, of which there are registers for all lanes of three sums: they take turns. */
    private static float inTurns(float[] a, int aOffset, float[] b, int bOffset, int length) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector p0 = s0;
        FloatVector p1 = s0;
        FloatVector p2 = s0;
        FloatVector p3 = s0;
        FloatVector q0 = s0;
        FloatVector q1 = s0;
        FloatVector q2 = s0;
        FloatVector q3 = s0;
        int whole = length - length % COUNT;
        for (int i = 0; i < whole; i += COUNT) {
            FloatVector x = FloatVector.fromArray(F, a, aOffset + i);
            FloatVector y = FloatVector.fromArray(F, b, bOffset + i);
            FloatVector product = x.fma(y, s0);
            s0 = s1;
            s1 = s2;
            s2 = s3;
            s3 = product;
            FloatVector square = x.fma(x, p0);
            p0 = p1;
            p1 = p2;
            p2 = p3;
            p3 = square;
            square = y.fma(y, q0);
            q0 = q1;
            q1 = q2;
            q2 = q3;
            q3 = square;
        }
        if (whole < length) {
            VectorMask<Float> there = F.indexInRange(whole, length);
            FloatVector x = FloatVector.fromArray(F, a, aOffset + whole, there);
            FloatVector y = FloatVector.fromArray(F, b, bOffset + whole, there);
            s0 = s0.blend(x.fma(y, s0), there);
            p0 = p0.blend(x.fma(x, p0), there);
            q0 = q0.blend(y.fma(y, q0), there);
        }
        float product = LaneFold.fold(s0.add(s2).add(s1.add(s3)));
        float aSquares = LaneFold.fold(p0.add(p2).add(p1.add(p3)));
        return ScalarVectors.cosine(product, aSquares, LaneFold.fold(q0.add(q2).add(q1.add(q3))));
    }

    /** Two vectors of lanes at a time, six sums. */
    private static void groups(float[] a, int aOffset, float[] b, int bOffset, int end, float[][] all) {
        float[] lanes = all[0];
        float[] aLanes = all[1];
        float[] bLanes = all[2];
        for (int group = 0; group < LANES; group += 2 * COUNT) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = s0;
            FloatVector p0 = s0;
            FloatVector p1 = s0;
            FloatVector q0 = s0;
            FloatVector q1 = s0;
            for (int i = group; i < end; i += LANES) {
                FloatVector x = FloatVector.fromArray(F, a, aOffset + i);
                FloatVector y = FloatVector.fromArray(F, b, bOffset + i);
                s0 = x.fma(y, s0);
                p0 = x.fma(x, p0);
                q0 = y.fma(y, q0);
                x = FloatVector.fromArray(F, a, aOffset + i + COUNT);
                y = FloatVector.fromArray(F, b, bOffset + i + COUNT);
                s1 = x.fma(y, s1);
                p1 = x.fma(x, p1);
                q1 = y.fma(y, q1);
            }
            s0.intoArray(lanes, group);
            s1.intoArray(lanes, group + COUNT);
            p0.intoArray(aLanes, group);
            p1.intoArray(aLanes, group + COUNT);
            q0.intoArray(bLanes, group);
            q1.intoArray(bLanes, group + COUNT);
        }
    }

    /** Fewer elements than there are lanes. */
    private static void rest(float[] a, int aOffset, float[] b, int bOffset, int length, float[][] all) {
        float[] lanes = all[0];
        float[] aLanes = all[1];
        float[] bLanes = all[2];
        int l = 0;
        for (; l <= length - COUNT; l += COUNT) {
            FloatVector x = FloatVector.fromArray(F, a, aOffset + l);
            FloatVector y = FloatVector.fromArray(F, b, bOffset + l);
            x.fma(y, FloatVector.fromArray(F, lanes, l)).intoArray(lanes, l);
            x.fma(x, FloatVector.fromArray(F, aLanes, l)).intoArray(aLanes, l);
            y.fma(y, FloatVector.fromArray(F, bLanes, l)).intoArray(bLanes, l);
        }
        for (; l < length; l++) {
            float x = a[aOffset + l];
            float y = b[bOffset + l];
            lanes[l] = Math.fma(x, y, lanes[l]);
            aLanes[l] = Math.fma(x, x, aLanes[l]);
            bLanes[l] = Math.fma(y, y, bLanes[l]);
        }
    }
}
