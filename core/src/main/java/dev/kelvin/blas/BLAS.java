// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.blas;

import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.Triangle;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.Products;
import java.util.Objects;

/**
 * The routines of BLAS in single precision with the names, arguments and checks of
 * {@code dev.ludovic.netlib.blas.BLAS}, so that a call is ported by changing the import. Matrices are column-major, as
 * in Fortran; those of {@link #rowMajor} are row-major, with leading dimensions from a row to the next.
 *
 * <p>Illegal values throw {@link IllegalArgumentException}, elements outside of an array
 * {@link IndexOutOfBoundsException}, arrays that are null {@link NullPointerException}. What netlib does not say: sums
 * are those of {@link dev.kelvin.ops.Vectors} and {@link Products}, with their error bounds, the same bits everywhere;
 * with k = 0 nothing of a and b need be there; a matrix that is written may not overlap one that is read.
 *
 * <p>{@link #getInstance} serves any number of threads, each call on the thread that makes it; that of {@link #on} is
 * bound to one {@link Compute}, with its threads and its rule of one caller. Double precision and routines that are not
 * here are not offered.
 *
 * <p>Source: netlib.org/blas.
 */
public final class BLAS extends VectorRoutines {
    private static final ThreadLocal<Compute> SERIAL = ThreadLocal.withInitial(Compute::serial);
    private static final BLAS INSTANCE = new BLAS(null, false);
    private static final BLAS ROW_MAJOR = new BLAS(null, true);

    private final Compute compute;
    private final boolean rowMajor;

    private BLAS(Compute compute, boolean rowMajor) {
        this.compute = compute;
        this.rowMajor = rowMajor;
    }

    /** Routines that run on the thread of their caller. */
    public static BLAS getInstance() {
        return INSTANCE;
    }

    /**
     * Routines whose products share the threads of {@code compute}.
     *
     * @param compute which stays its owner's to close
     * @return the routines, column-major
     */
    public static BLAS on(Compute compute) {
        return new BLAS(Objects.requireNonNull(compute), false);
    }

    /** The same routines for row-major matrices. */
    public BLAS rowMajor() {
        return compute == null ? ROW_MAJOR : new BLAS(compute, true);
    }

    private Products products() {
        return (compute == null ? SERIAL.get() : compute).products();
    }

    private static boolean same(String given, String letter) {
        return given != null && given.regionMatches(true, 0, letter, 0, 1) && !given.isEmpty();
    }

    private static boolean isTransposition(String trans) {
        return same("N", trans) || same("T", trans) || same("C", trans);
    }

    /** The least leading dimension of a stored matrix. */
    private int leading(int rows, int columns) {
        return Math.max(1, rowMajor ? columns : rows);
    }

    private void checkMatrix(int rows, int columns, float[] a, int offset, int ld) {
        long lines = rowMajor ? rows : columns;
        long length = rowMajor ? columns : rows;
        checkIndex(offset, a.length);
        checkIndex(offset + (lines - 1) * ld + length - 1, a.length);
    }

    /** The same, where netlib demands that the last line is as long as the others. */
    private void checkWhole(int rows, int columns, float[] a, int offset, int ld) {
        checkIndex(offset, a.length);
        checkIndex(offset + (rowMajor ? rows : columns) * (long) ld - 1, a.length);
    }

    private Matrix matrix(float[] a, int offset, int rows, int columns, int ld) {
        return rowMajor
                ? Matrix.of(a, offset, rows, columns, ld, 1)
                : Matrix.of(a, offset, columns, rows, ld, 1).transposed();
    }

    /** op(a) [rows, columns] of a matrix that is stored as it is or transposed. */
    private Matrix operand(String trans, float[] a, int offset, int rows, int columns, int ld) {
        return same("N", trans)
                ? matrix(a, offset, rows, columns, ld)
                : matrix(a, offset, columns, rows, ld).transposed();
    }

    private static Matrix column(int n, float[] x, int offset, int inc) {
        return Matrix.column(x, first(offset, n, inc), n, inc);
    }

    /**
     * {@link #sgemm(String, String, int, int, int, float, float[], int, int, float[], int, int, float, float[], int,
     * int)}
     */
    public void sgemm(
            String transa,
            String transb,
            int m,
            int n,
            int k,
            float alpha,
            float[] a,
            int lda,
            float[] b,
            int ldb,
            float beta,
            float[] c,
            int ldc) {
        sgemm(transa, transb, m, n, k, alpha, a, 0, lda, b, 0, ldb, beta, c, 0, ldc);
    }

