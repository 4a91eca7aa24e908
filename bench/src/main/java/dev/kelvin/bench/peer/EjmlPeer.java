// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench.peer;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Defect;
import dev.kelvin.cli.roofline.peer.Peer;
import dev.kelvin.cli.roofline.peer.Problem;
import java.util.Arrays;
import java.util.Optional;
import org.ejml.EjmlVersion;
import org.ejml.concurrency.EjmlConcurrency;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.ejml.dense.row.CommonOps_MT_FDRM;
import org.ejml.dense.row.mult.VectorVectorMult_FDRM;

/**
 * EJML by its procedural interface, which its manual names as the fastest. {@code mult} chooses the algorithm; weights
 * are transposed once, since its product with a transposed matrix is a sum that C2 leaves scalar.
 */
public final class EjmlPeer implements Peer {
    private static final Defect LARGE = new Defect(
            "large products fall behind native libraries more and more", "github.com/lessthanoptimal/ejml/issues/197");

    /** Elements of the weights from which on that is told. */
    private static final long LARGE_ELEMENTS = 1 << 20;

    @Override
    public String name() {
        return "EJML";
    }

    @Override
    public String version() {
        return "org.ejml:ejml-fdense " + EjmlVersion.VERSION;
    }

    @Override
    public boolean solves(Problem problem, int threads) {
        return problem instanceof Problem.Product || (threads == 1 && problem instanceof Problem.Dots);
    }

    @Override
    public Optional<Defect> defect(Problem problem) {
        return problem instanceof Problem.Product p && p.m() > 1 && (long) p.k() * p.n() >= LARGE_ELEMENTS
                ? Optional.of(LARGE)
                : Optional.empty();
    }

    @Override
    public Computation prepare(Problem problem, int threads) {
        return switch (problem) {
            case Problem.Product p -> product(p, threads);
            case Problem.Dots p -> dots(p);
            case Problem.Softmax _ -> throw new IllegalArgumentException("EJML has no softmax");
        };
    }

    private static Computation product(Problem.Product p, int threads) {
        FMatrixRMaj w = FMatrixRMaj.wrap(p.n(), p.k(), p.w());
        if (p.m() == 1) { // W·xᵀ with a column, for which EJML has a loop of its own
            FMatrixRMaj x = FMatrixRMaj.wrap(p.k(), 1, p.x());
            FMatrixRMaj y = FMatrixRMaj.wrap(p.n(), 1, p.y());
            return () -> CommonOps_FDRM.mult(w, x, y);
        }
        FMatrixRMaj transposed = CommonOps_FDRM.transpose(w, null);
        FMatrixRMaj x = FMatrixRMaj.wrap(p.m(), p.k(), p.x());
        FMatrixRMaj y = FMatrixRMaj.wrap(p.m(), p.n(), p.y());
        if (threads == 1) {
            return () -> CommonOps_FDRM.mult(x, transposed, y);
        }
        EjmlConcurrency.setMaxThreads(threads);
        return () -> CommonOps_MT_FDRM.mult(x, transposed, y);
    }

    private static Computation dots(Problem.Dots p) {
        FMatrixRMaj[] a = rows(p.a(), p);
        FMatrixRMaj[] b = rows(p.b(), p);
        return () -> {
            for (int row = 0; row < a.length; row++) {
                p.y()[row] = VectorVectorMult_FDRM.innerProd(a[row], b[row]);
            }
        };
    }

    private static FMatrixRMaj[] rows(float[] values, Problem.Dots p) {
        FMatrixRMaj[] rows = new FMatrixRMaj[p.rows()];
        for (int row = 0; row < rows.length; row++) {
            float[] copy = Arrays.copyOfRange(values, row * p.length(), (row + 1) * p.length());
            rows[row] = FMatrixRMaj.wrap(p.length(), 1, copy);
        }
        return rows;
    }
}
