// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Σ a·b over the 16 lanes of a product of matrices, on vectors of 8 or 16: all lanes in one pass, which take turns as
 * those of {@link DotProduct}.
 */
final class RowDot {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private RowDot() {}

    static float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        int whole = length - length % COUNT;
        for (int i = 0; i < whole; i += COUNT) {
            FloatVector x = FloatVector.fromArray(F, a, aOffset + i);
            FloatVector sum = x.fma(FloatVector.fromArray(F, b, bOffset + i), s0);
            if (COUNT == 16) {
                s0 = sum;
            } else {
                s0 = s1;
                s1 = sum;
            }
        }
        if (whole < length) {
            VectorMask<Float> there = F.indexInRange(whole, length);
            FloatVector x = FloatVector.fromArray(F, a, aOffset + whole, there);
            FloatVector y = FloatVector.fromArray(F, b, bOffset + whole, there);
            s0 = s0.blend(x.fma(y, s0), there);
        }
        return LaneFold.fold(COUNT == 16 ? s0 : s0.add(s1));
    }
}
