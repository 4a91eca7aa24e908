// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench.peer;

import dev.kelvin.bench.OpenBlas;
import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Peer;
import dev.kelvin.cli.roofline.peer.Problem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/** OpenBLAS of the system, in native code with operands outside the heap: Debian's libopenblas0-pthread. */
public final class OpenBlasPeer implements Peer {
    @Override
    public String name() {
        return "OpenBLAS";
    }

    @Override
    public String version() {
        return missing().isPresent() ? "not installed" : new OpenBlas().config();
    }

    @Override
    public List<String> jvmOptions() {
        return List.of("--enable-native-access=ALL-UNNAMED");
    }

    @Override
    public Optional<String> missing() {
        try {
            return new OpenBlas().config().isEmpty() ? Optional.of("it does not tell its version") : Optional.empty();
        } catch (IllegalArgumentException | IllegalCallerException e) {
            return Optional.of("libopenblas.so.0 is not installed");
        }
    }

    @Override
    public boolean solves(Problem problem, int threads) {
        return problem instanceof Problem.Product;
    }

    @Override
    public Computation prepare(Problem problem, int threads) {
        return new Product((Problem.Product) problem, threads);
    }

    /** Y = X·Wᵀ of copies. */
    private static final class Product implements Computation {
        private final Problem.Product problem;
        private final OpenBlas library = new OpenBlas();
        private final Arena arena = Arena.ofShared();
        private final MemorySegment x;
        private final MemorySegment w;
        private final MemorySegment y;

        Product(Problem.Product problem, int threads) {
            this.problem = problem;
            library.setThreads(threads);
            x = copy(problem.x());
            w = copy(problem.w());
            y = copy(problem.y());
        }

        private MemorySegment copy(float[] data) {
            MemorySegment segment = arena.allocate(4L * data.length, 64);
            MemorySegment.copy(data, 0, segment, ValueLayout.JAVA_FLOAT, 0, data.length);
            return segment;
        }

        @Override
        public void run() {
            if (problem.m() == 1) {
                library.multiply(problem.n(), problem.k(), w, x, y);
            } else {
                library.multiply(problem.m(), problem.n(), problem.k(), x, w, y);
            }
        }

        @Override
        public void deliver() {
            MemorySegment.copy(y, ValueLayout.JAVA_FLOAT, 0, problem.y(), 0, problem.y().length);
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
