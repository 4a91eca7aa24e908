// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.blas;

import dev.kelvin.ops.Vectors;

/**
 * Level 1 of BLAS: vectors of n elements, {@code inc} elements apart; with a negative increment the first of them lies
 * last. Those that lie apart are brought together first, so their sums are the same bits.
 */
abstract class VectorRoutines {
    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[2][0]);

    VectorRoutines() {}

    static void checkArgument(String routine, int parameter, boolean legal) {
        if (!legal) {
            throw new IllegalArgumentException(
                    "** On entry to '" + routine + "' parameter number " + parameter + " had an illegal value");
        }
    }

    static void checkIndex(long index, int length) {
        if (index < 0 || index >= length) {
            throw new IndexOutOfBoundsException("Index " + index + " out of bounds for length " + length);
        }
    }

    static void checkVector(int n, float[] x, int offset, int inc) {
        checkIndex(offset, x.length);
        checkIndex(last(offset, n, inc), x.length);
    }

    private static long last(int offset, int n, int inc) {
        return offset + (n - 1L) * Math.abs((long) inc);
    }

    /** Where element 0 lies. */
    static int first(int offset, int n, int inc) {
        return inc >= 0 ? offset : (int) last(offset, n, inc);
    }

    private static float[] together(int which, int n, float[] x, int offset, int inc) {
        float[][] scratch = SCRATCH.get();
        if (scratch[which].length < n) {
            scratch[which] = new float[n];
        }
        float[] to = scratch[which];
        int from = first(offset, n, inc);
        for (int i = 0; i < n; i++) {
            to[i] = x[from + i * inc];
        }
        return to;
    }

    /** {@link #sdot(int, float[], int, int, float[], int, int)} from element 0 on. */
    public float sdot(int n, float[] x, int incx, float[] y, int incy) {
        return sdot(n, x, 0, incx, y, 0, incy);
    }

    /** Σ x·y; 0 if n ≤ 0. */
    public float sdot(int n, float[] x, int offsetx, int incx, float[] y, int offsety, int incy) {
        if (n <= 0) {
            return 0;
        }
        checkVector(n, x, offsetx, incx);
        checkVector(n, y, offsety, incy);
        if (incx == 1 && incy == 1) {
            return Vectors.dot(x, offsetx, y, offsety, n);
        }
        return Vectors.dot(together(0, n, x, offsetx, incx), 0, together(1, n, y, offsety, incy), 0, n);
    }

    /** {@link #saxpy(int, float, float[], int, int, float[], int, int)} from element 0 on. */
    public void saxpy(int n, float alpha, float[] x, int incx, float[] y, int incy) {
        saxpy(n, alpha, x, 0, incx, y, 0, incy);
    }

    /** y += α·x, fused; nothing if n ≤ 0 or α = 0. */
    public void saxpy(int n, float alpha, float[] x, int offsetx, int incx, float[] y, int offsety, int incy) {
        if (n <= 0 || alpha == 0) {
            return;
        }
        checkVector(n, x, offsetx, incx);
        checkVector(n, y, offsety, incy);
        if (incx == 1 && incy == 1) {
            Vectors.axpy(alpha, x, offsetx, y, offsety, n);
            return;
        }
        int from = first(offsetx, n, incx);
        int to = first(offsety, n, incy);
        for (int i = 0; i < n; i++) {
            y[to + i * incy] = Math.fma(alpha, x[from + i * incx], y[to + i * incy]);
        }
    }

    /** {@link #sscal(int, float, float[], int, int)} from element 0 on. */
    public void sscal(int n, float alpha, float[] x, int incx) {
        sscal(n, alpha, x, 0, incx);
    }

    /** x = α·x; nothing if n ≤ 0, incx ≤ 0 or α = 1. */
    public void sscal(int n, float alpha, float[] x, int offsetx, int incx) {
        if (n <= 0 || incx <= 0 || alpha == 1) {
            return;
        }
        checkVector(n, x, offsetx, incx);
        if (incx == 1) {
            Vectors.scale(alpha, x, offsetx, n);
            return;
        }
        for (int i = 0; i < n; i++) {
            x[offsetx + i * incx] *= alpha;
        }
    }

    /** {@link #snrm2(int, float[], int, int)} from element 0 on. */
    public float snrm2(int n, float[] x, int incx) {
        return snrm2(n, x, 0, incx);
    }

    /** The Euclidean norm; 0 if n ≤ 0 or incx ≤ 0. */
    public float snrm2(int n, float[] x, int offsetx, int incx) {
        if (n <= 0 || incx <= 0) {
            return 0;
        }
        checkVector(n, x, offsetx, incx);
        return incx == 1 ? Vectors.norm(x, offsetx, n) : Vectors.norm(together(0, n, x, offsetx, incx), 0, n);
    }

    /** {@link #sasum(int, float[], int, int)} from element 0 on. */
    public float sasum(int n, float[] x, int incx) {
        return sasum(n, x, 0, incx);
    }

    /** Σ |x|; 0 if n ≤ 0 or incx ≤ 0. */
    public float sasum(int n, float[] x, int offsetx, int incx) {
        if (n <= 0) {
            return 0;
        }
        checkVector(n, x, offsetx, incx);
        if (incx <= 0) {
            return 0;
        }
        return incx == 1
                ? Vectors.absoluteSum(x, offsetx, n)
                : Vectors.absoluteSum(together(0, n, x, offsetx, incx), 0, n);
    }

    /** {@link #isamax(int, float[], int, int)} from element 0 on. */
    public int isamax(int n, float[] x, int incx) {
        return isamax(n, x, 0, incx);
    }

    /** The first i, from 0, with the largest |x|; −1 if n ≤ 0 or incx ≤ 0. NaN is larger than nothing. */
    public int isamax(int n, float[] x, int offsetx, int incx) {
        if (n <= 0 || incx <= 0) {
            return -1;
        }
        if (n == 1) {
            return 0;
        }
        checkVector(n, x, offsetx, incx);
        int best = 0;
        float largest = Math.abs(x[offsetx]);
        for (int i = 1; i < n; i++) {
            float value = Math.abs(x[offsetx + i * incx]);
            if (value > largest) {
                largest = value;
                best = i;
            }
        }
        return best;
    }

    /** {@link #scopy(int, float[], int, int, float[], int, int)} from element 0 on. */
    public void scopy(int n, float[] x, int incx, float[] y, int incy) {
        scopy(n, x, 0, incx, y, 0, incy);
    }

    /** y = x; nothing if n ≤ 0. */
    public void scopy(int n, float[] x, int offsetx, int incx, float[] y, int offsety, int incy) {
        if (n <= 0) {
            return;
        }
        checkVector(n, x, offsetx, incx);
        checkVector(n, y, offsety, incy);
        int from = first(offsetx, n, incx);
        int to = first(offsety, n, incy);
        for (int i = 0; i < n; i++) {
            y[to + i * incy] = x[from + i * incx];
        }
    }

    /** {@link #sswap(int, float[], int, int, float[], int, int)} from element 0 on. */
    public void sswap(int n, float[] x, int incx, float[] y, int incy) {
        sswap(n, x, 0, incx, y, 0, incy);
    }

    /** Exchanges x and y; nothing if n ≤ 0. */
    public void sswap(int n, float[] x, int offsetx, int incx, float[] y, int offsety, int incy) {
        if (n <= 0) {
            return;
        }
        checkVector(n, x, offsetx, incx);
        checkVector(n, y, offsety, incy);
        int xAt = first(offsetx, n, incx);
        int yAt = first(offsety, n, incy);
        for (int i = 0; i < n; i++) {
            float value = x[xAt + i * incx];
            x[xAt + i * incx] = y[yAt + i * incy];
            y[yAt + i * incy] = value;
        }
    }

    /** {@link #srot(int, float[], int, int, float[], int, int, float, float)} from element 0 on. */
    public void srot(int n, float[] x, int incx, float[] y, int incy, float c, float s) {
        srot(n, x, 0, incx, y, 0, incy, c, s);
    }

    /** Rotates the points (x, y): (c·x + s·y, c·y − s·x); nothing if n ≤ 0. */
    public void srot(int n, float[] x, int offsetx, int incx, float[] y, int offsety, int incy, float c, float s) {
        if (n <= 0) {
            return;
        }
        checkVector(n, x, offsetx, incx);
        checkVector(n, y, offsety, incy);
        int xAt = first(offsetx, n, incx);
        int yAt = first(offsety, n, incy);
        for (int i = 0; i < n; i++) {
            float a = x[xAt + i * incx];
            float b = y[yAt + i * incy];
            x[xAt + i * incx] = c * a + s * b;
            y[yAt + i * incy] = c * b - s * a;
        }
    }
}
