// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * Sums over one or two vectors. Plain loops: {@code ScalarVectors}. Unlike other kernels, any number of threads may
 * call one instance: what a single vector costs is less than finding a thread's own.
 */
public interface VectorKernels {
    /** The most elements of bytes whose products an int can hold in any case: 128·128 each. */
    int MAX_BYTES_OF_DOT = Integer.MAX_VALUE >> 14;

    /** The same of squared differences: 255·255 each. */
    int MAX_BYTES_OF_DISTANCE = Integer.MAX_VALUE / (255 * 255);

    /** Σ a[i]·b[i]. */
    float dot(float[] a, int aOffset, float[] b, int bOffset, int length);

    /** Σ (a[i] − b[i])². */
    float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length);

    /** Σ a[i]·b[i] / √(Σ a[i]² · Σ b[i]²), NaN if a vector is 0. */
    float cosine(float[] a, int aOffset, float[] b, int bOffset, int length);

    /** Σ x[i]. */
    float sum(float[] x, int offset, int length);

    /** Σ |x[i]|. */
    float absoluteSum(float[] x, int offset, int length);

    /** Σ a[i]·b[i], exact; at most {@link #MAX_BYTES_OF_DOT} elements. */
    int dot(byte[] a, int aOffset, byte[] b, int bOffset, int length);

    /** Σ (a[i] − b[i])², exact; at most {@link #MAX_BYTES_OF_DISTANCE} elements. */
    int squaredDistance(byte[] a, int aOffset, byte[] b, int bOffset, int length);

    /** Σ a[i]·b[i] / √(Σ a[i]² · Σ b[i]²) of exact sums, NaN if a vector is 0; as many elements as a dot product. */
    float cosine(byte[] a, int aOffset, byte[] b, int bOffset, int length);

    /** The same where Σ a[i]² is known, as of a vector that is compared with many. */
    float cosine(byte[] a, int aOffset, int aSquares, byte[] b, int bOffset, int length);
}
