// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Problem;
import dev.kelvin.cli.roofline.report.Cost;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.cli.roofline.report.Subject;
import dev.kelvin.ops.Vectors;
import java.util.ArrayList;
import java.util.List;

/** Dot products of vectors as search has them, and one row with weights in an array, on one thread. */
final class VectorCases {
    /** Pairs a call, so that the call itself does not count. */
    static final int PAIRS = 32;

    private static final int[] LENGTHS = {384, 768, 1024, 4096};
    private static final int[] QUICK = {768};

    private VectorCases() {}

    static int[] lengths(Plan plan) {
        return plan.quick() ? QUICK : LENGTHS;
    }

    static List<Case> cases(Plan plan) {
        List<Case> cases = new ArrayList<>();
        for (int length : lengths(plan)) {
            cases.add(dot(length));
        }
        cases.add(ProductCases.gemv(2048, 5632));
        return cases;
    }

    /** Pairs of vectors of a length. */
    static Case dot(int length) {
        return new Case(
                new Subject(Subject.KELVIN, "vectors", "dot", Integer.toString(length), "F32", 1),
                cost(length),
                Math.ceilDiv(length, 64) + 6 + "·2⁻²⁴·Σ|a·b|",
                List.of(),
                () -> prepare(length));
    }

    static Cost cost(int length) {
        double elements = (double) PAIRS * length;
        return new Cost(2 * elements, 8 * elements, (long) (8 * elements), Resource.FMA, Resource.READ);
    }

    /** The same for anybody. */
    static Problem.Dots problem(int length) {
        return new Problem.Dots(
                PAIRS,
                length,
                Operands.uniform(1, PAIRS * length),
                Operands.uniform(2, PAIRS * length),
                new float[PAIRS]);
    }

    private static Computation prepare(int length) {
        Problem.Dots problem = problem(length);
        Computation dots = () -> {
            for (int pair = 0; pair < PAIRS; pair++) {
                problem.y()[pair] = Vectors.dot(problem.a(), pair * length, problem.b(), pair * length, length);
            }
        };
        dots.run();
        Checks.answer(problem);
        return dots;
    }
}
