// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What rows are reduced to: against double, at the ends of the range, and the same bits whatever computes. */
class ReductionsTest {
    private static final double U = 0x1p-24;

    @FunctionalInterface
    private interface Call {
        void run(Rows rows, HeapTensor x, HeapTensor out);
    }

    @FunctionalInterface
    private interface Exact {
        double of(float[] row);
    }

    /** Errors as multiples of 2⁻²⁴·Σ|x|, or of the result. */
    private record Reduction(String name, Call call, Exact exact, double bound, boolean ofResult) {}

    private static double sum(float[] row, DoubleUnaryOperator f) {
        double sum = 0;
        for (float value : row) {
            sum += f.applyAsDouble(value);
        }
        return sum;
    }

    private static double variance(float[] row, int correction) {
        double mean = sum(row, x -> x) / row.length;
        return sum(row, x -> (x - mean) * (x - mean)) / (row.length - correction);
    }

    private static final List<Reduction> REDUCTIONS = List.of(
            new Reduction("sum", Rows::sum, row -> sum(row, x -> x), 24, false),
            new Reduction("mean", Rows::mean, row -> sum(row, x -> x) / row.length, 24, false),
            new Reduction("variance", (r, x, out) -> r.variance(x, 0, out), row -> variance(row, 0), 26, true),
            new Reduction("variance of 2", (r, x, out) -> r.variance(x, 2, out), row -> variance(row, 2), 26, true),
            new Reduction(
                    "max",
                    Rows::max,
                    row -> IntStream.range(0, row.length)
                            .mapToDouble(i -> row[i])
                            .max()
                            .orElse(0),
                    0,
                    true),
            new Reduction(
                    "min",
                    Rows::min,
                    row -> IntStream.range(0, row.length)
                            .mapToDouble(i -> row[i])
                            .min()
                            .orElse(0),
                    0,
                    true),
            new Reduction("norm1", Rows::norm1, row -> sum(row, Math::abs), 24, true),
            new Reduction("norm2", Rows::norm2, row -> Math.sqrt(sum(row, x -> x * x)), 26, true),
            new Reduction(
                    "normInf",
                    Rows::normInf,
                    row -> IntStream.range(0, row.length)
                            .mapToDouble(i -> Math.abs(row[i]))
                            .max()
                            .orElse(0),
                    0,
                    true),
            new Reduction("logSumExp", Rows::logSumExp, row -> Math.log(sum(row, Math::exp)), 16, false));

    private static float[] row(HeapTensor x, int row) {
        int from = x.offset() + row * x.columns();
        return Arrays.copyOfRange(x.data(), from, from + x.columns());
    }

    @Test
    void againstDoubleAndEverywhere() {
        for (int columns : new int[] {3, 17, 511, 513, 1023, 1025, 1500, 5000}) {
            float[] data = FiniteDifferences.gaussian(columns, 3 + 4 * columns);
            HeapTensor x = HeapTensor.view(data, 3, 2, 2, columns);
            for (Reduction reduction : REDUCTIONS) {
                HeapTensor expected = HeapTensor.zeros(4);
                reduction.call.run(ComputeGrid.reference().rows(), x, expected);
                for (int r = 0; r < 4; r++) {
                    double exact = reduction.exact.of(row(x, r));
                    double scale = reduction.ofResult ? Math.abs(exact) : sum(row(x, r), Math::abs);
                    assertEquals(
                            exact, expected.data()[r], scale * reduction.bound * U, reduction.name + " of " + columns);
                }
                for (ComputeGrid.Point point : ComputeGrid.points()) {
                    HeapTensor actual = HeapTensor.zeros(2, 2);
                    reduction.call.run(point.compute().rows(), x, actual);
                    assertArrayEquals(expected.data(), actual.data(), reduction.name + " at " + point);
                }
            }
        }
    }

    private static float one(Call call, float... row) {
        HeapTensor out = HeapTensor.zeros(1);
        call.run(ComputeGrid.fastest().rows(), HeapTensor.of(row, row.length), out);
        return out.data()[0];
    }

