// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarVectors.LANES;

import dev.kelvin.kernel.VectorKernels;
import dev.kelvin.kernel.scalar.ScalarVectors;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over vectors of floats, four vectors of lanes at a time: where those are not all 64, the loop runs once a group
 * of lanes.
 */
final class VectorLanes implements VectorKernels {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int GROUP = 4 * COUNT;

    /** Whether four vectors hold all lanes. */
    private static final boolean AT_ONCE = GROUP == LANES;

    private static final VectorShuffle<Float> SWAP_8 = GemmTile.swap(8);
    private static final VectorShuffle<Float> SWAP_4 = GemmTile.swap(4);
    private static final VectorShuffle<Float> SWAP_2 = GemmTile.swap(2);
    private static final VectorShuffle<Float> SWAP_1 = GemmTile.swap(1);

    /** Lanes of up to three sums, for what does not fill four vectors at once. */
    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[3][LANES]);

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        int end = length - length % LANES;
        if (AT_ONCE && end == length && length > 0) {
            return product(a, aOffset, b, bOffset, length);
        }
        float[] lanes = SCRATCH.get()[0];
        if (end == 0) {
            // A loop that never runs would be compiled with its vectors boxed.
            Arrays.fill(lanes, 0);
        } else {
            products(a, aOffset, b, bOffset, end, lanes);
        }
        for (int l = 0; end + l < length; l++) {
            lanes[l] = Math.fma(a[aOffset + end + l], b[bOffset + end + l], lanes[l]);
        }
        return fold(lanes);
    }

    private static void products(float[] a, int aOffset, float[] b, int bOffset, int end, float[] lanes) {
        for (int group = 0; group < LANES; group += GROUP) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int i = group; i < end; i += LANES) {
                int ai = aOffset + i;
                int bi = bOffset + i;
                s0 = FloatVector.fromArray(F, a, ai).fma(FloatVector.fromArray(F, b, bi), s0);
                s1 = FloatVector.fromArray(F, a, ai + COUNT).fma(FloatVector.fromArray(F, b, bi + COUNT), s1);
                s2 = FloatVector.fromArray(F, a, ai + 2 * COUNT).fma(FloatVector.fromArray(F, b, bi + 2 * COUNT), s2);
                s3 = FloatVector.fromArray(F, a, ai + 3 * COUNT).fma(FloatVector.fromArray(F, b, bi + 3 * COUNT), s3);
            }
            s0.intoArray(lanes, group);
            s1.intoArray(lanes, group + COUNT);
            s2.intoArray(lanes, group + 2 * COUNT);
            s3.intoArray(lanes, group + 3 * COUNT);
        }
    }

    /** All lanes at once, to the sum: nothing of whole steps goes through memory. */
    private static float product(float[] a, int aOffset, float[] b, int bOffset, int length) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int i = 0; i < length; i += LANES) {
            int ai = aOffset + i;
            int bi = bOffset + i;
            s0 = FloatVector.fromArray(F, a, ai).fma(FloatVector.fromArray(F, b, bi), s0);
            s1 = FloatVector.fromArray(F, a, ai + COUNT).fma(FloatVector.fromArray(F, b, bi + COUNT), s1);
            s2 = FloatVector.fromArray(F, a, ai + 2 * COUNT).fma(FloatVector.fromArray(F, b, bi + 2 * COUNT), s2);
            s3 = FloatVector.fromArray(F, a, ai + 3 * COUNT).fma(FloatVector.fromArray(F, b, bi + 3 * COUNT), s3);
        }
        return fold(s0.add(s2).add(s1.add(s3)));
    }

    /** 16 lanes to one. */
    private static float fold(FloatVector sixteen) {
        FloatVector eight = sixteen.add(sixteen.rearrange(SWAP_8));
        FloatVector four = eight.add(eight.rearrange(SWAP_4));
        FloatVector two = four.add(four.rearrange(SWAP_2));
        return two.add(two.rearrange(SWAP_1)).lane(0);
    }

    @Override
    public float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
        int end = length - length % LANES;
        if (AT_ONCE && end == length && length > 0) {
            return distance(a, aOffset, b, bOffset, length);
        }
        float[] lanes = SCRATCH.get()[0];
        if (end == 0) {
            Arrays.fill(lanes, 0);
        } else {
            distances(a, aOffset, b, bOffset, end, lanes);
        }
        for (int l = 0; end + l < length; l++) {
            float difference = a[aOffset + end + l] - b[bOffset + end + l];
            lanes[l] = Math.fma(difference, difference, lanes[l]);
        }
        return fold(lanes);
    }

    private static void distances(float[] a, int aOffset, float[] b, int bOffset, int end, float[] lanes) {
        for (int group = 0; group < LANES; group += GROUP) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int i = group; i < end; i += LANES) {
                int ai = aOffset + i;
                int bi = bOffset + i;
                FloatVector d0 = FloatVector.fromArray(F, a, ai).sub(FloatVector.fromArray(F, b, bi));
                FloatVector d1 = FloatVector.fromArray(F, a, ai + COUNT).sub(FloatVector.fromArray(F, b, bi + COUNT));
                FloatVector d2 =
                        FloatVector.fromArray(F, a, ai + 2 * COUNT).sub(FloatVector.fromArray(F, b, bi + 2 * COUNT));
                FloatVector d3 =
                        FloatVector.fromArray(F, a, ai + 3 * COUNT).sub(FloatVector.fromArray(F, b, bi + 3 * COUNT));
                s0 = d0.fma(d0, s0);
                s1 = d1.fma(d1, s1);
                s2 = d2.fma(d2, s2);
                s3 = d3.fma(d3, s3);
            }
            s0.intoArray(lanes, group);
            s1.intoArray(lanes, group + COUNT);
            s2.intoArray(lanes, group + 2 * COUNT);
            s3.intoArray(lanes, group + 3 * COUNT);
        }
    }

    private static float distance(float[] a, int aOffset, float[] b, int bOffset, int length) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int i = 0; i < length; i += LANES) {
            int ai = aOffset + i;
            int bi = bOffset + i;
            FloatVector d = FloatVector.fromArray(F, a, ai).sub(FloatVector.fromArray(F, b, bi));
            s0 = d.fma(d, s0);
            d = FloatVector.fromArray(F, a, ai + COUNT).sub(FloatVector.fromArray(F, b, bi + COUNT));
            s1 = d.fma(d, s1);
            d = FloatVector.fromArray(F, a, ai + 2 * COUNT).sub(FloatVector.fromArray(F, b, bi + 2 * COUNT));
            s2 = d.fma(d, s2);
            d = FloatVector.fromArray(F, a, ai + 3 * COUNT).sub(FloatVector.fromArray(F, b, bi + 3 * COUNT));
            s3 = d.fma(d, s3);
        }
        return fold(s0.add(s2).add(s1.add(s3)));
    }

    @Override
    public float cosine(float[] a, int aOffset, float[] b, int bOffset, int length) {
        int end = length - length % LANES;
        if (AT_ONCE && end == length && length > 0) {
            return angle(a, aOffset, b, bOffset, length);
        }
        float[][] all = SCRATCH.get();
        float[] lanes = all[0];
        float[] aLanes = all[1];
        float[] bLanes = all[2];
        if (end == 0) {
            Arrays.fill(lanes, 0);
            Arrays.fill(aLanes, 0);
            Arrays.fill(bLanes, 0);
        } else {
            allThree(a, aOffset, b, bOffset, end, all);
        }
        for (int l = 0; end + l < length; l++) {
            float x = a[aOffset + end + l];
            float y = b[bOffset + end + l];
            lanes[l] = Math.fma(x, y, lanes[l]);
            aLanes[l] = Math.fma(x, x, aLanes[l]);
            bLanes[l] = Math.fma(y, y, bLanes[l]);
        }
        return ScalarVectors.cosine(fold(lanes), fold(aLanes), fold(bLanes));
    }

    /** Two vectors of lanes at a time, six sums: more would not leave registers for their operands on AVX2. */
    private static void allThree(float[] a, int aOffset, float[] b, int bOffset, int end, float[][] all) {
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

    private static float angle(float[] a, int aOffset, float[] b, int bOffset, int length) {
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
        for (int i = 0; i < length; i += LANES) {
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
            x = FloatVector.fromArray(F, a, aOffset + i + 2 * COUNT);
            y = FloatVector.fromArray(F, b, bOffset + i + 2 * COUNT);
            s2 = x.fma(y, s2);
            p2 = x.fma(x, p2);
            q2 = y.fma(y, q2);
            x = FloatVector.fromArray(F, a, aOffset + i + 3 * COUNT);
            y = FloatVector.fromArray(F, b, bOffset + i + 3 * COUNT);
            s3 = x.fma(y, s3);
            p3 = x.fma(x, p3);
            q3 = y.fma(y, q3);
        }
        float product = fold(s0.add(s2).add(s1.add(s3)));
        float aSquares = fold(p0.add(p2).add(p1.add(p3)));
        return ScalarVectors.cosine(product, aSquares, fold(q0.add(q2).add(q1.add(q3))));
    }

    @Override
    public float sum(float[] x, int offset, int length) {
        int end = length - length % LANES;
        float[] lanes = SCRATCH.get()[0];
        if (end == 0) {
            Arrays.fill(lanes, 0);
        } else {
            sums(x, offset, end, lanes);
        }
        for (int l = 0; end + l < length; l++) {
            lanes[l] += x[offset + end + l];
        }
        return fold(lanes);
    }

    private static void sums(float[] x, int offset, int end, float[] lanes) {
        for (int group = 0; group < LANES; group += GROUP) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int i = group; i < end; i += LANES) {
                s0 = s0.add(FloatVector.fromArray(F, x, offset + i));
                s1 = s1.add(FloatVector.fromArray(F, x, offset + i + COUNT));
                s2 = s2.add(FloatVector.fromArray(F, x, offset + i + 2 * COUNT));
                s3 = s3.add(FloatVector.fromArray(F, x, offset + i + 3 * COUNT));
            }
            s0.intoArray(lanes, group);
            s1.intoArray(lanes, group + COUNT);
            s2.intoArray(lanes, group + 2 * COUNT);
            s3.intoArray(lanes, group + 3 * COUNT);
        }
    }

    @Override
    public float absoluteSum(float[] x, int offset, int length) {
        int end = length - length % LANES;
        float[] lanes = SCRATCH.get()[0];
        if (end == 0) {
            Arrays.fill(lanes, 0);
        } else {
            absoluteSums(x, offset, end, lanes);
        }
        for (int l = 0; end + l < length; l++) {
            lanes[l] += Math.abs(x[offset + end + l]);
        }
        return fold(lanes);
    }

    private static void absoluteSums(float[] x, int offset, int end, float[] lanes) {
        for (int group = 0; group < LANES; group += GROUP) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int i = group; i < end; i += LANES) {
                s0 = s0.add(FloatVector.fromArray(F, x, offset + i).abs());
                s1 = s1.add(FloatVector.fromArray(F, x, offset + i + COUNT).abs());
                s2 = s2.add(FloatVector.fromArray(F, x, offset + i + 2 * COUNT).abs());
                s3 = s3.add(FloatVector.fromArray(F, x, offset + i + 3 * COUNT).abs());
            }
            s0.intoArray(lanes, group);
            s1.intoArray(lanes, group + COUNT);
            s2.intoArray(lanes, group + 2 * COUNT);
            s3.intoArray(lanes, group + 3 * COUNT);
        }
    }

    /** 64 lanes to 16 on vectors, and those to one. */
    private static float fold(float[] lanes) {
        for (int l = 0; l < 16; l += COUNT) {
            FloatVector a = FloatVector.fromArray(F, lanes, l);
            FloatVector b = FloatVector.fromArray(F, lanes, l + 16);
            FloatVector c = FloatVector.fromArray(F, lanes, l + 32);
            FloatVector d = FloatVector.fromArray(F, lanes, l + 48);
            a.add(c).add(b.add(d)).intoArray(lanes, l);
        }
        return Gemm.fold(lanes, 0);
    }

    @Override
    public int dot(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        return ByteLanes.dot(a, aOffset, b, bOffset, length);
    }

    @Override
    public int squaredDistance(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        return ByteLanes.squaredDistance(a, aOffset, b, bOffset, length);
    }
}
