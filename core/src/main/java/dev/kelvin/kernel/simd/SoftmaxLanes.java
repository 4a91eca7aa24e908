// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.ScalarKernels.BLOCK;
import static dev.kelvin.kernel.ScalarKernels.CHUNK;
import static dev.kelvin.kernel.ScalarKernels.LANES;
import static dev.kelvin.kernel.ScalarKernels.ROUND;
import static dev.kelvin.kernel.ScalarKernels.STEP;

import dev.kelvin.kernel.ScalarKernels;
import dev.kelvin.kernel.SoftmaxScale;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The passes of a softmax over one row. A chunk of 4096 numerators is computed and stored, then summed from the
 * first-level cache (16 KiB): the numerator alone fills the compiler's budget of vector operations a method, and a loop
 * over 512 of them at a time is too short to pay for its prologue and epilogue.
 */
final class SoftmaxLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    /** n + 64 in the exponent; see {@link ScalarKernels#softmaxNumerator}. */
    private static final int EXPONENT_OFFSET = 64 << 23;

    private final float[] shortBlock = new float[BLOCK];
    private final float[] lanes = new float[LANES];
    private final double[] doubleLanes = new double[LANES];

    static float max(float[] x, int offset, int length) {
        FloatVector a = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = 0;
        for (; i <= length - 4 * COUNT; i += 4 * COUNT) {
            a = a.max(FloatVector.fromArray(F, x, offset + i));
            b = b.max(FloatVector.fromArray(F, x, offset + i + COUNT));
            c = c.max(FloatVector.fromArray(F, x, offset + i + 2 * COUNT));
            d = d.max(FloatVector.fromArray(F, x, offset + i + 3 * COUNT));
        }
        // The maximum has no order: any reduction gives the same bits, and NaN wins in each.
        float max = a.max(b).max(c.max(d)).reduceLanes(VectorOperators.MAX);
        for (; i < length; i++) {
            max = Math.max(max, x[offset + i]);
        }
        return Float.isNaN(max) ? Float.NaN : max;
    }

    double expSum(float[] x, int xOffset, float[] e, int eOffset, int length, float max, SoftmaxScale scale) {
        double total = 0;
        for (int chunk = 0; chunk < length; chunk += CHUNK) {
            int chunkEnd = Math.min(length, chunk + CHUNK);
            numerators(x, xOffset + chunk, e, eOffset + chunk, chunkEnd - chunk, max, scale);
            Arrays.fill(doubleLanes, 0);
            for (int block = chunk; block < chunkEnd; block += BLOCK) {
                int count = Math.min(BLOCK, chunkEnd - block);
                if (count == BLOCK) {
                    sumBlock(e, eOffset + block);
                } else {
                    System.arraycopy(e, eOffset + block, shortBlock, 0, count);
                    Arrays.fill(shortBlock, count, BLOCK, 0);
                    sumBlock(shortBlock, 0);
                }
                for (int l = 0; l < LANES; l++) {
                    doubleLanes[l] += lanes[l];
                }
            }
            total += ScalarKernels.foldDoubles(doubleLanes);
        }
        return total;
    }

    private static void numerators(
            float[] x, int xOffset, float[] e, int eOffset, int length, float max, SoftmaxScale scale) {
        FloatVector high = FloatVector.broadcast(F, scale.high());
        FloatVector low = FloatVector.broadcast(F, scale.low());
        FloatVector maximum = FloatVector.broadcast(F, max);
        FloatVector minusMaximum = FloatVector.broadcast(F, -max);
        float cutoff = scale.cutoff();
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector xi = FloatVector.fromArray(F, x, xOffset + i);
            FloatVector d = xi.sub(maximum);
            FloatVector back = d.sub(xi);
            FloatVector dLow = xi.sub(d.sub(back)).add(minusMaximum.sub(back));
            FloatVector y = d.mul(high);
            FloatVector q = d.lanewise(VectorOperators.FMA, high, y.neg());
            q = d.lanewise(VectorOperators.FMA, low, q);
            q = dLow.lanewise(VectorOperators.FMA, high, q);
            FloatVector r = y.add(ROUND);
            FloatVector p = Exponential.pow2(y.sub(r.sub(ROUND)).add(q));
            IntVector exponent =
                    r.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(EXPONENT_OFFSET);
            p.reinterpretAsInts()
                    .add(exponent)
                    .reinterpretAsFloats()
                    .mul(0x1p-64f)
                    .blend(0f, d.compare(VectorOperators.LT, cutoff))
                    .intoArray(e, eOffset + i);
        }
        for (; i < length; i++) {
            e[eOffset + i] = ScalarKernels.softmaxNumerator(x[xOffset + i], max, scale);
        }
    }

    /** Leaves the 16 lanes of a full block in {@link #lanes}. */
    private void sumBlock(float[] e, int offset) {
        for (int group = 0; group < LANES; group += COUNT) {
            // From +0, where the specification takes the first step as it is: numerators are never -0, so the bits are
            // the same, and the loop carries its vector in a register.
            FloatVector sum = FloatVector.zero(F);
            int begin = offset + group;
            for (int step = 0; step < BLOCK; step += STEP) {
                FloatVector a = FloatVector.fromArray(F, e, begin + step);
                FloatVector b = FloatVector.fromArray(F, e, begin + step + 16);
                FloatVector c = FloatVector.fromArray(F, e, begin + step + 32);
                FloatVector d = FloatVector.fromArray(F, e, begin + step + 48);
                sum = sum.add(a.add(b).add(c.add(d)));
            }
            sum.intoArray(lanes, group);
        }
    }

    static void logProbs(
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int length,
            float max,
            float inverseTemperature,
            float logSum) {
        FloatVector inverse = FloatVector.broadcast(F, inverseTemperature);
        FloatVector minusLogSum = FloatVector.broadcast(F, -logSum);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .sub(max)
                    .lanewise(VectorOperators.FMA, inverse, minusLogSum)
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = Math.fma(x[xOffset + i] - max, inverseTemperature, -logSum);
        }
    }
}