    /**
     * C = α·op(A)·op(B) + β·C.
     *
     * @param transa "N" if op(A) [m, k] is A, "T" or "C" if it is A transposed
     * @param transb likewise for op(B) [k, n]
     * @param m rows of C
     * @param n columns of C
     * @param k the terms of a sum
     * @param alpha α
     * @param a A
     * @param offseta its first element
     * @param lda its leading dimension
     * @param b B
     * @param offsetb its first element
     * @param ldb its leading dimension
     * @param beta β; with 0, C is not read
     * @param c C
     * @param offsetc its first element
     * @param ldc its leading dimension
     */
    public void sgemm(
            String transa,
            String transb,
            int m,
            int n,
            int k,
            float alpha,
            float[] a,
            int offseta,
            int lda,
            float[] b,
            int offsetb,
            int ldb,
            float beta,
            float[] c,
            int offsetc,
            int ldc) {
        boolean plainA = same("N", transa);
        boolean plainB = same("N", transb);
        checkArgument("SGEMM", 1, isTransposition(transa));
        checkArgument("SGEMM", 2, isTransposition(transb));
        checkArgument("SGEMM", 3, m >= 0);
        checkArgument("SGEMM", 4, n >= 0);
        checkArgument("SGEMM", 5, k >= 0);
        checkArgument("SGEMM", 8, lda >= (plainA ? leading(m, k) : leading(k, m)));
        checkArgument("SGEMM", 10, ldb >= (plainB ? leading(k, n) : leading(n, k)));
        checkArgument("SGEMM", 13, ldc >= leading(m, n));
        if (m == 0 || n == 0 || ((alpha == 0 || k == 0) && beta == 1)) {
            return;
        }
        Objects.requireNonNull(a);
        Objects.requireNonNull(b);
        if (k > 0) {
            checkMatrix(plainA ? m : k, plainA ? k : m, a, offseta, lda);
            checkMatrix(plainB ? k : n, plainB ? n : k, b, offsetb, ldb);
        }
        checkMatrix(m, n, c, offsetc, ldc);
        products()
                .gemm(
                        alpha,
                        operand(transa, a, Math.max(0, offseta), m, k, lda),
                        operand(transb, b, Math.max(0, offsetb), k, n, ldb),
                        beta,
                        matrix(c, offsetc, m, n, ldc));
    }

    /** {@link #sgemv(String, int, int, float, float[], int, int, float[], int, int, float, float[], int, int)} */
    public void sgemv(
            String trans,
            int m,
            int n,
            float alpha,
            float[] a,
            int lda,
            float[] x,
            int incx,
            float beta,
            float[] y,
            int incy) {
        sgemv(trans, m, n, alpha, a, 0, lda, x, 0, incx, beta, y, 0, incy);
    }

    /**
     * y = α·op(A)·x + β·y.
     *
     * @param trans "N" if op(A) is A, "T" or "C" if it is A transposed
     * @param m rows of A
     * @param n columns of A
     * @param alpha α
     * @param a A
     * @param offseta its first element
     * @param lda its leading dimension
     * @param x x
     * @param offsetx its first element
     * @param incx from one element to the next
     * @param beta β; with 0, y is not read
     * @param y y
     * @param offsety its first element
     * @param incy from one element to the next
     */
    public void sgemv(
            String trans,
            int m,
            int n,
            float alpha,
            float[] a,
            int offseta,
            int lda,
            float[] x,
            int offsetx,
            int incx,
            float beta,
            float[] y,
            int offsety,
            int incy) {
        checkArgument("SGEMV", 1, isTransposition(trans));
        checkArgument("SGEMV", 2, m >= 0);
        checkArgument("SGEMV", 3, n >= 0);
        checkArgument("SGEMV", 6, lda >= leading(m, n));
        checkArgument("SGEMV", 8, incx != 0);
        checkArgument("SGEMV", 11, incy != 0);
        if (m == 0 || n == 0) {
            return;
        }
        boolean plain = same("N", trans);
        int xLength = plain ? n : m;
        int yLength = plain ? m : n;
        Objects.requireNonNull(x);
        Objects.requireNonNull(y);
        checkWhole(m, n, a, offseta, lda);
        checkVector(xLength, x, offsetx, incx);
        checkVector(yLength, y, offsety, incy);
        products()
                .gemm(
                        alpha,
                        operand(trans, a, offseta, yLength, xLength, lda),
                        column(xLength, x, offsetx, incx),
                        beta,
                        column(yLength, y, offsety, incy));
    }

