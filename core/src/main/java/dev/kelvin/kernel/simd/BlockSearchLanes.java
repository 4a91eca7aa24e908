// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.BlockSearch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link BlockSearch} on lanes. */
final class BlockSearchLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private BlockSearchLanes() {}

    static void maxima(float[] x, int xOffset, int length, float[] y, int yOffset) {
        for (int block = 0; block < BlockSearch.count(length); block++) {
            int begin = block * BlockSearch.BLOCK;
            y[yOffset + block] = SoftmaxLanes.max(x, xOffset + begin, Math.min(BlockSearch.BLOCK, length - begin));
        }
    }

    static int collect(
            float[] x, int xOffset, int begin, int end, float threshold, int[] indices, float[] values, int count) {
        int next = count;
        int i = begin;
        for (; i <= end - COUNT; i += COUNT) {
            long hits = FloatVector.fromArray(F, x, xOffset + i)
                    .compare(VectorOperators.GE, threshold)
                    .toLong();
            while (hits != 0) {
                int index = i + Long.numberOfTrailingZeros(hits);
                hits &= hits - 1;
                indices[next] = index;
                values[next++] = x[xOffset + index];
            }
        }
        return BlockSearch.collect(x, xOffset, i, end, threshold, indices, values, next);
    }
}
