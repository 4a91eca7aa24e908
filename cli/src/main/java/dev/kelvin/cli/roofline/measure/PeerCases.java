// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Peer;
import dev.kelvin.cli.roofline.peer.Problem;
import dev.kelvin.cli.roofline.report.Cost;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.cli.roofline.report.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/** The problems that peers are given: some of those that Kelvin is measured with. */
final class PeerCases {
    private static final float[] NONE = {};

    private static final List<String> PRODUCTS =
            List.of("32 2048 5632", "128 2048 5632", "256 256 256", "512 512 512", "1024 1024 1024");

    /** Some peers take seconds for the shape of a layer. */
    private static final List<String> QUICK_PRODUCTS = List.of("512 512 512");

    private static final int[] ONE_ROW = {1, 2048, 5632};

    private PeerCases() {}

    /** Plain loops, and whoever a service loader finds. */
    static List<Peer> peers() {
        List<Peer> peers = new ArrayList<>(List.of(new PlainLoops()));
        ServiceLoader.load(Peer.class, ClassLoader.getSystemClassLoader()).forEach(peers::add);
        return peers;
    }

    /** Whether there is a problem that stands beside a family's kernels. */
    static boolean hasPeers(Family family) {
        return family == Family.GEMM || family == Family.VECTORS || family == Family.SOFTMAX;
    }

    /** What a peer is measured with. */
    static List<Case> cases(Peer peer, Plan plan) {
        List<Case> cases = new ArrayList<>();
        if (plan.families().contains(Family.GEMM.word())) {
            for (int threads : plan.quick() ? new int[] {1} : plan.counts()) {
                for (String shape : plan.quick() ? QUICK_PRODUCTS : PRODUCTS) {
                    int[] s = Shapes.numbers(shape);
                    if (threads == 1 || s[0] >= 128) { // as Kelvin
                        product(peer, s, threads).ifPresent(cases::add);
                    }
                }
            }
        }
        if (plan.families().contains(Family.VECTORS.word())) {
            for (int length : VectorCases.lengths(plan)) {
                if (peer.solves(new Problem.Dots(VectorCases.PAIRS, length, NONE, NONE, NONE), 1)) {
                    cases.add(dot(peer, length));
                }
            }
            product(peer, ONE_ROW, 1).ifPresent(cases::add);
        }
        if (plan.families().contains(Family.SOFTMAX.word())
                && peer.solves(new Problem.Softmax(1, 32_000, NONE, NONE), 1)) {
            cases.add(softmax(peer, 32_000));
        }
        return cases;
    }

    private static Case dot(Peer peer, int length) {
        return of(
                peer,
                new Subject(peer.name(), "vectors", "dot", Integer.toString(length), "F32", 1),
                VectorCases.cost(length),
                () -> VectorCases.problem(length));
    }

    private static Optional<Case> product(Peer peer, int[] s, int threads) {
        return peer.solves(new Problem.Product(s[0], s[1], s[2], NONE, NONE, NONE), threads)
                ? Optional.of(product(peer, s[0], s[1], s[2], threads))
                : Optional.empty();
    }

    private static Case product(Peer peer, int m, int k, int n, int threads) {
        double bytes = 4.0 * ((double) m * k + (double) n * k + (double) m * n);
        String family = m == 1 ? "vectors" : "gemm";
        return of(
                peer,
                new Subject(peer.name(), family, m == 1 ? "gemv" : "gemm", Shapes.line(m, k, n), "F32", threads),
                new Cost(2.0 * m * n * k, bytes, (long) bytes, Resource.FMA, Resource.READ),
                () -> new Problem.Product(
                        m, k, n, Operands.uniform(1, m * k), Operands.uniform(2, n * k), new float[m * n]));
    }

    private static Case softmax(Peer peer, int columns) {
        return of(
                peer,
                new Subject(peer.name(), "softmax", "softmax", Shapes.line(1, columns), "F32", 1),
                SoftmaxCases.softmax(1, columns, 1).cost(),
                () -> new Problem.Softmax(1, columns, Operands.normal(1, columns, 4), new float[columns]));
    }

    private static Case of(Peer peer, Subject subject, Cost cost, Supplier<Problem> problem) {
        int[] s = Shapes.numbers(subject.shape());
        Problem empty =
                switch (subject.name()) {
                    case "dot" -> new Problem.Dots(VectorCases.PAIRS, s[0], NONE, NONE, NONE);
                    case "softmax" -> new Problem.Softmax(s[0], s[1], NONE, NONE);
                    default -> new Problem.Product(s[0], s[1], s[2], NONE, NONE, NONE);
                };
        List<String> remarks = peer.defect(empty).stream()
                .map(defect -> defect.what() + " (" + defect.source() + ")")
                .toList();
        return new Case(subject, cost, "", remarks, () -> prepare(peer, problem.get(), subject.threads()));
    }

    private static Computation prepare(Peer peer, Problem problem, int threads) throws Exception {
        Computation computation = peer.prepare(problem, threads);
        try {
            computation.run();
            computation.deliver();
            Checks.answer(problem);
            return computation;
        } catch (RuntimeException | Error e) {
            computation.close();
            throw e;
        }
    }
}
