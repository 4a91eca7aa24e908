// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Cost;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.cli.roofline.report.Subject;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Softmax and its logarithm over rows of logits. An operation is a multiplication on lanes, fused or not, counted as
 * two: nine for a numerator, and two for its share of the sum or one for the logarithm.
 */
final class SoftmaxCases {
    private static final float TEMPERATURE = 0.8f;
    private static final int NUMERATOR = 9;

    /**
     * Rows that are as long as the whole vocabulary, as many as a batch has; more of them take long and say nothing
     * new.
     */
    private static final int MOST_ROWS = 8;

    private static final List<int[]> QUICK = List.of(new int[] {1, 32_000}, new int[] {1, 128_256});

    private SoftmaxCases() {}

    static List<Case> cases(Plan plan) {
        List<int[]> shapes = plan.quick()
                ? QUICK
                : Shapes.of("softmax").stream().filter(s -> s[0] <= MOST_ROWS).toList();
        List<Case> cases = new ArrayList<>();
        for (int threads : plan.quick() ? new int[] {1} : plan.counts()) {
            for (int[] s : shapes) {
                if (threads == 1 || s[0] > 1) {
                    cases.add(softmax(s[0], s[1], threads));
                }
            }
            cases.add(logSoftmax(1, 32_000, threads));
        }
        return cases;
    }

    /** One row, for a sweep. */
    static Case softmax(int rows, int columns, int threads) {
        return of("softmax", rows, columns, threads);
    }

    private static Case logSoftmax(int rows, int columns, int threads) {
        return of("log-softmax", rows, columns, threads);
    }

    private static Case of(String name, int rows, int columns, int threads) {
        boolean logarithm = name.equals("log-softmax");
        double elements = (double) rows * columns;
        double operations = 2 * elements * (NUMERATOR + (logarithm ? 1 : 2));
        return new Case(
                new Subject(Subject.KELVIN, "softmax", name, Shapes.line(rows, columns), "F32", threads),
                new Cost(operations, 8 * elements, (long) (8 * elements), Resource.FMA, Resource.COPY),
                logarithm ? "3·2⁻²⁴·|result| + 2⁻²⁰" : "16·2⁻²⁴ of each",
                List.of(),
                () -> Calls.of(threads, (compute, _) -> prepare(compute, logarithm, rows, columns)));
    }

    private static Runnable prepare(Compute compute, boolean logarithm, int rows, int columns) {
        HeapTensor logits = HeapTensor.of(Operands.normal(1, rows * columns, 4), rows, columns);
        HeapTensor out = HeapTensor.zeros(rows, columns);
        compute.softmax(logits, TEMPERATURE, out);
        for (int row = 0; row < rows; row++) {
            Checks.sumsToOne("softmax", out.data(), row * columns, (row + 1) * columns, 9 * Checks.ROUNDING);
        }
        if (!logarithm) {
            return () -> compute.softmax(logits, TEMPERATURE, out);
        }
        double first = Math.log(out.data()[0]);
        compute.logSoftmax(logits, TEMPERATURE, out);
        Checks.near("log-softmax", out.data()[0], first, 1e-5 * Math.max(1, Math.abs(first)));
        return () -> compute.logSoftmax(logits, TEMPERATURE, out);
    }
}
