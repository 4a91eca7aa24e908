// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operand.Activation;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Element-wise operations: what is repeated over the result, the same bits whatever computes, and derivatives. */
class ElementsTest {
    private static final int ROWS = 5;
    private static final int COLUMNS = 1100;

    @FunctionalInterface
    private interface Binary {
        void run(Elements elements, HeapTensor a, HeapTensor b, HeapTensor y);
    }

    private record Operation(String name, Binary call, DoubleBinaryOperator exact) {}

    private static final List<Operation> OPERATIONS = List.of(
            new Operation("add", Elements::add, (a, b) -> (float) a + (float) b),
            new Operation("sub", Elements::sub, (a, b) -> (float) a - (float) b),
            new Operation("mul", Elements::mul, (a, b) -> (float) a * (float) b),
            new Operation("div", Elements::div, (a, b) -> (float) a / (float) b),
            new Operation("min", Elements::min, Math::min),
            new Operation("max", Elements::max, Math::max),
            new Operation("pow", Elements::pow, (a, b) -> (float) Math.pow(a, b)));

    /** A tensor of positive numbers, inside a larger array. */
    private static HeapTensor tensor(long seed, int... dims) {
        HeapTensor shape = HeapTensor.zeros(dims);
        float[] data = FiniteDifferences.gaussian(seed, shape.data().length + 3);
        for (int i = 0; i < data.length; i++) {
            data[i] = Math.abs(data[i]) + 0.1f;
        }
        return HeapTensor.view(data, 3, dims);
    }

    private static float at(HeapTensor x, int row, int column) {
        int r = x.rows() == 1 ? 0 : row;
        int c = x.columns() == 1 ? 0 : column;
        return x.data()[x.offset() + r * x.columns() + c];
    }

    private static List<HeapTensor> covers(long seed, int rows, int columns) {
        return List.of(
                tensor(seed, rows, columns),
                tensor(seed + 1, columns),
                tensor(seed + 2, 1, columns),
                tensor(seed + 3, rows, 1),
                tensor(seed + 4, 1),
                tensor(seed + 5));
    }

    @Test
    void whatIsSmallerIsRepeated() {
        for (int[] size : new int[][] {{ROWS, COLUMNS}, {1, 1}, {3, 1}, {1, 7}, {40, 3}}) {
            for (HeapTensor a : covers(1, size[0], size[1])) {
                for (HeapTensor b : covers(20, size[0], size[1])) {
                    for (Operation operation : OPERATIONS) {
                        check(operation, a, b, HeapTensor.zeros(size));
                    }
                }
            }
        }
    }