    @Test
    void theEndsOfTheRange() {
        float infinity = Float.POSITIVE_INFINITY;
        assertEquals(3e30f, one(Rows::norm2, 0, 1e30f, 2e30f, -2e30f), 1e24f);
        float tiny = 700 * Float.MIN_VALUE;
        assertEquals(3 * tiny, one(Rows::norm2, tiny, 2 * tiny, -2 * tiny), 2 * Float.MIN_VALUE);
        assertEquals(infinity, one(Rows::norm2, 1, -infinity));
        assertEquals(Float.NaN, one(Rows::norm2, 1, Float.NaN));
        assertEquals(0, one(Rows::norm2));
        assertEquals(2f / 3, one((r, x, out) -> r.variance(x, 0, out), 1_000_000, 1_000_001, 1_000_002), 1e-6f);
        assertEquals(1e36f, one((r, x, out) -> r.variance(x, 0, out), 1e18f, -1e18f), 1e30f);
        assertEquals(Float.NaN, one((r, x, out) -> r.variance(x, 1, out), 5));
        assertEquals(Float.NaN, one((r, x, out) -> r.variance(x, 0, out), 5, infinity));
        assertEquals(Float.NaN, one(Rows::max, 1, Float.NaN, 3));
        assertEquals(Float.NEGATIVE_INFINITY, one(Rows::max));
        assertEquals(infinity, one(Rows::min));
        assertEquals(Float.NaN, one(Rows::min, Float.NaN, 3));
        assertEquals(Float.NEGATIVE_INFINITY, one(Rows::logSumExp));
        assertEquals(Float.NEGATIVE_INFINITY, one(Rows::logSumExp, -infinity, -infinity));
        assertEquals(infinity, one(Rows::logSumExp, 1, infinity));
        assertEquals(1e38f, one(Rows::logSumExp, 1e38f, 3), 0);
        assertEquals((float) (1000 + Math.log(2)), one(Rows::logSumExp, 1000, 1000));
    }

