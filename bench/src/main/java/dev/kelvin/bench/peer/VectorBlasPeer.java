// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench.peer;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Defect;
import dev.kelvin.cli.roofline.peer.Peer;
import dev.kelvin.cli.roofline.peer.Problem;
import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.util.List;
import java.util.Optional;

/** VectorBLAS of dev.ludovic.netlib, which Spark's MLlib computes with: one thread, column-major. */
public final class VectorBlasPeer implements Peer {
    private static final Defect LEVEL_3 = new Defect(
            "products of matrices do not reach native libraries, as those of vectors do",
            "README of github.com/luhenry/netlib, Vector-based acceleration");

    @Override
    public String name() {
        return "VectorBLAS";
    }

    @Override
    public String version() {
        return "dev.ludovic.netlib:blas 3.0.4";
    }

    @Override
    public List<String> jvmOptions() {
        return List.of("--add-modules=jdk.incubator.vector");
    }

    @Override
    public Optional<String> missing() {
        String found = JavaBLAS.getInstance().getClass().getSimpleName();
        return found.equals("VectorBLAS") ? Optional.empty() : Optional.of("netlib gives " + found);
    }

    @Override
    public boolean solves(Problem problem, int threads) {
        return threads == 1 && !(problem instanceof Problem.Softmax);
    }

    @Override
    public Optional<Defect> defect(Problem problem) {
        return problem instanceof Problem.Product product && product.m() > 1 ? Optional.of(LEVEL_3) : Optional.empty();
    }

    @Override
    public Computation prepare(Problem problem, int threads) {
        BLAS blas = JavaBLAS.getInstance();
        return switch (problem) {
            case Problem.Product p
            when p.m() == 1 -> () -> blas.sgemv("T", p.k(), p.n(), 1, p.w(), p.k(), p.x(), 1, 0, p.y(), 1);
            // Column-major: Yᵀ [N, M] = W·Xᵀ.
            case Problem.Product p ->
                () -> blas.sgemm("T", "N", p.n(), p.m(), p.k(), 1, p.w(), p.k(), p.x(), p.k(), 0, p.y(), p.n());
            case Problem.Dots p -> () -> dots(blas, p);
            case Problem.Softmax _ -> throw new IllegalArgumentException("BLAS has no softmax");
        };
    }

    private static void dots(BLAS blas, Problem.Dots p) {
        for (int row = 0; row < p.rows(); row++) {
            int begin = row * p.length();
            p.y()[row] = blas.sdot(p.length(), p.a(), begin, 1, p.b(), begin, 1);
        }
    }
}
