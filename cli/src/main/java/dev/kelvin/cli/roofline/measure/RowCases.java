// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Cost;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.cli.roofline.report.Subject;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Operations on rows on one thread. An operation is a multiplication or addition on lanes; those of functions are those
 * of their loops on lanes.
 */
final class RowCases {
    /** Elements of a batch of rows: three such tensors fit into a second-level cache of 1 MiB. */
    private static final int ELEMENTS = 1 << 16;

    private static final int HEAD_DIM = 64;
    private static final long WEIGHT_SEED = 3;

    /** What is measured, with its operations an element, tensors that are read or written, and error. */
    private enum Kind {
        ADD("add", 1, 3, "half a ULP", Resource.COPY),
        RMS_NORM("RMSNorm", 4, 2, "(D/128 + 6)·2⁻²⁴ relative", Resource.COPY),
        LAYER_NORM("LayerNorm", 7, 2, "(D/64 + 10)·2⁻²⁴·(1 + |x̂|)", Resource.COPY),
        SWIGLU("SwiGLU", 26, 3, "6·2⁻²⁴ relative", Resource.COPY),
        EXP("exp", 22, 2, "0.833 ULP", Resource.COPY),
        TANH("tanh", 42, 2, "2 ULP", Resource.COPY),
        ROPE("RoPE", 3, 2, "3·2⁻²⁴·(|x₀| + |x₁|)", Resource.COPY),
        LOG_SUM_EXP("logsumexp", 18, 1, "2⁻²⁰ + 2⁻²⁴·|result|", Resource.READ),
        SUM("sum", 1, 1, "24·2⁻²⁴·Σ|x|", Resource.READ),
        ARGMAX("argmax", 1, 1, "exact", Resource.READ);

        private final String title;
        private final int operations;
        private final int tensors;
        private final String bound;
        private final Resource traffic;

        Kind(String title, int operations, int tensors, String bound, Resource traffic) {
            this.title = title;
            this.operations = operations;
            this.tensors = tensors;
            this.bound = bound;
            this.traffic = traffic;
        }
    }

    private RowCases() {}

    static List<Case> cases(Plan plan) {
        List<Integer> lengths = plan.quick() ? List.of(2048) : Shapes.models();
        List<Case> cases = new ArrayList<>();
        for (int columns : lengths) {
            boolean dimension = columns < 10_000; // the others are vocabularies, over which no layer works
            for (Kind kind : Kind.values()) {
                boolean logits = kind.tensors == 1;
                if (plan.quick() || dimension != logits) {
                    cases.add(of(kind, columns));
                }
            }
        }
        return cases;
    }

    private static Case of(Kind kind, int columns) {
        int rows = Math.max(1, ELEMENTS / columns);
        double elements = (double) rows * columns;
        double bytes = 4 * kind.tensors * elements;
        return new Case(
                new Subject(Subject.KELVIN, "rows", kind.title, Shapes.line(rows, columns), "F32", 1),
                new Cost(kind.operations * elements, bytes, (long) bytes, Resource.FMA, kind.traffic),
                kind.bound,
                List.of(),
                () -> Calls.of(1, (compute, _) -> prepare(compute, kind, rows, columns)));
    }

    private static Runnable prepare(Compute compute, Kind kind, int rows, int columns) {
        HeapTensor x = HeapTensor.of(Operands.normal(1, rows * columns, 4), rows, columns);
        HeapTensor z = HeapTensor.of(Operands.normal(2, rows * columns, 4), rows, columns);
        HeapTensor weight = HeapTensor.of(Operands.normal(WEIGHT_SEED, columns, 1), columns);
        HeapTensor y = HeapTensor.zeros(rows, columns);
        HeapTensor sums = HeapTensor.zeros(rows);
        int[] indices = new int[rows];
        Runnable call =
                switch (kind) {
                    case ADD -> () -> compute.elements().add(x, z, y);
                    case RMS_NORM -> () -> compute.rows().rmsNorm(x, weight, 1e-5f, y);
                    case LAYER_NORM -> () -> compute.rows().layerNorm(x, weight, weight, 1e-5f, y);
                    case SWIGLU -> () -> compute.elements().gated(Activation.SILU, x, z, y);
                    case EXP -> () -> compute.elements().exp(x, y);
                    case TANH -> () -> compute.elements().activate(Activation.TANH, x, y);
                    case ROPE -> rope(compute, x, y);
                    case LOG_SUM_EXP -> () -> compute.rows().logSumExp(x, sums);
                    case SUM -> () -> compute.rows().sum(x, sums);
                    case ARGMAX -> () -> compute.rows().argmax(x, false, indices);
                };
        call.run();
        check(kind, x, z, y, sums, indices);
        return call;
    }

