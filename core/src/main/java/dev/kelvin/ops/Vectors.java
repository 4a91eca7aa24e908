// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.VectorKernels;
import dev.kelvin.kernel.provider.KernelProvider;
import dev.kelvin.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * Sums over one or two vectors: so short that even asking whether another call runs would show. So they belong to no
 * {@link Compute}, may be called by any number of threads at once, and compute on the caller's.
 *
 * <p>Sums of floats have one canonical order: 64 lanes, lane l takes i ≡ l (mod 64), ascending, by fused multiply-add
 * where there is a product, folded by halves. The error of a sum of n terms is at most (⌈n/64⌉ + 6)·2⁻²⁴ times the sum
 * of their magnitudes, up to terms of second order. Vectors of F16 and BF16 are decoded, which is exact, and then the
 * same. Sums of bytes are exact.
 *
 * <p>A range that does not lie within its array or segment is refused with an {@link IllegalArgumentException}.
 * {@link Search} compares one vector with many.
 */
public final class Vectors {
    /** Below this a square has lost bits, and a norm is computed in double. */
    private static final float SMALL = 0x1p-80f;

    private static final VectorKernels KERNELS;
    private static final ElementKernels ELEMENTS;

    static {
        Kernels kernels = KernelProvider.create();
        KERNELS = kernels.vectors();
        ELEMENTS = kernels.elements();
    }

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** What a thread decodes to. */
    private static final class Scratch {
        float[] a = new float[0];
        float[] b = new float[0];
        byte[] aBytes = new byte[0];
        byte[] bBytes = new byte[0];

        void reserve(int length) {
            if (a.length < length) {
                a = new float[length];
                b = new float[length];
            }
        }

        void reserveBytes(int length) {
            if (aBytes.length < length) {
                aBytes = new byte[length];
                bBytes = new byte[length];
            }
        }
    }

    private Vectors() {}

    private static void check(String operation, String name, int available, int offset, int length) {
        if (offset < 0 || length < 0 || length > available - offset) {
            throw new IllegalArgumentException(operation + ": " + name + " has " + available + " elements, not "
                    + length + " from " + offset + " on");
        }
    }

    private static int sameLength(String operation, int a, int b) {
        if (a != b) {
            throw new IllegalArgumentException(operation + ": a has " + a + " elements and b " + b);
        }
        return a;
    }

    private static void limit(String operation, int length, int most) {
        if (length > most) {
            throw new IllegalArgumentException(
                    operation + ": an int holds the sum of at most " + most + " bytes, not " + length);
        }
    }

    /**
     * The dot product Σ a[i]·b[i].
     *
     * @param a a vector
     * @param b another of the same length
     * @return the sum
     */
    public static float dot(float[] a, float[] b) {
        return KERNELS.dot(a, 0, b, 0, sameLength("dot", a.length, b.length));
    }