    /** {@link #sger(int, int, float, float[], int, int, float[], int, int, float[], int, int)} */
    public void sger(int m, int n, float alpha, float[] x, int incx, float[] y, int incy, float[] a, int lda) {
        sger(m, n, alpha, x, 0, incx, y, 0, incy, a, 0, lda);
    }

    /**
     * A = α·x·yᵀ + A.
     *
     * @param m rows of A
     * @param n columns of A
     * @param alpha α
     * @param x [m]
     * @param offsetx its first element
     * @param incx from one element to the next
     * @param y [n]
     * @param offsety its first element
     * @param incy from one element to the next
     * @param a A
     * @param offseta its first element
     * @param lda its leading dimension
     */
    public void sger(
            int m,
            int n,
            float alpha,
            float[] x,
            int offsetx,
            int incx,
            float[] y,
            int offsety,
            int incy,
            float[] a,
            int offseta,
            int lda) {
        checkArgument("SGER", 1, m >= 0);
        checkArgument("SGER", 2, n >= 0);
        checkArgument("SGER", 5, incx != 0);
        checkArgument("SGER", 7, incy != 0);
        checkArgument("SGER", 9, lda >= leading(m, n));
        if (m == 0 || n == 0) {
            return;
        }
        Objects.requireNonNull(y);
        Objects.requireNonNull(a);
        checkVector(m, x, offsetx, incx);
        checkVector(n, y, offsety, incy);
        checkWhole(m, n, a, offseta, lda);
        if (alpha != 0) {
            products()
                    .gemm(
                            alpha,
                            column(m, x, offsetx, incx),
                            column(n, y, offsety, incy).transposed(),
                            1,
                            matrix(a, offseta, m, n, lda));
        }
    }

    /** {@link #ssyrk(String, String, int, int, float, float[], int, int, float, float[], int, int)} */
    public void ssyrk(
            String uplo, String trans, int n, int k, float alpha, float[] a, int lda, float beta, float[] c, int ldc) {
        ssyrk(uplo, trans, n, k, alpha, a, 0, lda, beta, c, 0, ldc);
    }

    /**
     * One triangle of C = α·op(A)·op(A)ᵀ + β·C.
     *
     * @param uplo "U" for the upper triangle, "L" for the lower one
     * @param trans "N" if op(A) [n, k] is A, "T" or "C" if it is A transposed
     * @param n rows and columns of C
     * @param k the terms of a sum
     * @param alpha α
     * @param a A
     * @param offseta its first element
     * @param lda its leading dimension
     * @param beta β; with 0, C is not read
     * @param c C
     * @param offsetc its first element
     * @param ldc its leading dimension
     */
    public void ssyrk(
            String uplo,
            String trans,
            int n,
            int k,
            float alpha,
            float[] a,
            int offseta,
            int lda,
            float beta,
            float[] c,
            int offsetc,
            int ldc) {
        boolean plain = same("N", trans);
        checkArgument("SSYRK", 1, same("U", uplo) || same("L", uplo));
        checkArgument("SSYRK", 2, isTransposition(trans));
        checkArgument("SSYRK", 3, n >= 0);
        checkArgument("SSYRK", 4, k >= 0);
        checkArgument("SSYRK", 7, lda >= (plain ? leading(n, k) : leading(k, n)));
        checkArgument("SSYRK", 10, ldc >= Math.max(1, n));
        if (n == 0 || ((alpha == 0 || k == 0) && beta == 1)) {
            return;
        }
        Objects.requireNonNull(a);
        if (k > 0) {
            checkWhole(plain ? n : k, plain ? k : n, a, offseta, lda);
        }
        checkWhole(n, n, c, offsetc, ldc);
        products()
                .syrk(
                        same("U", uplo) ? Triangle.UPPER : Triangle.LOWER,
                        alpha,
                        operand(trans, a, Math.max(0, offseta), n, k, lda),
                        beta,
                        matrix(c, offsetc, n, n, ldc));
    }
}
