// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.RowKernels;
import dev.kelvin.kernel.scalar.ScalarRows;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The passes that find the largest of many elements without sorting them, on lanes. */
final class BlockSearchLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private final ScalarRows scalar = new ScalarRows();

    void maxima(float[] x, int xOffset, int length, float[] y, int yOffset) {
        int whole = length / RowKernels.BLOCK;
        for (int block = 0; block < whole; block++) {
            y[yOffset + block] = max(x, xOffset + block * RowKernels.BLOCK);
        }
        int begin = whole * RowKernels.BLOCK;
        scalar.blockMaxima(x, xOffset + begin, length - begin, y, yOffset + whole);
    }

    /** The maximum of a whole block. */
    private static float max(float[] x, int begin) {
        FloatVector a = FloatVector.fromArray(F, x, begin);
        FloatVector b = FloatVector.fromArray(F, x, begin + COUNT);
        FloatVector c = FloatVector.fromArray(F, x, begin + 2 * COUNT);
        FloatVector d = FloatVector.fromArray(F, x, begin + 3 * COUNT);
        for (int i = 4 * COUNT; i < RowKernels.BLOCK; i += 4 * COUNT) {
            a = a.max(FloatVector.fromArray(F, x, begin + i));
            b = b.max(FloatVector.fromArray(F, x, begin + i + COUNT));
            c = c.max(FloatVector.fromArray(F, x, begin + i + 2 * COUNT));
            d = d.max(FloatVector.fromArray(F, x, begin + i + 3 * COUNT));
        }
        // The maximum has no order: any reduction gives the same bits, and NaN wins in each.
        float max = a.max(b).max(c.max(d)).reduceLanes(VectorOperators.MAX);
        return Float.isNaN(max) ? Float.NaN : max;
    }

    int collect(float[] x, int xOffset, int begin, int end, float threshold, int[] indices, float[] values, int count) {
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
        return scalar.collectAtLeast(x, xOffset, i, end, threshold, indices, values, next);
    }
}