    /** {@link #dot(float[], float[])} of {@code length} elements from the offsets on. */
    public static float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        check("dot", "a", a.length, aOffset, length);
        check("dot", "b", b.length, bOffset, length);
        return KERNELS.dot(a, aOffset, b, bOffset, length);
    }

    /**
     * The squared Euclidean distance Σ (a[i] − b[i])²; its error has 2·2⁻²⁴ more than that of a sum.
     *
     * @param a a vector
     * @param b another of the same length
     * @return the sum
     */
    public static float squaredDistance(float[] a, float[] b) {
        int length = sameLength("squaredDistance", a.length, b.length);
        return KERNELS.squaredDistance(a, 0, b, 0, length);
    }

    /** {@link #squaredDistance(float[], float[])} of {@code length} elements from the offsets on. */
    public static float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
        check("squaredDistance", "a", a.length, aOffset, length);
        check("squaredDistance", "b", b.length, bOffset, length);
        return KERNELS.squaredDistance(a, aOffset, b, bOffset, length);
    }

    /**
     * The cosine of the angle between two vectors, Σ a[i]·b[i] / √(Σ a[i]² · Σ b[i]²): three sums, and one quotient of
     * them in double. NaN if a vector is 0.
     *
     * @param a a vector
     * @param b another of the same length
     * @return the cosine, which rounding may leave a few 2⁻²⁴ outside of [−1, 1]
     */
    public static float cosine(float[] a, float[] b) {
        return KERNELS.cosine(a, 0, b, 0, sameLength("cosine", a.length, b.length));
    }

    /** {@link #cosine(float[], float[])} of {@code length} elements from the offsets on. */
    public static float cosine(float[] a, int aOffset, float[] b, int bOffset, int length) {
        check("cosine", "a", a.length, aOffset, length);
        check("cosine", "b", b.length, bOffset, length);
        return KERNELS.cosine(a, aOffset, b, bOffset, length);
    }

    /**
     * The Euclidean norm √(Σ x[i]²), which neither overflows nor underflows on the way: where the sum would, it is
     * taken in double, ascending.
     *
     * @param x holds the vector
     * @param offset its first element
     * @param length how many
     * @return the norm
     */
    public static float norm(float[] x, int offset, int length) {
        check("norm", "x", x.length, offset, length);
        float squares = KERNELS.dot(x, offset, x, offset, length);
        if (squares >= SMALL && squares < Float.POSITIVE_INFINITY) {
            return (float) Math.sqrt((double) squares);
        }
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (double) x[offset + i] * x[offset + i];
        }
        return (float) Math.sqrt(sum);
    }

    /** {@link #norm(float[], int, int)} of a whole array. */
    public static float norm(float[] x) {
        return norm(x, 0, x.length);
    }

    /** The sum of {@code length} elements from the offset on. */
    public static float sum(float[] x, int offset, int length) {
        check("sum", "x", x.length, offset, length);
        return KERNELS.sum(x, offset, length);
    }

    /** The sum of the magnitudes of {@code length} elements from the offset on. */
    public static float absoluteSum(float[] x, int offset, int length) {
        check("absoluteSum", "x", x.length, offset, length);
        return KERNELS.absoluteSum(x, offset, length);
    }

    /** The mean of {@code length} elements from the offset on: their sum, divided in double; NaN if there is none. */
    public static float mean(float[] x, int offset, int length) {
        return (float) (sum(x, offset, length) / (double) length);
    }

    /**
     * y[i] = fma(α, x[i], y[i]).
     *
     * @param alpha α
     * @param x holds what is added
     * @param xOffset its first element
     * @param y is added to; may be {@code x} at the same offset, else may not overlap it
     * @param yOffset its first element
     * @param length how many
     */
    public static void axpy(float alpha, float[] x, int xOffset, float[] y, int yOffset, int length) {
        check("axpy", "x", x.length, xOffset, length);
        check("axpy", "y", y.length, yOffset, length);
        ELEMENTS.addMultiple(x, xOffset, y, yOffset, length, alpha);
    }

    /**
     * x[i] = x[i]·α.
     *
     * @param alpha α
     * @param x is changed
     * @param offset its first element
     * @param length how many
     */
    public static void scale(float alpha, float[] x, int offset, int length) {
        check("scale", "x", x.length, offset, length);
        ELEMENTS.scale(x, offset, x, offset, length, alpha);
    }

    /**
     * Σ a[i]·b[i] of bytes, exact.
     *
     * @param a holds a vector of at most {@value VectorKernels#MAX_BYTES_OF_DOT} elements
     * @param aOffset its first element
     * @param b holds the other one
     * @param bOffset its first element
     * @param length how many
     * @return the sum
     */
    public static int dot(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        check("dot", "a", a.length, aOffset, length);
        check("dot", "b", b.length, bOffset, length);
        limit("dot", length, VectorKernels.MAX_BYTES_OF_DOT);
        return KERNELS.dot(a, aOffset, b, bOffset, length);
    }

    /**
     * Σ (a[i] − b[i])² of bytes, exact.
     *
     * @param a holds a vector of at most {@value VectorKernels#MAX_BYTES_OF_DISTANCE} elements
     * @param aOffset its first element
     * @param b holds the other one
     * @param bOffset its first element
     * @param length how many
     * @return the sum
     */
    public static int squaredDistance(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        check("squaredDistance", "a", a.length, aOffset, length);
        check("squaredDistance", "b", b.length, bOffset, length);
        limit("squaredDistance", length, VectorKernels.MAX_BYTES_OF_DISTANCE);
        return KERNELS.squaredDistance(a, aOffset, b, bOffset, length);
    }

    /** The cosine of vectors of bytes: three exact sums, one quotient in double, rounded once. */
    public static float cosine(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        check("cosine", "a", a.length, aOffset, length);
        check("cosine", "b", b.length, bOffset, length);
        limit("cosine", length, VectorKernels.MAX_BYTES_OF_DOT);
        return KERNELS.cosine(a, aOffset, b, bOffset, length);
    }

    /**
     * The dot product of vectors in memory segments of any kind.
     *
     * @param type of the elements, little-endian: F32, F16, BF16, or I8, of which the sum is exact until it is rounded
     * @param a holds a vector
     * @param aOffset its first element, in elements
     * @param b holds the other one
     * @param bOffset its first element, in elements
     * @param length how many
     * @return the sum
     */
    public static float dot(DType type, MemorySegment a, long aOffset, MemorySegment b, long bOffset, int length) {
        Scratch scratch = load("dot", type, a, aOffset, b, bOffset, length);
        return type == DType.I8
                ? dot(scratch.aBytes, 0, scratch.bBytes, 0, length)
                : KERNELS.dot(scratch.a, 0, scratch.b, 0, length);
    }

    /**
     * The squared distance, with the parameters of {@link #dot(DType, MemorySegment, long, MemorySegment, long, int)}.
     */
    public static float squaredDistance(
            DType type, MemorySegment a, long aOffset, MemorySegment b, long bOffset, int length) {
        Scratch scratch = load("squaredDistance", type, a, aOffset, b, bOffset, length);
        return type == DType.I8
                ? squaredDistance(scratch.aBytes, 0, scratch.bBytes, 0, length)
                : KERNELS.squaredDistance(scratch.a, 0, scratch.b, 0, length);
    }

    /** The cosine, with the parameters of {@link #dot(DType, MemorySegment, long, MemorySegment, long, int)}. */
    public static float cosine(DType type, MemorySegment a, long aOffset, MemorySegment b, long bOffset, int length) {
        Scratch scratch = load("cosine", type, a, aOffset, b, bOffset, length);
        return type == DType.I8
                ? cosine(scratch.aBytes, 0, scratch.bBytes, 0, length)
                : KERNELS.cosine(scratch.a, 0, scratch.b, 0, length);
    }

    private static Scratch load(
            String operation, DType type, MemorySegment a, long aOffset, MemorySegment b, long bOffset, int length) {
        if (!ElementReader.reads(type)) {
            throw new IllegalArgumentException(
                    operation + ": of type " + type + ", but F32, F16, BF16 or I8 is wanted");
        }
        ElementReader.check(operation, "a", type, a, aOffset, length);
        ElementReader.check(operation, "b", type, b, bOffset, length);
        Scratch scratch = SCRATCH.get();
        if (type == DType.I8) {
            scratch.reserveBytes(length);
            ElementReader.bytes(a, aOffset, scratch.aBytes, length);
            ElementReader.bytes(b, bOffset, scratch.bBytes, length);
        } else {
            scratch.reserve(length);
            ElementReader.floats(type, a, aOffset, scratch.a, length);
            ElementReader.floats(type, b, bOffset, scratch.b, length);
        }
        return scratch;
    }
}
