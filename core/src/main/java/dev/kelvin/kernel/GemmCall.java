// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Epilogue;
import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.Triangle;
import dev.kelvin.tensor.HeapTensor;

/**
 * The operands of one call of {@link MatrixKernels#gemm}, in one object that serves call after call. Shapes and ranges
 * are proved.
 */
public final class GemmCall {
    private Matrix a;
    private Matrix b;
    private Matrix c;
    private float alpha;
    private float beta;
    private Epilogue epilogue = Epilogue.NONE;
    private boolean biasOfRows;
    private Triangle triangle;
    private int inner;
    private long aStride;
    private long bStride;
    private long cStride;

    /** Nothing yet. */
    public GemmCall() {}

    /**
     * Names the matrices; all else is as in a bare product C = A·B.
     *
     * @param a [M, K]
     * @param b [K, N]
     * @param c [M, N]
     */
    public void set(Matrix a, Matrix b, Matrix c) {
        this.a = a;
        this.b = b;
        this.c = c;
        inner = a.columns();
        alpha = 1;
        beta = 0;
        epilogue = Epilogue.NONE;
        biasOfRows = false;
        triangle = null;
        aStride = 0;
        bStride = 0;
        cStride = 0;
    }

    /** The factors of the sums and of what c holds. */
    public void scale(float alpha, float beta) {
        this.alpha = alpha;
        this.beta = beta;
    }

    /** What is done last; a bias belongs to columns, or if so said to rows. */
    public void finish(Epilogue epilogue, boolean biasOfRows) {
        this.epilogue = epilogue;
        this.biasOfRows = biasOfRows;
    }

    /** Which elements of c are computed at all; null for all. */
    public void restrict(Triangle triangle) {
        this.triangle = triangle;
    }

    /** How far the matrices of a batch's products lie apart, in elements. */
    public void batch(long aStride, long bStride, long cStride) {
        this.aStride = aStride;
        this.bStride = bStride;
        this.cStride = cStride;
    }

    /** How many terms a sum has, if not all: the first so many columns of a and rows of b. */
    public void cut(int inner) {
        this.inner = inner;
    }

    /** Forgets the operands. */
    public void clear() {
        a = null;
        b = null;
        c = null;
        epilogue = Epilogue.NONE;
    }

    /** K, or how many of its terms are asked for. */
    public int inner() {
        return inner;
    }

    /** Whether the products count at all: with α = 0 neither a nor b is read. */
    public boolean isEmpty() {
        return inner == 0 || alpha == 0;
    }

    /** Whether all sums count, and nothing is done to them before the epilogue. */
    public boolean isUnscaled() {
        return alpha == 1 && beta == 0 && triangle == null;
    }

    /** Whether nothing is done to the sums. */
    public boolean isBare() {
        return isUnscaled() && epilogue.bias() == null && epilogue.activation() == null && epilogue.residual() == null;
    }

    /** The left factor. */
    public Matrix a() {
        return a;
    }

    /** The right factor. */
    public Matrix b() {
        return b;
    }

    /** The result. */
    public Matrix c() {
        return c;
    }

    /** The factor of the sums. */
    public float alpha() {
        return alpha;
    }

    /** The factor of what c holds, which is not read if this is 0. */
    public float beta() {
        return beta;
    }

    /** What is added before the function; null for nothing. */
    public HeapTensor bias() {
        return epilogue.bias();
    }

    /** Whether the bias has an element a row of c rather than a column. */
    public boolean biasOfRows() {
        return biasOfRows;
    }

    /** The function; null for none. */
    public Activation activation() {
        return epilogue.activation();
    }

    /** What is added last; null for nothing. */
    public Matrix residual() {
        return epilogue.residual();
    }

    /** The first of the columns in [begin, end) that count in a row. */
    public int columnBegin(int row, int begin) {
        return triangle == Triangle.UPPER ? Math.max(begin, row) : begin;
    }

    /** The column after the last that counts. */
    public int columnEnd(int row, int end) {
        return triangle == Triangle.LOWER ? Math.min(end, row + 1) : end;
    }

    /** Whether rows [rowBegin, rowEnd) and columns [columnBegin, columnEnd) have an element that counts. */
    public boolean meets(int rowBegin, int rowEnd, int columnBegin, int columnEnd) {
        if (triangle == null) {
            return true;
        }
        return triangle == Triangle.LOWER ? columnBegin < rowEnd : columnEnd > rowBegin;
    }

    /** Where element (0, 0) of an item's left factor lies. */
    public long aOffset(int item) {
        return a.offset() + item * aStride;
    }

    /** Where element (0, 0) of an item's right factor lies. */
    public long bOffset(int item) {
        return b.offset() + item * bStride;
    }

    /** Where element (0, 0) of an item's result lies. */
    public long cOffset(int item) {
        return c.offset() + item * cStride;
    }
}
