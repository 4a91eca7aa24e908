// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarSoftmax.LANES;
import static dev.kelvin.kernel.scalar.ScalarSoftmax.STEP;

import dev.kelvin.kernel.scalar.ScalarSoftmax;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The sums of a softmax, level by level, in the order of {@link ScalarSoftmax}. */
final class SumTree {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int COUNT = Lanes.COUNT;

    /** 0, 1, 2, ... */
    private static final int[] PLACES = new int[COUNT];

    static {
        for (int i = 0; i < COUNT; i++) {
            PLACES[i] = i;
        }
    }

    private SumTree() {}

    /**
     * The sum of a tree, of the level that holds so many sums.
     *
     * @param trees holds it
     * @param tree its first float
     * @param sums those of the level, a multiple of 16
     */
    static double addUp(float[] trees, int tree, int sums) {
        int count = sums;
        while (count > LANES) {
            int whole = count - count % STEP;
            if (whole > 0) {
                quarter(trees, tree, whole, trees, tree);
            }
            if (whole < count) {
                fewer(trees, tree + whole, count - whole, tree + whole / 4);
            }
            count = (count + STEP - 1) / STEP * LANES;
        }
        return ScalarSoftmax.fold(trees, tree);
    }

    /** One level of the tree of sums over whole steps; {@code to} may be {@code from}, at the same place or before. */
    static void quarter(float[] from, int offset, int length, float[] to, int toOffset) {
        for (int step = 0; step < length; step += STEP) {
            for (int group = 0; group < LANES; group += COUNT) {
                int at = offset + step + group;
                FloatVector a = FloatVector.fromArray(F, from, at);
                FloatVector b = FloatVector.fromArray(F, from, at + LANES);
                FloatVector c = FloatVector.fromArray(F, from, at + 2 * LANES);
                FloatVector d = FloatVector.fromArray(F, from, at + 3 * LANES);
                a.add(b).add(c.add(d)).intoArray(to, toOffset + step / 4 + group);
            }
        }
    }

    /** The same of less than a step: of 16, 32 or 48 sums. */
    private static void fewer(float[] sums, int offset, int length, int toOffset) {
        for (int group = 0; group < LANES; group += COUNT) {
            int at = offset + group;
            FloatVector sum = FloatVector.fromArray(F, sums, at);
            if (length > LANES) {
                sum = sum.add(FloatVector.fromArray(F, sums, at + LANES));
            }
            if (length > 2 * LANES) {
                sum = sum.add(FloatVector.fromArray(F, sums, at + 2 * LANES));
            }
            sum.intoArray(sums, toOffset + group);
        }
    }

    /** The same of one step, of which only the first elements count. */
    static void incompleteQuarter(float[] from, int offset, int length, float[] to, int toOffset) {
        IntVector places = IntVector.fromArray(I, PLACES, 0);
        FloatVector zero = FloatVector.zero(F);
        for (int group = 0; group < LANES; group += COUNT) {
            int at = offset + group;
            int count = length - group;
            FloatVector a = FloatVector.fromArray(F, from, at);
            FloatVector b = FloatVector.fromArray(F, from, at + LANES);
            FloatVector c = FloatVector.fromArray(F, from, at + 2 * LANES);
            FloatVector d = FloatVector.fromArray(F, from, at + 3 * LANES);
            a = zero.blend(a, places.compare(VectorOperators.LT, count).cast(F));
            b = zero.blend(b, places.compare(VectorOperators.LT, count - LANES).cast(F));
            c = zero.blend(
                    c, places.compare(VectorOperators.LT, count - 2 * LANES).cast(F));
            d = zero.blend(
                    d, places.compare(VectorOperators.LT, count - 3 * LANES).cast(F));
            a.add(b).add(c.add(d)).intoArray(to, toOffset + group);
        }
    }
}
