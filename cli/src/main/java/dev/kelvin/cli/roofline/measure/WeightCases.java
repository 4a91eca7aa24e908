// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Cost;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.cli.roofline.report.Subject;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Y = X·Wᵀ with weights of every type that is fast, as a model holds them: packed where loading packs them. One row of
 * x reads W from memory, since the calls go round through copies that no cache holds together.
 */
final class WeightCases {
    /** Those that most files have. */
    private static final List<DType> COMMON =
            List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q5_K, DType.Q6_K);

    /** Those and the others. */
    private static final List<DType> ALL = Stream.concat(
                    COMMON.stream(),
                    Stream.of(DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q2_K, DType.Q3_K, DType.IQ4_NL, DType.IQ4_XS))
            .toList();

    private static final List<DType> QUICK =
            List.of(DType.F16, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q5_K, DType.Q6_K);

    /** The shape that every type is measured with. */
    private static final int[] ROW = {1, 2048, 5632};

    private WeightCases() {}

    /** One row: generation. */
    static List<Case> gemv(Plan plan) {
        List<Case> cases = new ArrayList<>();
        for (int threads : plan.quick() ? new int[] {plan.threads()} : plan.counts()) {
            List<int[]> shapes = plan.quick() || !plan.all(threads)
                    ? List.of(ROW)
                    : Shapes.of("quantized").stream().filter(s -> s[0] == 1).toList();
            for (int[] s : shapes) {
                List<DType> types = plan.quick() ? QUICK : Arrays.equals(s, ROW) ? ALL : COMMON;
                types.forEach(type -> cases.add(product("gemv", s, type, threads)));
            }
        }
        return cases;
    }

    /** Many rows: prompts. F32 stands among the products of matrices. */
    static List<Case> prompts(Plan plan) {
        List<Case> cases = new ArrayList<>();
        for (int[] s : Shapes.of("quantized")) {
            boolean small = s[0] == 128;
            if (s[0] == 1 || (plan.quick() && !small)) {
                continue;
            }
            int threads = small ? 1 : plan.threads();
            List<DType> types = plan.quick() ? List.of(DType.Q8_0, DType.Q4_K) : small ? ALL : COMMON;
            types.forEach(type -> cases.add(product("quantized", s, type, threads)));
        }
        return cases;
    }

    /** One row with the weights of a type, for a sweep. */
    static Case gemv(DType type, int threads) {
        return product("gemv", ROW, type, threads);
    }

    private static Case product(String family, int[] s, DType type, int threads) {
        int m = s[0];
        int k = s[1];
        int n = s[2];
        long weights = type.byteSize((long) n * k);
        double bytes = weights + 4.0 * (m * k + m * n);
        // Products with weights that loading packs are sums of 16-bit integers.
        boolean packed = PackedLayout.of(type).isPresent();
        int copies = m == 1 ? copies(weights) : 1;
        return new Case(
                new Subject(Subject.KELVIN, family, m == 1 ? "gemv" : "gemm", Shapes.line(s), type.name(), threads),
                new Cost(
                        2.0 * m * n * k,
                        bytes,
                        copies * weights,
                        packed ? Resource.INTEGER : Resource.FMA,
                        Resource.READ),
                packed ? "activations to max/254, then exact" : k / 16 + 5 + "·2⁻²⁴·Σ|x·w|",
                List.of(),
                () -> Calls.of(threads, (compute, arena) -> multiply(compute, arena, s, type, copies)));
    }

    /** So many that no cache holds them together. */
    private static int copies(long bytes) {
        long largest = Machine.caches().getLast().bytes();
        return Math.toIntExact(Math.ceilDiv(Math.max(1L << 27, 3 * largest), bytes));
    }

    private static Runnable multiply(Compute compute, Arena arena, int[] s, DType type, int count) {
        int m = s[0];
        int k = s[1];
        int n = s[2];
        MappedTensor drawn = Operands.weights(type, n, k, arena);
        Tensor[] copies = new Tensor[count];
        copies[0] = compute.weights().pack(drawn, arena);
        for (int i = 1; i < count; i++) {
            copies[i] = Operands.copy(copies[0], arena);
        }
        HeapTensor x = Operands.matrix(1, m, k);
        HeapTensor y = HeapTensor.zeros(m, n);
        compute.matmul(x, copies[0], y);
        check(copies[0], Operands.row(drawn, n - 1), x, y);
        int[] next = {0};
        return () -> {
            next[0] = next[0] + 1 == count ? 0 : next[0] + 1;
            compute.matmul(x, copies[next[0]], y);
        };
    }

    /** An element is off by the roundings of its sum, and where activations become codes by half a step of each. */
    private static void check(Tensor w, float[] last, HeapTensor x, HeapTensor y) {
        int from = (x.rows() - 1) * x.columns();
        double expected = 0;
        double bound = 0;
        for (int k = 0; k < last.length; k++) {
            double product = (double) x.data()[from + k] * last[k];
            double halfStep = w instanceof PackedTensor ? 0.5 * Math.abs(last[k]) * 0.5 / 127 : 0;
            expected += product;
            bound += halfStep + (last.length / 16 + 5) * Checks.ROUNDING * Math.abs(product);
        }
        Checks.near("product with " + w.dtype(), y.data()[y.data().length - 1], expected, bound);
    }
}
