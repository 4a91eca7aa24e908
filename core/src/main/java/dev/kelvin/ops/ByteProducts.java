// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.GemmCall;
import dev.kelvin.kernel.MatrixLines;
import dev.kelvin.kernel.VectorKernels;
import dev.kelvin.operand.Matrix;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.DType;

/**
 * Products of matrices of bytes by the kernels for floats: 1024 products of bytes are at most 2²⁴ together, so a float
 * holds each partial sum of so many exactly, in whatever order; blocks of terms are added as ints. A product of shorts on
 * lanes that C2 can compile takes five instructions for what two fused multiply-adds do
 * (docs/decisions/0140-products-of-bytes.md).
 */
final class ByteProducts implements RangeTask {
    /** Terms of a sum that a float holds exactly. */
    private static final int TERMS = 1024;

    /** Rows and columns that are made at once: the other factor is packed anew for each. */
    private static final int BLOCK = 512;

    private static final int GROUP = 24;
    private static final int RANGES_PER_THREAD = 2;

    /** What a worker computes in. */
    private static final class Scratch {
        final GemmCall call = new GemmCall();
        final MatrixLines lines = new MatrixLines();
        final float[] row = new float[BLOCK];
        Matrix floats = Matrix.of(new float[0], 0, 0);
        int[] sums = new int[0];

        void reserve(int rows, int width) {
            if (floats.rows() < rows || floats.columns() != width) {
                float[] data = floats.data();
                if (data.length < rows * width) {
                    data = new float[rows * width];
                    sums = new int[rows * width];
                }
                floats = Matrix.of(data, 0, rows, width, width, 1);
            }
        }
    }

    private final Team team;
    private final Scratch[] scratch;
    private Matrix a;
    private Matrix b;
    private int[] ints;
    private int intOffset;
    private int intStride;
    private float[] aScales;
    private float[] bScales;
    private Matrix c;

    ByteProducts(Team team) {
        this.team = team;
        scratch = new Scratch[team.threads()];
        for (int i = 0; i < scratch.length; i++) {
            scratch[i] = new Scratch();
        }
    }

    void exact(Matrix a, Matrix b, int[] c, int cOffset, int cStride) {
        check(a, b);
        int columns = b.columns();
        long last = cOffset + (a.rows() - 1L) * cStride + columns;
        if (cOffset < 0 || cStride < columns || (a.rows() > 0 && last > c.length)) {
            throw new IllegalArgumentException("gemm: c [" + a.rows() + ", " + columns + "] from offset " + cOffset
                    + " with a stride of " + cStride + " does not lie within " + c.length + " ints");
        }
        ints = c;
        intOffset = cOffset;
        intStride = cStride;
        start(a, b);
    }

    void scaled(Matrix a, float[] aScales, Matrix b, float[] bScales, Matrix c) {
        check(a, b);
        if (a.rows() != c.rows()) {
            throw MatrixChecks.mismatch("gemm", "as many rows", "a", a, "c", c);
        }
        if (b.columns() != c.columns()) {
            throw MatrixChecks.mismatch("gemm", "as many columns", "b", b, "c", c);
        }
        if (aScales.length != a.rows() || bScales.length != b.columns()) {
            throw new IllegalArgumentException("gemm: " + aScales.length + " scales of a and " + bScales.length
                    + " of b for c [" + c.rows() + ", " + c.columns() + "]");
        }
        MatrixChecks.writable("gemm", "c", c);
        MatrixChecks.disjoint("gemm", "c", c, "a", a);
        MatrixChecks.disjoint("gemm", "c", c, "b", b);
        team.requireAccess("gemm", "c", c);
        this.aScales = aScales;
        this.bScales = bScales;
        this.c = c;
        start(a, b);
    }

    private void check(Matrix a, Matrix b) {
        if (a.type() != DType.I8 || b.type() != DType.I8) {
            throw new IllegalArgumentException(
                    "gemm: a is of type " + a.type() + " and b of " + b.type() + ", but I8 is wanted");
        }
        if (a.columns() != b.rows()) {
            throw MatrixChecks.mismatch("gemm", "as many columns in a as rows in b", "a", a, "b", b);
        }
        if (a.columns() > VectorKernels.MAX_BYTES_OF_DOT) {
            throw new IllegalArgumentException("gemm: an int holds the sum of at most "
                    + VectorKernels.MAX_BYTES_OF_DOT + " products of bytes, not " + a.columns());
        }
        team.requireAccess("gemm", "a", a);
        team.requireAccess("gemm", "b", b);
    }

    private void start(Matrix a, Matrix b) {
        this.a = a;
        this.b = b;
        try {
            int columns = b.columns();
            int equal = Math.ceilDiv(columns, RANGES_PER_THREAD * team.threads());
            long work = Team.saturatedProduct(a.columns(), Cost.MULTIPLY_ADD.picos());
            int multiple = Math.max(1, Math.ceilDiv(equal, GROUP)) * GROUP;
            team.run(columns, Team.saturatedProduct(work, a.rows()), multiple, this);
        } finally {
            this.a = null;
            this.b = null;
            ints = null;
            aScales = null;
            bScales = null;
            c = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        Scratch own = scratch[worker];
        for (int m = 0; m < a.rows(); m += BLOCK) {
            int rows = Math.min(BLOCK, a.rows() - m);
            for (int n = begin; n < end; n += BLOCK) {
                int width = Math.min(BLOCK, end - n);
                sum(worker, own, m, rows, n, width);
                for (int i = 0; i < rows; i++) {
                    store(own, m + i, i * width, n, width);
                }
            }
        }
    }

    private void sum(int worker, Scratch own, int m, int rows, int n, int width) {
        own.reserve(rows, width);
        int inner = a.columns();
        for (int k = 0; k == 0 || k < inner; k += TERMS) {
            own.call.set(a, b, own.floats);
            own.call.cut(Math.min(TERMS, inner - k));
            // Item 1 begins at row k of b, and its rows and columns of c where the scratch does.
            own.call.batch((long) k * a.columnStride(), (long) k * b.rowStride(), -(long) m * width - n);
            team.kernels(worker).matrices().gemm(own.call, 1, m, m + rows, n, n + width);
            own.call.clear();
            if (k == 0) {
                toInts(own.floats.data(), own.sums, rows * width);
            } else {
                addInts(own.floats.data(), own.sums, rows * width);
            }
        }
    }

    // Loops such that C2 makes vectors of them.

    private static void toInts(float[] from, int[] to, int count) {
        for (int i = 0; i < count; i++) {
            to[i] = (int) from[i];
        }
    }

    private static void addInts(float[] from, int[] to, int count) {
        for (int i = 0; i < count; i++) {
            to[i] += (int) from[i];
        }
    }

    private void store(Scratch own, int row, int from, int n, int width) {
        if (ints != null) {
            System.arraycopy(own.sums, from, ints, intOffset + row * intStride + n, width);
            return;
        }
        scale(own.sums, from, aScales[row], bScales, n, own.row, width);
        long at = c.offset() + (long) row * c.rowStride() + (long) n * c.columnStride();
        own.lines.write(c, at, c.columnStride(), own.row, 0, width);
    }

    private static void scale(int[] sums, int from, float scale, float[] scales, int n, float[] to, int count) {
        for (int i = 0; i < count; i++) {
            to[i] = sums[from + i] * (scale * scales[n + i]);
        }
    }
}
