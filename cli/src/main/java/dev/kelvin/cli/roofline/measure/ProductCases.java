// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Cost;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.cli.roofline.report.Subject;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Products of matrices in f32: Y = X·Wᵀ at the sizes of prompts and batches, and the two gradients of training. */
final class ProductCases {
    /** Products that take longer than a sample are left out. */
    private static final double MOST_OPERATIONS = 2e10;

    private static final List<String> QUICK = List.of("32 2048 5632", "128 2048 5632", "512 512 512");

    private ProductCases() {}

    static List<Case> gemm(Plan plan) {
        List<int[]> shapes = plan.quick()
                ? QUICK.stream().map(Shapes::numbers).toList()
                : Shapes.of("gemm").stream()
                        .filter(s -> s[0] > 1 && 2.0 * s[0] * s[1] * s[2] <= MOST_OPERATIONS)
                        .toList();
        List<Case> cases = new ArrayList<>();
        for (int threads : plan.counts()) {
            for (int[] s : shapes) {
                if (threads == 1 || s[0] >= 128) {
                    cases.add(gemm(s[0], s[1], s[2], threads));
                }
            }
        }
        return cases;
    }

    /** What a sweep has of them. */
    static List<Case> sweep() {
        return List.of(gemm(128, 2048, 5632, 1), gemm(512, 512, 512, 1));
    }

    /** One row in f32, beside peers that have no other product. */
    static Case gemv(int k, int n) {
        return product("vectors", 1, k, n, 1);
    }

    private static Case gemm(int m, int k, int n, int threads) {
        return product("gemm", m, k, n, threads);
    }

    private static Case product(String family, int m, int k, int n, int threads) {
        double bytes = 4.0 * ((double) m * k + (double) n * k + (double) m * n);
        return new Case(
                new Subject(Subject.KELVIN, family, m == 1 ? "gemv" : "gemm", Shapes.line(m, k, n), "F32", threads),
                new Cost(2.0 * m * n * k, bytes, (long) bytes, Resource.FMA, Resource.READ),
                k / 16 + 5 + "·2⁻²⁴·Σ|x·w|",
                List.of(),
                () -> Calls.of(threads, (compute, _) -> multiply(compute, m, k, n)));
    }

    private static Runnable multiply(Compute compute, int m, int k, int n) {
        HeapTensor x = Operands.matrix(1, m, k);
        HeapTensor w = Operands.matrix(2, n, k);
        HeapTensor y = HeapTensor.zeros(m, n);
        compute.matmul(x, w, y);
        float[] last = Arrays.copyOfRange(w.data(), (n - 1) * k, n * k);
        Checks.dot("gemm: the last element", y.data()[m * n - 1], x.data(), (m - 1) * k, last, k / 16 + 5);
        return () -> compute.matmul(x, w, y);
    }

    /** The gradients of a product by its input and by its weights, at the sizes of GPT-2's feed-forward layer. */
    static List<Case> training(Plan plan) {
        int m = 512;
        int k = 768;
        int n = 3072;
        List<Case> cases = new ArrayList<>();
        for (int threads : plan.quick() ? new int[] {1} : plan.counts()) {
            cases.add(gradient("by input", m, k, n, threads));
            cases.add(gradient("by weights", m, k, n, threads));
        }
        return cases;
    }

    private static Case gradient(String by, int m, int k, int n, int threads) {
        double bytes = 4.0 * (m * k + n * k + m * n);
        boolean input = by.equals("by input");
        return new Case(
                new Subject(Subject.KELVIN, "training", "gradient " + by, Shapes.line(m, k, n), "F32", threads),
                new Cost(2.0 * m * n * k, bytes, (long) bytes, Resource.FMA, Resource.READ),
                (input ? n : m) + "·2⁻²⁴·Σ|dy·" + (input ? "w|" : "x|"),
                List.of(),
                () -> Calls.of(
                        threads, (compute, _) -> input ? byInput(compute, m, k, n) : byWeights(compute, m, k, n)));
    }

    private static Runnable byInput(Compute compute, int m, int k, int n) {
        HeapTensor dy = Operands.matrix(1, m, n);
        HeapTensor w = Operands.matrix(2, n, k);
        HeapTensor dx = HeapTensor.zeros(m, k);
        compute.training().matmulBackwardInput(dy, w, dx, false);
        float[] column = column(w, k - 1);
        Checks.dot("gradient: the last element", dx.data()[m * k - 1], dy.data(), (m - 1) * n, column, n);
        return () -> compute.training().matmulBackwardInput(dy, w, dx, false);
    }

    private static Runnable byWeights(Compute compute, int m, int k, int n) {
        HeapTensor dy = Operands.matrix(1, m, n);
        HeapTensor x = Operands.matrix(2, m, k);
        HeapTensor dw = HeapTensor.zeros(n, k);
        compute.training().matmulBackwardWeight(dy, x, dw, false);
        Checks.dot("gradient: the last element", dw.data()[n * k - 1], column(dy, n - 1), 0, column(x, k - 1), m);
        return () -> compute.training().matmulBackwardWeight(dy, x, dw, false);
    }

    private static float[] column(HeapTensor matrix, int column) {
        float[] values = new float[matrix.rows()];
        for (int row = 0; row < values.length; row++) {
            values[row] = matrix.data()[row * matrix.columns() + column];
        }
        return values;
    }
}