    private static Runnable rope(Compute compute, HeapTensor x, HeapTensor y) {
        System.arraycopy(x.data(), 0, y.data(), 0, x.data().length);
        int headDim = x.columns() % HEAD_DIM == 0 ? HEAD_DIM : x.columns();
        RopeTable table =
                RopeTable.of(RopeTable.Pairing.ADJACENT, headDim, x.rows(), RopeTable.frequencies(headDim, 10_000), 1);
        int[] positions = IntStream.range(0, x.rows()).toArray();
        return () -> compute.attention().rope(y, table, positions);
    }

    /** One element, or one row, against double. */
    private static void check(Kind kind, HeapTensor x, HeapTensor z, HeapTensor y, HeapTensor sums, int[] indices) {
        double[] row = row(x);
        double first = row[0];
        double actual = y.data()[0];
        switch (kind) {
            case ADD -> Checks.near("add", actual, x.data()[0] + z.data()[0], 0);
            case EXP -> Checks.near("exp", actual, Math.exp(first), Math.ulp((float) Math.exp(first)));
            case TANH -> Checks.near("tanh", actual, Math.tanh(first), 2 * Math.ulp((float) Math.tanh(first)));
            case SWIGLU -> {
                double expected = first / (1 + Math.exp(-first)) * z.data()[0];
                Checks.near("SwiGLU", actual, expected, 6.01 * Checks.ROUNDING * Math.abs(expected));
            }
            case ROPE ->
                Checks.near("RoPE: the norm of a row", squares(row(y), 0), squares(row, 0), 1e-4 * squares(row, 0));
            case SUM -> {
                double magnitude = Arrays.stream(row).map(Math::abs).sum();
                Checks.near("sum", sums.data()[0], Arrays.stream(row).sum(), 24 * Checks.ROUNDING * magnitude);
            }
            case LOG_SUM_EXP -> {
                double largest = Arrays.stream(row).max().orElseThrow();
                double sum = Arrays.stream(row)
                        .map(value -> Math.exp(value - largest))
                        .sum();
                Checks.near("logsumexp", sums.data()[0], largest + Math.log(sum), 1e-4);
            }
            case ARGMAX ->
                Checks.near("argmax", row[indices[0]], Arrays.stream(row).max().orElseThrow(), 0);
            case RMS_NORM, LAYER_NORM -> {
                double mean = kind == Kind.LAYER_NORM ? Arrays.stream(row).sum() / row.length : 0;
                double deviation = Math.sqrt(squares(row, mean) / row.length);
                double weight = Operands.normal(WEIGHT_SEED, row.length, 1)[0];
                double bias = kind == Kind.LAYER_NORM ? weight : 0;
                double expected = (first - mean) / deviation * weight + bias;
                Checks.near(kind.title, actual, expected, 1e-3 * (1 + Math.abs(expected)));
            }
        }
    }

    private static double[] row(HeapTensor x) {
        double[] row = new double[x.columns()];
        for (int i = 0; i < row.length; i++) {
            row[i] = x.data()[i];
        }
        return row;
    }

    private static double squares(double[] row, double mean) {
        return Arrays.stream(row).map(value -> (value - mean) * (value - mean)).sum();
    }
}
