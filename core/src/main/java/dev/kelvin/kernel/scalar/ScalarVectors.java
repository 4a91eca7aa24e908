// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.VectorKernels;
import java.util.Arrays;

/**
 * The specification of sums over vectors: {@value #LANES} lanes, since two vectors alone offer no other independent
 * chains; lane l takes i ≡ l (mod 64), ascending, from +0; folded by halves, lane[l] + lane[l + half], down to one. A
 * product goes in by fma, a difference is rounded and then squared by fma, what is only added is added. Error of a sum
 * of n terms: at most (⌈n/64⌉ + 6)·u·Σ|term| to first order, u = 2⁻²⁴; squared distances have 2·u more.
 *
 * <p>A cosine takes its three sums in the same order, and one quotient of them in double, rounded once.
 *
 * <p>Sums of bytes are exact, so they have no order to fix.
 */
public final class ScalarVectors implements VectorKernels {
    /** Lanes of a sum. */
    public static final int LANES = 64;

    private static final ThreadLocal<float[]> SCRATCH = ThreadLocal.withInitial(() -> new float[LANES]);

    /** Kernels of plain loops. */
    public ScalarVectors() {}

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        float[] lanes = cleared();
        for (int i = 0; i < length; i++) {
            int l = i % LANES;
            lanes[l] = Math.fma(a[aOffset + i], b[bOffset + i], lanes[l]);
        }
        return fold(lanes);
    }

    @Override
    public float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
        float[] lanes = cleared();
        for (int i = 0; i < length; i++) {
            int l = i % LANES;
            float difference = a[aOffset + i] - b[bOffset + i];
            lanes[l] = Math.fma(difference, difference, lanes[l]);
        }
        return fold(lanes);
    }

    @Override
    public float cosine(float[] a, int aOffset, float[] b, int bOffset, int length) {
        return cosine(
                dot(a, aOffset, b, bOffset, length),
                dot(a, aOffset, a, aOffset, length),
                dot(b, bOffset, b, bOffset, length));
    }

    /** The quotient of the three sums. */
    public static float cosine(float product, float aSquares, float bSquares) {
        return (float) (product / Math.sqrt((double) aSquares * bSquares));
    }

    @Override
    public float sum(float[] x, int offset, int length) {
        float[] lanes = cleared();
        for (int i = 0; i < length; i++) {
            lanes[i % LANES] += x[offset + i];
        }
        return fold(lanes);
    }

    @Override
    public float absoluteSum(float[] x, int offset, int length) {
        float[] lanes = cleared();
        for (int i = 0; i < length; i++) {
            lanes[i % LANES] += Math.abs(x[offset + i]);
        }
        return fold(lanes);
    }

    private static float[] cleared() {
        float[] lanes = SCRATCH.get();
        Arrays.fill(lanes, 0);
        return lanes;
    }

    private static float fold(float[] lanes) {
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int l = 0; l < half; l++) {
                lanes[l] += lanes[l + half];
            }
        }
        return lanes[0];
    }

    @Override
    public int dot(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += a[aOffset + i] * b[bOffset + i];
        }
        return sum;
    }

    @Override
    public int squaredDistance(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            int difference = a[aOffset + i] - b[bOffset + i];
            sum += difference * difference;
        }
        return sum;
    }

    @Override
    public float cosine(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        return cosine(
                dot(a, aOffset, b, bOffset, length),
                dot(a, aOffset, a, aOffset, length),
                dot(b, bOffset, b, bOffset, length));
    }

    @Override
    public float cosine(byte[] a, int aOffset, int aSquares, byte[] b, int bOffset, int length) {
        return cosine(dot(a, aOffset, b, bOffset, length), aSquares, dot(b, bOffset, b, bOffset, length));
    }

    /** The quotient of three exact sums. */
    public static float cosine(int product, int aSquares, int bSquares) {
        return (float) (product / Math.sqrt((double) aSquares * bSquares));
    }
}
