// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.GemmCall;
import dev.kelvin.operand.Epilogue;
import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.MatrixBatch;
import dev.kelvin.operand.Triangle;
import dev.kelvin.parallel.RangeTask;
import java.util.Objects;

/**
 * Products of matrices, cut into pieces of columns of each result, or of rows where there are more of them: a piece of
 * the longer side repeats less of the packing.
 */
final class GemmTask implements RangeTask {
    /** The least piece: what kernels take together. */
    private static final int GROUP = 24;

    /** The largest: a kernel finishes so many columns at once. */
    private static final int STRIP = 96;

    /** Each range packs the other factor anew, so ranges are few. */
    private static final int RANGES_PER_THREAD = 2;

    private final Team team;
    private final GemmCall call = new GemmCall();

    /** Rows or columns of a piece, and pieces of each product. */
    private int piece;

    private int pieces;
    private boolean byRows;

    GemmTask(Team team) {
        this.team = team;
    }

    void one(float alpha, Matrix a, Matrix b, float beta, Matrix c, Epilogue epilogue) {
        check("gemm", a, b, c);
        checkEpilogue(c, epilogue);
        start(alpha, a, b, beta, c);
        boolean turned = turn();
        call.finish(epilogue, turned);
        if (turned && epilogue.residual() != null) {
            call.finish(epilogue.withResidual(epilogue.residual().transposed()), true);
        }
        run(1);
    }

    void batch(float alpha, MatrixBatch a, MatrixBatch b, float beta, MatrixBatch c) {
        if (a.count() != c.count() || b.count() != c.count()) {
            throw new IllegalArgumentException("gemm: batches of " + a.count() + " a, " + b.count() + " b and "
                    + c.count() + " c must have as many matrices");
        }
        check("gemm", a.first(), b.first(), c.first());
        MatrixChecks.apart("gemm", "c", c);
        MatrixChecks.disjoint("gemm", "c", c, "a", a);
        MatrixChecks.disjoint("gemm", "c", c, "b", b);
        start(alpha, a.first(), b.first(), beta, c.first());
        if (turn()) {
            call.batch(b.stride(), a.stride(), c.stride());
        } else {
            call.batch(a.stride(), b.stride(), c.stride());
        }
        run(c.count());
    }

    void symmetric(Triangle triangle, float alpha, Matrix a, float beta, Matrix c) {
        Objects.requireNonNull(triangle);
        if (a.rows() != c.rows() || a.rows() != c.columns()) {
            throw MatrixChecks.mismatch("syrk", "as many rows in a as rows and columns in c", "a", a, "c", c);
        }
        check("syrk", a, a.transposed(), c);
        start(alpha, a, a.transposed(), beta, c);
        call.restrict(triangle);
        run(1);
    }

    private void check(String operation, Matrix a, Matrix b, Matrix c) {
        if (a.columns() != b.rows()) {
            throw MatrixChecks.mismatch(operation, "as many columns in a as rows in b", "a", a, "b", b);
        }
        if (a.rows() != c.rows()) {
            throw MatrixChecks.mismatch(operation, "as many rows", "a", a, "c", c);
        }
        if (b.columns() != c.columns()) {
            throw MatrixChecks.mismatch(operation, "as many columns", "b", b, "c", c);
        }
        MatrixChecks.writable(operation, "c", c);
        MatrixChecks.disjoint(operation, "c", c, "a", a);
        MatrixChecks.disjoint(operation, "c", c, "b", b);
        team.requireAccess(operation, "a", a);
        team.requireAccess(operation, "b", b);
        team.requireAccess(operation, "c", c);
    }

    private void checkEpilogue(Matrix c, Epilogue epilogue) {
        if (epilogue.bias() != null) {
            Require.oneRow("gemm", "bias", epilogue.bias());
            if (epilogue.bias().columns() != c.columns()) {
                throw new IllegalArgumentException(
                        "gemm: bias " + epilogue.bias().shape() + " and c [" + c.rows() + ", " + c.columns()
                                + "] must have as many columns");
            }
            MatrixChecks.disjoint("gemm", "c", c, "bias", epilogue.bias());
        }
        Matrix residual = epilogue.residual();
        if (residual != null) {
            if (residual.rows() != c.rows() || residual.columns() != c.columns()) {
                throw MatrixChecks.mismatch("gemm", "the same extents", "residual", residual, "c", c);
            }
            if (!MatrixChecks.same(c, residual)) {
                MatrixChecks.disjoint("gemm", "c", c, "residual", residual);
            }
            team.requireAccess("gemm", "residual", residual);
        }
    }

    private void start(float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        call.set(a, b, c);
        call.scale(alpha, beta);
    }

    /** Takes Cᵀ = Bᵀ·Aᵀ where columns of C lie without a gap, or there is only one; the sums are the same. */
    private boolean turn() {
        Matrix a = call.a();
        Matrix b = call.b();
        Matrix c = call.c();
        boolean turned = (c.columnStride() != 1 && c.rowStride() == 1) || (c.columns() == 1 && c.rows() > 1);
        if (turned) {
            float alpha = call.alpha();
            float beta = call.beta();
            call.set(b.transposed(), a.transposed(), c.transposed());
            call.scale(alpha, beta);
        }
        return turned;
    }

    private void run(int items) {
        try {
            int rows = call.c().rows();
            int columns = call.c().columns();
            if (rows == 0 || columns == 0 || items == 0) {
                return;
            }
            byRows = rows > 2 * columns;
            int length = byRows ? rows : columns;
            int ranges = Math.ceilDiv(RANGES_PER_THREAD * team.threads(), items);
            piece = Math.clamp((long) Math.ceilDiv(Math.ceilDiv(length, ranges), GROUP) * GROUP, GROUP, STRIP);
            pieces = Math.ceilDiv(length, piece);
            int all = Math.multiplyExact(items, pieces);
            long work = Team.saturatedProduct(
                    Team.saturatedProduct(call.isEmpty() ? 1 : call.inner(), Cost.MULTIPLY_ADD.picos()),
                    (long) piece * (byRows ? columns : rows));
            int grain = Math.ceilDiv(all, RANGES_PER_THREAD * team.threads());
            team.run(all, work + Cost.ARITHMETIC.picos(), grain, this);
        } finally {
            call.clear();
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        int rows = call.c().rows();
        int columns = call.c().columns();
        for (int i = begin; i < end; ) {
            int item = i / pieces;
            int first = i % pieces;
            int last = Math.min(pieces, first + end - i);
            int from = first * piece;
            int to = (int) Math.min((long) last * piece, byRows ? rows : columns);
            if (byRows) {
                team.kernels(worker).matrices().gemm(call, item, from, to, 0, columns);
            } else {
                team.kernels(worker).matrices().gemm(call, item, 0, rows, from, to);
            }
            i += last - first;
        }
    }
}
