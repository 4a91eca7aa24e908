// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Peer;
import dev.kelvin.cli.roofline.peer.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each peer as it is called: right at odd sizes, computed anew, and from the operands alone. */
class PeersTest {
    static List<Peer> peers() {
        List<Peer> peers = new ArrayList<>();
        ServiceLoader.load(Peer.class).forEach(peers::add);
        return peers;
    }

    @Test
    void allAreFoundByTheirNames() {
        assertEquals(
                List.of("VectorBLAS", "Lucene", "EJML", "ojAlgo", "OpenBLAS"),
                peers().stream().map(Peer::name).toList());
        peers().forEach(peer -> assertTrue(peer.version().matches("(?s).*\\d.*|not installed"), peer.version()));
    }

    private static float[] drawn(SplittableRandom random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    private static void present(Peer peer) {
        Optional<String> missing = peer.missing();
        assumeTrue(missing.isEmpty(), () -> peer.name() + " was not tested: " + missing.get());
    }

    @ParameterizedTest
    @MethodSource("peers")
    void productsAreRight(Peer peer) throws Exception {
        present(peer);
        SplittableRandom random = new SplittableRandom(1);
        for (int threads = 1; threads <= 2; threads++) {
            for (int[] s : new int[][] {{1, 7, 5}, {3, 17, 9}, {33, 64, 40}, {128, 31, 130}}) {
                Problem.Product p = new Problem.Product(
                        s[0],
                        s[1],
                        s[2],
                        drawn(random, s[0] * s[1]),
                        drawn(random, s[2] * s[1]),
                        new float[s[0] * s[2]]);
                if (peer.solves(p, threads)) {
                    check(peer, p, threads);
                }
            }
        }
    }

    private static void check(Peer peer, Problem.Product p, int threads) throws Exception {
        try (Computation computation = peer.prepare(p, threads)) {
            computation.run();
            computation.run(); // the second time must not add to the first
            computation.deliver();
        }
        for (int m = 0; m < p.m(); m++) {
            for (int n = 0; n < p.n(); n++) {
                double expected = 0;
                for (int k = 0; k < p.k(); k++) {
                    expected += (double) p.x()[m * p.k() + k] * p.w()[n * p.k() + k];
                }
                assertEquals(expected, p.y()[m * p.n() + n], 1e-5 * p.k(), peer.name() + " " + p.shape());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("peers")
    void dotProductsAreRight(Peer peer) throws Exception {
        present(peer);
        SplittableRandom random = new SplittableRandom(2);
        for (int length : new int[] {1, 33, 768}) {
            Problem.Dots p =
                    new Problem.Dots(3, length, drawn(random, 3 * length), drawn(random, 3 * length), new float[3]);
            assumeTrue(peer.solves(p, 1), peer.name() + " has no dot product here");
            try (Computation computation = peer.prepare(p, 1)) {
                computation.run();
                computation.deliver();
            }
            for (int row = 0; row < 3; row++) {
                double expected = 0;
                for (int i = row * length; i < (row + 1) * length; i++) {
                    expected += (double) p.a()[i] * p.b()[i];
                }
                assertEquals(expected, p.y()[row], 1e-5 * length, peer.name());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("peers")
    void defectsHaveASource(Peer peer) {
        for (int m : new int[] {1, 512}) {
            Problem problem = new Problem.Product(m, 2048, 5632, new float[0], new float[0], new float[0]);
            peer.defect(problem).ifPresent(defect -> {
                assertTrue(defect.source().contains("github.com/"), defect.source());
                assertFalse(defect.what().endsWith("."), defect.what());
            });
        }
        Problem softmax = new Problem.Softmax(1, 10, new float[0], new float[0]);
        assertFalse(peer.solves(softmax, 1), "none of them has one");
    }
}
