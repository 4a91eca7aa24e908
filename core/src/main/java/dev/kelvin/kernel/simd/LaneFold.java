// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The end of a sum over the lanes of {@code ScalarVectors}: by halves, down to one. */
final class LaneFold {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final VectorShuffle<Float> SWAP_8 = GemmTile.swap(8);
    private static final VectorShuffle<Float> SWAP_4 = GemmTile.swap(4);

    private LaneFold() {}

    /** 64 lanes in memory to 16 on vectors, and those to one. */
    static float fold(float[] lanes) {
        for (int l = 0; l < 16; l += COUNT) {
            FloatVector a = FloatVector.fromArray(F, lanes, l);
            FloatVector b = FloatVector.fromArray(F, lanes, l + 16);
            FloatVector c = FloatVector.fromArray(F, lanes, l + 32);
            FloatVector d = FloatVector.fromArray(F, lanes, l + 48);
            a.add(c).add(b.add(d)).intoArray(lanes, l);
        }
        return Gemm.fold(lanes, 0);
    }

    /**
     * All lanes in eight vectors of 8, or in the first four of 16, in the order of their lanes; the first may be any of
     * them, if the others follow it as on a circle.
     */
    static float fold(
            FloatVector s0,
            FloatVector s1,
            FloatVector s2,
            FloatVector s3,
            FloatVector s4,
            FloatVector s5,
            FloatVector s6,
            FloatVector s7) {
        if (COUNT == 16) {
            return fold(s0.add(s2).add(s1.add(s3)));
        }
        FloatVector even = s0.add(s4).add(s2.add(s6));
        return fold(even.add(s1.add(s5).add(s3.add(s7))));
    }

    /** The lanes of one vector. The last four are added one by one: that waits less than two more exchanges would. */
    static float fold(FloatVector lanes) {
        FloatVector four = lanes;
        if (COUNT == 16) {
            four = four.add(four.rearrange(SWAP_8));
        }
        if (COUNT >= 8) {
            four = four.add(four.rearrange(SWAP_4));
        }
        return (four.lane(0) + four.lane(2)) + (four.lane(1) + four.lane(3));
    }
}