    private static void check(Operation operation, HeapTensor a, HeapTensor b, HeapTensor y) {
        operation.call.run(ComputeGrid.reference().elements(), a, b, y);
        String what = operation.name + " of " + a.shape() + " and " + b.shape() + " to " + y.shape();
        for (int row = 0; row < y.rows(); row++) {
            for (int column = 0; column < y.columns(); column++) {
                double exact = operation.exact.applyAsDouble(at(a, row, column), at(b, row, column));
                assertEquals((float) exact, at(y, row, column), Math.ulp((float) exact), what);
            }
        }
        // How work is cut is the same for all of them.
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            if (operation.name.equals("sub") || point.compute() == ComputeGrid.fastest()) {
                HeapTensor same = HeapTensor.zeros(y.shape().dims());
                operation.call.run(point.compute().elements(), a, b, same);
                assertEquals(-1, Arrays.mismatch(y.data(), same.data()), () -> what + " at " + point);
            }
        }
    }

    @Test
    void fmaTakesThreeOfThem() {
        for (HeapTensor a : covers(1, ROWS, COLUMNS)) {
            for (HeapTensor c : covers(40, ROWS, COLUMNS)) {
                HeapTensor b = tensor(60, ROWS, 1);
                HeapTensor y = HeapTensor.zeros(ROWS, COLUMNS);
                for (ComputeGrid.Point point : ComputeGrid.points()) {
                    point.compute().elements().fma(a, b, c, y);
                    for (int i = 0; i < y.data().length; i++) {
                        int row = i / COLUMNS;
                        int column = i % COLUMNS;
                        float exact = Math.fma(at(a, row, column), at(b, row, column), at(c, row, column));
                        assertEquals(exact, y.data()[i], () -> "fma at " + point);
                    }
                }
            }
        }
    }

    @Test
    void whatIsRepeatedMustFitAndLieApart() {
        Elements elements = ComputeGrid.reference().elements();
        HeapTensor y = HeapTensor.zeros(3, 4);
        for (int[] dims : new int[][] {{3}, {2, 4}, {4, 1}, {3, 2}, {2, 6}}) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> elements.div(y, HeapTensor.zeros(dims), y));
            assertTrue(refused.getMessage().startsWith("div: b " + Arrays.toString(dims)), refused.getMessage());
        }
        HeapTensor row = HeapTensor.view(y.data(), 4, 4);
        assertThrows(IllegalArgumentException.class, () -> elements.mul(y, row, y));
        assertThrows(IllegalArgumentException.class, () -> elements.clip(y, Float.NaN, 1, y));
        elements.sub(y, y, y);
    }

    @Test
    void oddFloats() {
        Elements elements = ComputeGrid.fastest().elements();
        float[] values = {Float.NaN, -0f, 0f, -1, 5, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE};
        HeapTensor x = HeapTensor.of(values, values.length);
        HeapTensor y = HeapTensor.zeros(values.length);
        elements.clip(x, -0.5f, 2, y);
        assertEquals("[NaN, -0.0, 0.0, -0.5, 2.0, 2.0, -0.5, 1.4E-45]", Arrays.toString(y.data()));
        elements.leakyRelu(x, 0.5f, y);
        assertEquals("[NaN, -0.0, 0.0, -0.5, 5.0, Infinity, -Infinity, 1.4E-45]", Arrays.toString(y.data()));
        elements.activate(Activation.RELU, x, y);
        assertEquals("[NaN, 0.0, 0.0, 0.0, 5.0, Infinity, 0.0, 1.4E-45]", Arrays.toString(y.data()));
        elements.activate(Activation.SQRT, x, y);
        assertEquals("[NaN, -0.0, 0.0, NaN, 2.236068, Infinity, NaN, 3.743392E-23]", Arrays.toString(y.data()));
        elements.activate(Activation.RECIPROCAL, x, y);
        assertEquals("[NaN, -Infinity, Infinity, -1.0, 0.2, 0.0, -0.0, Infinity]", Arrays.toString(y.data()));
        elements.activate(Activation.LOG, x, y);
        assertEquals(
                "[NaN, -Infinity, -Infinity, NaN, 1.609438, Infinity, NaN, -103.27893]", Arrays.toString(y.data()));
        elements.activate(Activation.LOG1P, x, y);
        assertEquals("[NaN, -0.0, 0.0, -Infinity, 1.7917595, Infinity, NaN, 1.4E-45]", Arrays.toString(y.data()));
        elements.activate(Activation.EXPM1, x, y);
        assertEquals("[NaN, -0.0, 0.0, -0.63212055, 147.41316, Infinity, -1.0, 1.4E-45]", Arrays.toString(y.data()));
        elements.max(x, HeapTensor.of(new float[] {0}, 1), y);
        assertEquals("[NaN, 0.0, 0.0, 0.0, 5.0, Infinity, 0.0, 1.4E-45]", Arrays.toString(y.data()));
    }

    private static DoubleUnaryOperator exact(Activation f) {
        return switch (f) {
            case SILU -> x -> x / (1 + Math.exp(-x));
            case GELU_TANH -> x -> x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2;
            case GELU_ERF -> x -> x * (1 + erf(x / Math.sqrt(2))) / 2;
            case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
            case SOFTPLUS -> x -> Math.log1p(Math.exp(x));
            case TANH -> Math::tanh;
            case RELU -> x -> Math.max(x, 0);
            case ABS -> Math::abs;
            case EXP -> Math::exp;
            case EXPM1 -> Math::expm1;
            case LOG -> Math::log;
            case LOG1P -> Math::log1p;
            case SQRT -> Math::sqrt;
            case RSQRT -> x -> 1 / Math.sqrt(x);
            case RECIPROCAL -> x -> 1 / x;
            case ERF -> ElementsTest::erf;
        };
    }

    /** By its series, for small arguments. */
    private static double erf(double x) {
        double term = x;
        double sum = 0;
        for (int n = 0; n < 80; n++) {
            sum += term / (2 * n + 1);
            term *= -x * x / (n + 1);
        }
        return sum * 2 / Math.sqrt(Math.PI);
    }

    @Test
    void derivatives() {
        for (Activation f : Activation.values()) {
            float[] x = FiniteDifferences.gaussian(f.name().hashCode(), 1100);
            boolean positive = List.of(Activation.LOG, Activation.LOG1P, Activation.SQRT, Activation.RSQRT)
                    .contains(f);
            for (int i = 0; i < x.length; i++) {
                x[i] = positive || f == Activation.RECIPROCAL ? Math.abs(x[i]) + 0.4f : x[i];
            }
            float[] dy = FiniteDifferences.gaussian(99, x.length);
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                HeapTensor dx = HeapTensor.zeros(x.length);
                point.compute()
                        .training()
                        .activateBackward(f, HeapTensor.of(x, x.length), HeapTensor.of(dy, x.length), dx);
                for (int i = 0; i < x.length; i++) {
                    double step = 1e-5;
                    double slope =
                            (exact(f).applyAsDouble(x[i] + step) - exact(f).applyAsDouble(x[i] - step)) / step / 2;
                    String what = f + " at " + x[i] + ", " + point;
                    assertEquals(dy[i] * slope, dx.data()[i], 1e-6 * (1 + Math.abs(dy[i] * slope)), what);
                }
            }
        }
    }

    @Test
    void derivativesOfTwoValues() {
        float[] x = {-3, -1, -0.5f, 0, 0.5f, 2, 3, Float.NaN};
        HeapTensor ones = HeapTensor.of(new float[] {1, 1, 1, 1, 1, 1, 1, 1}, 8);
        HeapTensor dx = HeapTensor.zeros(8);
        Training training = ComputeGrid.fastest().training();
        training.clipBackward(HeapTensor.of(x, 8), -1, 2, ones, dx);
        assertEquals("[0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]", Arrays.toString(dx.data()));
        training.leakyReluBackward(HeapTensor.of(x, 8), 0.25f, ones, dx);
        assertEquals("[0.25, 0.25, 0.25, 0.25, 1.0, 1.0, 1.0, 0.25]", Arrays.toString(dx.data()));
        training.activateBackward(Activation.ABS, HeapTensor.of(x, 8), ones, dx);
        assertEquals("[-1.0, -1.0, -1.0, 0.0, 1.0, 1.0, 1.0, NaN]", Arrays.toString(dx.data()));
    }

    @Test
    void derivativesOfExtremes() {
        Elements elements = ComputeGrid.fastest().elements();
        HeapTensor a = HeapTensor.of(new float[] {1, 2, 3, -0f, Float.NaN, 5, Float.NEGATIVE_INFINITY}, 7);
        HeapTensor b = HeapTensor.of(new float[] {2, 2, 1, 0f, 1, Float.NaN, Float.NEGATIVE_INFINITY}, 7);
        HeapTensor dy = HeapTensor.of(new float[] {8, 8, 8, 8, 8, 8, 8}, 7);
        HeapTensor da = HeapTensor.zeros(7);
        HeapTensor db = HeapTensor.zeros(7);
        elements.minBackward(a, b, dy, da, db);
        assertEquals("[8.0, 4.0, 0.0, 4.0, 8.0, 8.0, 4.0]", Arrays.toString(da.data()));
        assertEquals("[0.0, 4.0, 8.0, 4.0, 8.0, 8.0, 4.0]", Arrays.toString(db.data()));
        elements.maxBackward(a, b, dy, da, db);
        assertEquals("[0.0, 4.0, 8.0, 4.0, 8.0, 8.0, 4.0]", Arrays.toString(da.data()));
        assertEquals("[8.0, 4.0, 0.0, 4.0, 8.0, 8.0, 4.0]", Arrays.toString(db.data()));
    }

    @Test
    void derivativesOfPowers() {
        int length = 3 * COLUMNS;
        float[] a = FiniteDifferences.gaussian(5, length);
        float[] b = FiniteDifferences.gaussian(6, length);
        float[] dy = FiniteDifferences.gaussian(7, length);
        for (int i = 0; i < length; i++) {
            a[i] = Math.abs(a[i]) + 0.01f;
            b[i] *= 4;
        }
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor da = HeapTensor.zeros(length);
            HeapTensor db = HeapTensor.zeros(length);
            point.compute()
                    .elements()
                    .powBackward(HeapTensor.of(a, length), HeapTensor.of(b, length), HeapTensor.of(dy, length), da, db);
            for (int i = 0; i < length; i++) {
                String what = a[i] + " to the power of " + b[i] + ", " + point;
                double first = dy[i] * (double) b[i] * Math.pow(a[i], (double) b[i] - 1);
                double bound = (4 + Math.abs((b[i] - 1.0) * Math.log(a[i]))) * 0x1p-24;
                assertEquals(first, da.data()[i], 1.001 * bound * Math.abs(first), what);
                double second = dy[i] * Math.pow(a[i], b[i]) * Math.log(a[i]);
                assertEquals(second, db.data()[i], 5.001 * 0x1p-24 * Math.abs(second), what);
            }
        }
        HeapTensor bases = HeapTensor.of(new float[] {0, 0, 0, 0, -2, -2}, 6);
        HeapTensor exponents = HeapTensor.of(new float[] {0, 1, 3, -1, 3, 0.5f}, 6);
        HeapTensor ones = HeapTensor.of(new float[] {1, 1, 1, 1, 1, 1}, 6);
        HeapTensor da = HeapTensor.zeros(6);
        HeapTensor db = HeapTensor.zeros(6);
        ComputeGrid.fastest().elements().powBackward(bases, exponents, ones, da, db);
        assertEquals("[0.0, 1.0, 0.0, -Infinity, 12.0, NaN]", Arrays.toString(da.data()));
        assertEquals("[0.0, 0.0, 0.0, -Infinity, NaN, NaN]", Arrays.toString(db.data()));
    }

    @Test
    void derivativesLieApart() {
        Elements elements = ComputeGrid.reference().elements();
        HeapTensor x = HeapTensor.zeros(4);
        HeapTensor y = HeapTensor.zeros(4);
        HeapTensor da = HeapTensor.zeros(4);
        HeapTensor db = HeapTensor.zeros(4);
        for (HeapTensor[] results : new HeapTensor[][] {{da, da}, {x, db}, {da, y}, {HeapTensor.zeros(3), db}}) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class, () -> elements.powBackward(x, y, y, results[0], results[1]));
            assertTrue(refused.getMessage().startsWith("powBackward: "), refused.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> elements.minBackward(x, HeapTensor.zeros(1), y, da, db));
    }
}
