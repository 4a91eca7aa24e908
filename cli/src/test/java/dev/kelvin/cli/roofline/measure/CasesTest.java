// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Peer;
import dev.kelvin.cli.roofline.peer.Problem;
import dev.kelvin.cli.roofline.report.Subject;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CasesTest {
    /** What needs more memory than a test should have is prepared in a fork of its own, by RooflineIT. */
    private static final long SMALL = 1 << 26;

    private static final List<String> FAMILIES =
            Arrays.stream(Family.values()).map(Family::word).toList();

    private static Plan plan(Mode mode) {
        return Plan.of(mode.word(), "2", String.join(",", FAMILIES));
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void answersAreCheckedBeforeTheyAreTimed(Family family) throws Exception {
        for (Case each : family.cases(plan(Mode.QUICK))) {
            if (each.cost().workingSet() <= SMALL) {
                try (Computation computation = each.setup().prepare()) {
                    computation.run();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void noTwoCasesAreOfTheSameThing(Mode mode) {
        Set<Subject> subjects = new HashSet<>();
        for (Family family : Family.values()) {
            List<Case> cases = family.cases(plan(mode));
            assertFalse(cases.isEmpty(), family.word());
            for (Case each : cases) {
                assertTrue(subjects.add(each.subject()), each.subject().toString());
                assertEquals(family.word(), each.subject().family());
                assertTrue(each.cost().bytes() > 0 && each.cost().operations() > 0);
            }
        }
        for (Case each : Sweep.cases(plan(mode))) {
            assertTrue(subjects.contains(each.subject()), "a sweep is compared with " + each.subject());
        }
        for (Case each : PeerCases.cases(new PlainLoops(), plan(mode))) {
            assertTrue(subjects.contains(each.subject().byKelvin()), "Kelvin computes " + each.subject() + ", too");
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void everyFamilyHasOneJvmOfARound(Mode mode) {
        List<Family> all = Family.groups(EnumSet.allOf(Family.class), mode.quick()).stream()
                .flatMap(List::stream)
                .toList();
        assertEquals(Family.values().length, all.size());
        assertEquals(EnumSet.allOf(Family.class), Set.copyOf(all));
        assertEquals(List.of(List.of(Family.ROWS)), Family.groups(EnumSet.of(Family.ROWS), mode.quick()));
    }

    @Test
    void aFullRunTakesTheShapesOfTheRepository() {
        List<String> gemm = Family.GEMM.cases(plan(Mode.FULL)).stream()
                .map(each -> each.subject().shape())
                .toList();
        for (String shape : List.of("2 2048 5632", "128 2048 32000", "1024 1024 1024")) {
            assertTrue(gemm.contains(shape), shape);
        }
        assertFalse(gemm.contains("1 2048 2048"), "one row stands among the weights");
        assertEquals(List.of(768, 2048, 4096, 5632, 32_000, 50_257, 128_256), Shapes.models());
    }

    @Test
    void plainLoopsAreRightAtOddSizes() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        for (int[] s : new int[][] {{1, 1, 1}, {3, 17, 5}, {2, 64, 33}}) {
            Problem.Product problem = new Problem.Product(
                    s[0], s[1], s[2], drawn(random, s[0] * s[1]), drawn(random, s[2] * s[1]), new float[s[0] * s[2]]);
            new PlainLoops().prepare(problem, 1).run();
            Checks.answer(problem);
            problem.y()[0] += 1e-3f;
            assertThrows(IllegalStateException.class, () -> Checks.answer(problem), "a wrong answer");
        }
        Problem.Softmax softmax = new Problem.Softmax(3, 7, drawn(random, 21), new float[21]);
        new PlainLoops().prepare(softmax, 1).run();
        assertEquals(
                Math.exp(softmax.logits()[15] - softmax.logits()[14]), softmax.probs()[15] / softmax.probs()[14], 1e-5);
    }

    private static float[] drawn(SplittableRandom random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    /** A peer that computes half of it. */
    private static final class Wrong implements Peer {
        @Override
        public String name() {
            return "wrong";
        }

        @Override
        public String version() {
            return "1";
        }

        @Override
        public boolean solves(Problem problem, int threads) {
            return problem instanceof Problem.Dots;
        }

        @Override
        public Computation prepare(Problem problem, int threads) {
            Problem.Dots dots = (Problem.Dots) problem;
            return () -> Arrays.fill(dots.y(), dots.a()[0] * dots.b()[0]);
        }
    }

    @Test
    void aWrongAnswerHasNoSpeed() {
        List<Case> cases = PeerCases.cases(new Wrong(), plan(Mode.QUICK));
        assertEquals(1, cases.size());
        assertThrows(IllegalStateException.class, () -> cases.getFirst().setup().prepare());
    }

    @Test
    void machinesAreReadAsLinuxWritesThem() {
        assertEquals(32 << 10, Machine.bytes("32K"));
        assertEquals(3L << 20, Machine.bytes("3M"));
        assertEquals(17, Machine.bytes("17"));
        assertEquals(5, Machine.count("0-3,8"));
        assertEquals(1, Machine.count("0"));
        assertFalse(Machine.caches().isEmpty());
        assertTrue(Machine.environment().memoryBytes() > 1 << 28);
    }
}