    @Test
    void indices() {
        HeapTensor x = HeapTensor.of(new float[] {1, 3, 3, -2, 5, -2, -0f, 0, 0, 1, Float.NaN, 9}, 4, 3);
        int[] indices = new int[4];
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            Rows rows = point.compute().rows();
            rows.argmax(x, false, indices);
            assertEquals("[1, 1, 0, 1]", Arrays.toString(indices));
            rows.argmax(x, true, indices);
            assertEquals("[2, 1, 2, 1]", Arrays.toString(indices));
            rows.argmin(x, false, indices);
            assertEquals("[0, 0, 0, 1]", Arrays.toString(indices));
            rows.argmin(x, true, indices);
            assertEquals("[0, 2, 2, 1]", Arrays.toString(indices));
        }
        Rows rows = ComputeGrid.reference().rows();
        assertThrows(IllegalArgumentException.class, () -> rows.argmax(x, true, new int[3]));
        assertThrows(IllegalArgumentException.class, () -> rows.argmax(HeapTensor.zeros(2, 0), true, indices));
    }

    @Test
    void theBestFew() {
        for (int columns : new int[] {1, 2, 9, 600}) {
            float[] data = FiniteDifferences.gaussian(columns, 3 * columns);
            for (int i = 0; i < data.length; i++) {
                data[i] = Math.round(data[i] * 20) / 20f; // with equal ones
            }
            HeapTensor x = HeapTensor.of(data, 3, columns);
            for (int k : new int[] {1, 2, 5, columns}) {
                for (boolean largest : new boolean[] {true, false}) {
                    if (k <= columns) {
                        checkTopK(x, k, largest);
                    }
                }
            }
        }
        HeapTensor odd = HeapTensor.of(new float[] {-0f, Float.NaN, 0, Float.POSITIVE_INFINITY}, 4);
        HeapTensor values = HeapTensor.zeros(4);
        int[] indices = new int[4];
        ComputeGrid.reference().rows().topK(odd, 4, true, values, indices);
        assertEquals("[1, 3, 0, 2]", Arrays.toString(indices));
        ComputeGrid.reference().rows().topK(odd, 4, false, values, indices);
        assertEquals("[0, 2, 3, 1]", Arrays.toString(indices));
        Rows rows = ComputeGrid.reference().rows();
        assertThrows(IllegalArgumentException.class, () -> rows.topK(odd, 5, true, HeapTensor.zeros(5), new int[5]));
        assertThrows(IllegalArgumentException.class, () -> rows.topK(odd, 2, true, HeapTensor.zeros(3), indices));
    }

    private static void checkTopK(HeapTensor x, int k, boolean largest) {
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor values = HeapTensor.zeros(3, k);
            int[] indices = new int[3 * k];
            point.compute().rows().topK(x, k, largest, values, indices);
            for (int r = 0; r < 3; r++) {
                float[] row = row(x, r);
                Comparator<Integer> byValue = Comparator.comparingDouble(i -> largest ? -row[i] : row[i]);
                int[] expected = IntStream.range(0, row.length)
                        .boxed()
                        .sorted(byValue.thenComparing(Comparator.naturalOrder()))
                        .limit(k)
                        .mapToInt(i -> i)
                        .toArray();
                assertArrayEquals(expected, Arrays.copyOfRange(indices, r * k, r * k + k), () -> k + " at " + point);
                for (int i = 0; i < k; i++) {
                    assertEquals(row[expected[i]], values.data()[r * k + i]);
                }
            }
        }
    }

    @Test
    void normsWithoutWeights() {
        HeapTensor x = HeapTensor.of(FiniteDifferences.gaussian(5, 120), 3, 40);
        HeapTensor weight = HeapTensor.of(FiniteDifferences.gaussian(6, 40), 40);
        HeapTensor ones = HeapTensor.zeros(40);
        Arrays.fill(ones.data(), 1);
        HeapTensor zeros = HeapTensor.zeros(40);
        HeapTensor expected = HeapTensor.zeros(3, 40);
        HeapTensor actual = HeapTensor.zeros(3, 40);
        Rows rows = ComputeGrid.fastest().rows();
        rows.rmsNorm(x, ones, 0.1f, expected);
        rows.rmsNorm(x, 0.1f, actual);
        assertArrayEquals(expected.data(), actual.data());
        rows.layerNorm(x, weight, zeros, 0.1f, expected);
        rows.layerNorm(x, weight, 0.1f, actual);
        assertArrayEquals(expected.data(), actual.data());
        rows.layerNorm(x, ones, zeros, 0.1f, expected);
        rows.layerNorm(x, 0.1f, actual);
        assertArrayEquals(expected.data(), actual.data());
    }

    @Test
    void axesInAnotherOrder() {
        int[] dims = {3, 5, 18, 2};
        float[] data = FiniteDifferences.gaussian(8, 540);
        HeapTensor x = HeapTensor.of(data, dims);
        int[][] orders = {{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 0, 3, 2}, {0, 2, 1, 3}, {2, 3, 0, 1}, {0, 1, 3, 2}};
        for (int[] axes : orders) {
            int[] permuted = Arrays.stream(axes).map(axis -> dims[axis]).toArray();
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                HeapTensor y = HeapTensor.zeros(permuted);
                point.compute().rows().permute(x, axes, y);
                for (int i = 0; i < data.length; i++) {
                    int[] index = new int[4];
                    int rest = i;
                    for (int axis = 3; axis >= 0; axis--) {
                        index[axes[axis]] = rest % permuted[axis];
                        rest /= permuted[axis];
                    }
                    int at = ((index[0] * 5 + index[1]) * 18 + index[2]) * 2 + index[3];
                    assertEquals(data[at], y.data()[i], () -> Arrays.toString(axes) + " at " + point);
                }
            }
        }
        Rows rows = ComputeGrid.reference().rows();
        assertThrows(IllegalArgumentException.class, () -> rows.permute(x, new int[] {0, 1, 2, 2}, x));
        assertThrows(
                IllegalArgumentException.class, () -> rows.permute(x, new int[] {1, 0, 2, 3}, HeapTensor.zeros(dims)));
    }
}
