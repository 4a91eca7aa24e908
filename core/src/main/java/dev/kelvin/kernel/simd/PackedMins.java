// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.PackedLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What the mins of a unit take from the sums of a {@link PackedTile}. */
final class PackedMins {
    private static final VectorSpecies<Float> F = PackedScales.F;
    private static final int COUNT = F.length();
    private static final int COLUMNS = PackedTile.COLUMNS;

    private PackedMins() {}

    /**
     * v = fma(min, total, v) through the blocks of a unit, then y = fma(−dmin, v, y), for a tile.
     *
     * @param mins [8][64]
     * @param minusDmin [64]
     * @param totals of four rows of X from {@code a0} on, those of the next block {@code step} later
     */
    static void finish(float[] mins, float[] minusDmin, float[] totals, int a0, int step, float[] y, int to) {
        for (int i = 0; i < COLUMNS; i += COUNT) {
            FloatVector v0 = FloatVector.zero(F);
            FloatVector v1 = v0;
            FloatVector v2 = v0;
            FloatVector v3 = v0;
            for (int block = 0; block < PackedLayout.UNIT; block++) {
                int a = a0 + block * step;
                FloatVector min = FloatVector.fromArray(F, mins, block * COLUMNS + i);
                v0 = min.fma(FloatVector.broadcast(F, totals[a]), v0);
                v1 = min.fma(FloatVector.broadcast(F, totals[a + 1]), v1);
                v2 = min.fma(FloatVector.broadcast(F, totals[a + 2]), v2);
                v3 = min.fma(FloatVector.broadcast(F, totals[a + 3]), v3);
            }
            FloatVector factor = FloatVector.fromArray(F, minusDmin, i);
            int at = to + i;
            factor.fma(v0, FloatVector.fromArray(F, y, at)).intoArray(y, at);
            at += COLUMNS;
            factor.fma(v1, FloatVector.fromArray(F, y, at)).intoArray(y, at);
            at += COLUMNS;
            factor.fma(v2, FloatVector.fromArray(F, y, at)).intoArray(y, at);
            at += COLUMNS;
            factor.fma(v3, FloatVector.fromArray(F, y, at)).intoArray(y, at);
        }
    }

    /**
     * v = fma(min₀·sum₀ + min₁·sum₁, a, v) through the blocks of a unit, then y = fma(−dmin, v, y), for a tile.
     *
     * @param mins [8][2][64]
     * @param minusDmin [64]
     * @param halfSums of four rows of X from 2·{@code a0} on, where in {@code a} their scales are from {@code a0} on
     */
    static void finishHalves(
            float[] mins, float[] minusDmin, float[] a, float[] halfSums, int a0, int step, float[] y, int to) {
        for (int m = 0; m < PackedTile.ROWS; m++) {
            for (int i = 0; i < COLUMNS; i += COUNT) {
                FloatVector v = FloatVector.zero(F);
                for (int block = 0; block < PackedLayout.UNIT; block++) {
                    int at = a0 + m + block * step;
                    int min = 2 * block * COLUMNS + i;
                    FloatVector first = FloatVector.fromArray(F, mins, min).mul(halfSums[2 * at]);
                    v = FloatVector.fromArray(F, mins, min + COLUMNS)
                            .fma(FloatVector.broadcast(F, halfSums[2 * at + 1]), first)
                            .fma(FloatVector.broadcast(F, a[at]), v);
                }
                int sum = to + m * COLUMNS + i;
                FloatVector.fromArray(F, minusDmin, i)
                        .fma(v, FloatVector.fromArray(F, y, sum))
                        .intoArray(y, sum);
            }
        }
    }
}
