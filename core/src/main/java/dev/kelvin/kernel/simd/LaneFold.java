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
