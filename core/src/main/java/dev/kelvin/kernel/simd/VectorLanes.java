// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarVectors.LANES;

import dev.kelvin.kernel.VectorKernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums over vectors: which loop takes them, and those of one vector of floats. */
final class VectorLanes implements VectorKernels {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int GROUP = 4 * COUNT;

    /** Lanes of up to three sums, for what does not fill vectors. */
    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[3][LANES]);

    /** Whether so many elements are whole steps of all lanes. */
    private static boolean isWhole(int length) {
        return length % LANES == 0 && length > 0;
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        if (COUNT == 16 && isWhole(length)) {
            return DotProduct.four(a, aOffset, b, bOffset, length);
        }
        if (COUNT == 8 && isWhole(length)) {
            return DotProduct.eight(a, aOffset, b, bOffset, length);
        }
        return DotProduct.dot(a, aOffset, b, bOffset, length, SCRATCH.get()[0]);
    }

    @Override
    public float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
        if (COUNT == 16 && isWhole(length)) {
            return SquaredDistance.four(a, aOffset, b, bOffset, length);
        }
        if (COUNT == 8 && isWhole(length)) {
            return SquaredDistance.eight(a, aOffset, b, bOffset, length);
        }
        return SquaredDistance.distance(a, aOffset, b, bOffset, length, SCRATCH.get()[0]);
    }

    @Override
    public float cosine(float[] a, int aOffset, float[] b, int bOffset, int length) {
        return COUNT >= 8 && isWhole(length)
                ? CosineSums.whole(a, aOffset, b, bOffset, length)
                : CosineSums.cosine(a, aOffset, b, bOffset, length, SCRATCH.get());
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
        return LaneFold.fold(lanes);
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
        return LaneFold.fold(lanes);
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

    @Override
    public int dot(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        return ByteLanes.dot(a, aOffset, b, bOffset, length);
    }

    @Override
    public int squaredDistance(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        return ByteLanes.squaredDistance(a, aOffset, b, bOffset, length);
    }

    @Override
    public float cosine(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        return ByteLanes.cosine(a, aOffset, b, bOffset, length);
    }
}
