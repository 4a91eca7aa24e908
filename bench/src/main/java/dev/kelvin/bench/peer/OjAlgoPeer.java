// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench.peer;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Defect;
import dev.kelvin.cli.roofline.peer.Peer;
import dev.kelvin.cli.roofline.peer.Problem;
import java.util.Arrays;
import java.util.Optional;
import org.ojalgo.OjAlgoUtils;
import org.ojalgo.array.ArrayR032;
import org.ojalgo.matrix.store.R032Store;

/** ojAlgo with stores of f32, column-major, and results in a store that is there, as its documentation advises. */
public final class OjAlgoPeer implements Peer {
    private static final Defect PRODUCTS = new Defect(
            "products of matrices are several times slower than EJML's at some shapes",
            "github.com/optimatika/ojAlgo/issues/612");

    @Override
    public String name() {
        return "ojAlgo";
    }

    @Override
    public String version() {
        return "org.ojalgo:ojalgo 56.0.0";
    }

    @Override
    public boolean solves(Problem problem, int threads) {
        return problem instanceof Problem.Product || (threads == 1 && problem instanceof Problem.Dots);
    }

    @Override
    public Optional<Defect> defect(Problem problem) {
        return problem instanceof Problem.Product ? Optional.of(PRODUCTS) : Optional.empty();
    }

    @Override
    public Computation prepare(Problem problem, int threads) {
        OjAlgoUtils.limitThreadsTo(threads);
        return switch (problem) {
            case Problem.Product p -> new Product(p);
            case Problem.Dots p -> dots(p);
            case Problem.Softmax _ -> throw new IllegalArgumentException("ojAlgo has no softmax");
        };
    }

    /** Y = X·Wᵀ in stores of its own. */
    private static final class Product implements Computation {
        private final Problem.Product problem;
        private final R032Store x;
        private final R032Store transposed;
        private final R032Store y;

        Product(Problem.Product p) {
            problem = p;
            x = R032Store.FACTORY.make(p.m(), p.k());
            transposed = R032Store.FACTORY.make(p.k(), p.n());
            y = R032Store.FACTORY.make(p.m(), p.n());
            for (int k = 0; k < p.k(); k++) {
                for (int m = 0; m < p.m(); m++) {
                    x.set(m, k, (double) p.x()[m * p.k() + k]);
                }
                for (int n = 0; n < p.n(); n++) {
                    transposed.set(k, n, (double) p.w()[n * p.k() + k]);
                }
            }
        }

        @Override
        public void run() {
            y.fillByMultiplying(x, transposed);
        }

        @Override
        public void deliver() {
            for (int m = 0; m < problem.m(); m++) {
                for (int n = 0; n < problem.n(); n++) {
                    problem.y()[m * problem.n() + n] = y.floatValue(m, n);
                }
            }
        }
    }

    private static Computation dots(Problem.Dots p) {
        ArrayR032[] a = rows(p.a(), p);
        ArrayR032[] b = rows(p.b(), p);
        return () -> {
            for (int row = 0; row < a.length; row++) {
                p.y()[row] = (float) a[row].dot(b[row]);
            }
        };
    }

    private static ArrayR032[] rows(float[] values, Problem.Dots p) {
        ArrayR032[] rows = new ArrayR032[p.rows()];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = ArrayR032.wrap(Arrays.copyOfRange(values, row * p.length(), (row + 1) * p.length()));
        }
        return rows;
    }
}
