// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarVectors.LANES;

import dev.kelvin.kernel.VectorKernels;
import dev.kelvin.kernel.scalar.ScalarVectors;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over vectors of floats, four vectors of lanes at a time: where those are not all 64, the loop runs once a group
 * of lanes.
 */
final class VectorLanes implements VectorKernels {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int GROUP = 4 * COUNT;

    private final float[] lanes = new float[LANES];
    private final float[] aLanes = new float[LANES];
    private final float[] bLanes = new float[LANES];

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        int end = length - length % LANES;
        if (end == 0) {
            // A loop that never runs would be compiled with its vectors boxed.
            Arrays.fill(lanes, 0);
        } else {
            products(a, aOffset, b, bOffset, end);
        }
        for (int l = 0; end + l < length; l++) {
            lanes[l] = Math.fma(a[aOffset + end + l], b[bOffset + end + l], lanes[l]);
        }
        return fold(lanes);
    }

    private void products(float[] a, int aOffset, float[] b, int bOffset, int end) {
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

    @Override
    public float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
        int end = length - length % LANES;
        if (end == 0) {
            Arrays.fill(lanes, 0);
        } else {
            distances(a, aOffset, b, bOffset, end);
        }
        for (int l = 0; end + l < length; l++) {
            float difference = a[aOffset + end + l] - b[bOffset + end + l];
            lanes[l] = Math.fma(difference, difference, lanes[l]);
        }
        return fold(lanes);
    }

    private void distances(float[] a, int aOffset, float[] b, int bOffset, int end) {
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

    @Override
    public float cosine(float[] a, int aOffset, float[] b, int bOffset, int length) {
        int end = length - length % LANES;
        if (end == 0) {
            Arrays.fill(lanes, 0);
            Arrays.fill(aLanes, 0);
            Arrays.fill(bLanes, 0);
        } else {
            allThree(a, aOffset, b, bOffset, end);
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
    private void allThree(float[] a, int aOffset, float[] b, int bOffset, int end) {
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

    @Override
    public float sum(float[] x, int offset, int length) {
        int end = length - length % LANES;
        if (end == 0) {
            Arrays.fill(lanes, 0);
        } else {
            sums(x, offset, end);
        }
        for (int l = 0; end + l < length; l++) {
            lanes[l] += x[offset + end + l];
        }
        return fold(lanes);
    }

    private void sums(float[] x, int offset, int end) {
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
        if (end == 0) {
            Arrays.fill(lanes, 0);
        } else {
            absoluteSums(x, offset, end);
        }
        for (int l = 0; end + l < length; l++) {
            lanes[l] += Math.abs(x[offset + end + l]);
        }
        return fold(lanes);
    }

    private void absoluteSums(float[] x, int offset, int end) {
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
