// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Epilogue;
import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.MatrixBatch;
import dev.kelvin.operand.Triangle;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Products of matrices in any form: right within the bound, the same bits everywhere, and what they refuse. */
class ProductsTest {
    private static final int[][] SHAPES = {{1, 1, 1}, {3, 5, 7}, {17, 33, 65}, {40, 96, 50}, {1, 70, 130}, {150, 9, 1}};

    private static float[] random(long seed, int length) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Matrix copy(Matrix m) {
        float[] data = m.data().clone();
        return Matrix.of(data, (int) m.offset(), m.rows(), m.columns(), m.rowStride(), m.columnStride());
    }

    private static float get(Matrix m, int i, int j) {
        return m.data()[(int) m.offset() + i * m.rowStride() + j * m.columnStride()];
    }

    private static void sameBits(String what, float[] expected, float[] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(
                    Float.floatToRawIntBits(expected[i]),
                    Float.floatToRawIntBits(actual[i]),
                    what + ", element " + i + ": " + expected[i] + " and " + actual[i]);
        }
    }

    /**
     * All four transpositions, with leading dimensions, are one result, within the bound, at every width and thread.
     */
    @Test
    void transpositionsWithinTheBoundAndTheSameBits() {
        for (int[] shape : SHAPES) {
            int m = shape[0];
            int n = shape[1];
            int k = shape[2];
            Matrix a = Matrix.of(random(1, 2 + m * (k + 3)), 2, m, k, k + 3, 1);
            Matrix b = Matrix.of(random(2, 2 + k * (n + 3)), 2, k, n, n + 3, 1);
            Matrix before = Matrix.of(random(3, 2 + m * (n + 3)), 2, m, n, n + 3, 1);
            Matrix c = copy(before);
            ComputeGrid.reference().products().gemm(-0.7f, a, b, 1.3f, c);
            withinBound(a, b, before, c, -0.7f, 1.3f);
            Matrix[] lefts = {a, turned(a)};
            Matrix[] rights = {b, turned(b)};
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                for (Matrix left : lefts) {
                    for (Matrix right : rights) {
                        Matrix there = copy(before);
                        point.compute().products().gemm(-0.7f, left, right, 1.3f, there);
                        sameBits(m + " x " + n + " x " + k + " at " + point, c.data(), there.data());
                        Matrix columns = turned(before);
                        point.compute().products().gemm(-0.7f, left, right, 1.3f, columns);
                        for (int i = 0; i < m * n; i++) {
                            assertEquals(get(c, i / n, i % n), get(columns, i / n, i % n), "columns at " + point);
                        }
                    }
                }
            }
        }
    }

    /** The same matrix, stored by columns. */
    private static Matrix turned(Matrix m) {
        float[] data = new float[m.columns() * (m.rows() + 2)];
        for (int j = 0; j < m.columns(); j++) {
            for (int i = 0; i < m.rows(); i++) {
                data[j * (m.rows() + 2) + i] = get(m, i, j);
            }
        }
        return Matrix.of(data, 0, m.columns(), m.rows(), m.rows() + 2, 1).transposed();
    }

    private static void withinBound(Matrix a, Matrix b, Matrix before, Matrix c, float alpha, float beta) {
        for (int i = 0; i < c.rows(); i++) {
            for (int j = 0; j < c.columns(); j++) {
                double sum = 0;
                double magnitude = 0;
                for (int k = 0; k < a.columns(); k++) {
                    double product = (double) get(a, i, k) * get(b, k, j);
                    sum += product;
                    magnitude += Math.abs(product);
                }
                double expected = alpha * sum + (double) beta * get(before, i, j);
                double all = Math.abs(alpha) * magnitude + Math.abs((double) beta * get(before, i, j));
                double bound = (a.columns() / 16.0 + 7) * 0x1p-24 * 1.0001 * all;
                double error = Math.abs(get(c, i, j) - expected);
                assertTrue(error <= bound, "[" + i + ", " + j + "]: error " + error + ", bound " + bound);
            }
        }
    }

    @Test
    void theProductWithWeightsIsTheSameBits() {
        HeapTensor x = HeapTensor.of(random(1, 5 * 77), 5, 77);
        HeapTensor w = HeapTensor.of(random(2, 30 * 77), 30, 77);
        HeapTensor y = HeapTensor.zeros(5, 30);
        HeapTensor z = HeapTensor.zeros(5, 30);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            point.compute().matmul(x, w, y);
            point.compute().products().gemm(Matrix.of(x), Matrix.of(w).transposed(), Matrix.of(z));
            sameBits("matmul at " + point, y.data(), z.data());
        }
    }

    @Test
    void epilogue() {
        int m = 6;
        int n = 101;
        int k = 40;
        Matrix a = Matrix.of(random(1, m * k), m, k);
        Matrix b = Matrix.of(random(2, k * n), k, n);
        HeapTensor bias = HeapTensor.of(random(3, n));
        Matrix residual = Matrix.of(random(4, m * n), m, n);
        Compute reference = ComputeGrid.reference();
        float[] expected = new float[m * n];
        reference.products().gemm(2, a, b, 0, Matrix.of(expected, m, n));
        HeapTensor rows = HeapTensor.of(expected, m, n);
        reference.rows().addBias(rows, bias);
        reference.elements().activate(Activation.GELU_TANH, rows, rows);
        reference.elements().add(rows, HeapTensor.of(residual.data(), m, n), rows);
        Epilogue epilogue = Epilogue.NONE
                .withBias(bias)
                .withActivation(Activation.GELU_TANH)
                .withResidual(residual);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            float[] c = new float[m * n];
            Arrays.fill(c, Float.NaN);
            point.compute().products().gemm(2, a, b, 0, Matrix.of(c, m, n), epilogue);
            sameBits("epilogue at " + point, expected, c);
            // By columns, so that the bias belongs to the rows of what the kernels see.
            float[] turned = new float[m * n];
            point.compute().products().gemm(2, a, b, 0, Matrix.of(turned, 0, m, n, 1, m), epilogue);
            for (int i = 0; i < m * n; i++) {
                assertEquals(expected[i], turned[i % n * m + i / n], "by columns at " + point);
            }
            Matrix itself = copy(residual);
            point.compute().products().gemm(2, a, b, 0, itself, epilogue.withResidual(itself));
            sameBits("residual in place at " + point, expected, itself.data());
        }
    }

    @Test
    void offTheHeapAndHalvesOfEveryOperand() {
        int m = 9;
        int n = 50;
        int k = 33;
        for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
            Matrix a = segment(type, 1, m, k);
            Matrix b = segment(type, 2, k, n);
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                Matrix c = segment(type, 3, m, n);
                float[] heap = floats(c);
                point.compute().products().gemm(1, a, b, 1, c);
                ComputeGrid.reference()
                        .products()
                        .gemm(1, Matrix.of(floats(a), m, k), Matrix.of(floats(b), k, n), 1, Matrix.of(heap, m, n));
                sameBits(type + " at " + point, rounded(type, heap), floats(c));
            }
        }
    }

    private static Matrix segment(DType type, long seed, int rows, int columns) {
        float[] values = random(seed, rows * columns);
        byte[] bytes = new byte[rows * columns * type.blockBytes()];
        type.format().encode(values, 0, bytes, 0, values.length);
        MemorySegment segment = Arena.ofAuto().allocate(bytes.length, 64);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return Matrix.of(segment, type, 0, rows, columns, columns, 1);
    }

    private static float[] floats(Matrix m) {
        float[] values = new float[m.rows() * m.columns()];
        m.type().format().decode(m.segment().toArray(ValueLayout.JAVA_BYTE), 0, values, 0, values.length);
        return values;
    }

    private static float[] rounded(DType type, float[] values) {
        byte[] bytes = new byte[values.length * type.blockBytes()];
        type.format().encode(values, 0, bytes, 0, values.length);
        float[] result = new float[values.length];
        type.format().decode(bytes, 0, result, 0, values.length);
        return result;
    }

    /** Queries, keys and values side by side in one buffer: each product writes its own columns of it. */
    @Test
    void partsOfOneBuffer() {
        Matrix x = Matrix.of(random(1, 12 * 16), 12, 16);
        Matrix w = Matrix.of(random(2, 16 * 48), 16, 48);
        float[] expected = new float[12 * 48];
        ComputeGrid.reference().products().gemm(x, w, Matrix.of(expected, 12, 48));
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            Matrix all = Matrix.of(new float[12 * 48], 12, 48);
            for (int i = 0; i < 48; i += 16) {
                point.compute().products().gemm(x, w.part(0, 16, i, i + 16), all.part(0, 12, i, i + 16));
            }
            sameBits("parts at " + point, expected, all.data());
            // And one read while another is written.
            point.compute().products().gemm(all.part(0, 12, 0, 16), w.part(0, 16, 0, 16), all.part(0, 12, 20, 36));
        }
    }

    @Test
    void batches() {
        int count = 7;
        Matrix a = Matrix.of(random(1, count * 10 * 20), 0, 10, 20, 20, 1);
        Matrix b = Matrix.of(random(2, count * 20 * 30), 0, 20, 30, 30, 1);
        float[] expected = new float[count * 300];
        float[] shared = new float[count * 300];
        for (int i = 0; i < count; i++) {
            Matrix left = Matrix.of(a.data(), i * 200, 10, 20, 20, 1);
            Matrix right = Matrix.of(b.data(), i * 600, 20, 30, 30, 1);
            ComputeGrid.reference().products().gemm(left, right, Matrix.of(expected, i * 300, 10, 30, 30, 1));
            ComputeGrid.reference().products().gemm(left, b, Matrix.of(shared, i * 300, 10, 30, 30, 1));
        }
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            Products products = point.compute().products();
            float[] c = new float[count * 300];
            MatrixBatch all = new MatrixBatch(Matrix.of(c, 0, 10, 30, 30, 1), count, 300);
            products.gemm(1, new MatrixBatch(a, count, 200), new MatrixBatch(b, count, 600), 0, all);
            sameBits("batch at " + point, expected, c);
            products.gemm(1, new MatrixBatch(a, count, 200), MatrixBatch.broadcast(b, count), 0, all);
            sameBits("broadcast at " + point, shared, c);
            float[] turned = new float[count * 300];
            Matrix first = Matrix.of(turned, 0, 10, 30, 1, 10);
            MatrixBatch byColumns = new MatrixBatch(first, count, 300);
            products.gemm(1, new MatrixBatch(a, count, 200), new MatrixBatch(b, count, 600), 0, byColumns);
            for (int i = 0; i < count * 300; i++) {
                int within = i % 300;
                assertEquals(expected[i], turned[i / 300 * 300 + within % 30 * 10 + within / 30], "at " + point);
            }
        }
    }

    @Test
    void symmetricUpdatesLeaveTheOtherTriangle() {
        Matrix a = Matrix.of(random(1, 60 * 35), 60, 35);
        Matrix before = Matrix.of(random(2, 3600), 60, 60);
        Matrix full = copy(before);
        ComputeGrid.reference().products().gemm(0.5f, a, a.transposed(), 2, full);
        for (Triangle triangle : Triangle.values()) {
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                Matrix c = copy(before);
                point.compute().products().syrk(triangle, 0.5f, a, 2, c);
                for (int i = 0; i < 60; i++) {
                    for (int j = 0; j < 60; j++) {
                        boolean counts = triangle == Triangle.LOWER ? j <= i : j >= i;
                        assertEquals(get(counts ? full : before, i, j), get(c, i, j), triangle + " at " + point);
                    }
                }
            }
        }
    }

    @Test
    void vectorsAndRankOneUpdates() {
        float[] vector = random(1, 200);
        Matrix a = Matrix.of(random(2, 50 * 60), 50, 60);
        Matrix x = Matrix.column(vector, 199, 60, -3);
        float[] y = new float[150];
        ComputeGrid.reference().products().gemm(a, x, Matrix.column(y, 0, 50, 3));
        for (int i = 0; i < 50; i++) {
            double sum = 0;
            for (int j = 0; j < 60; j++) {
                sum += (double) get(a, i, j) * vector[199 - 3 * j];
            }
            assertEquals(sum, y[3 * i], 1e-4);
        }
        Matrix before = copy(a);
        ComputeGrid.reference().products().gemm(2, Matrix.column(y, 0, 50, 3), x.transposed(), 1, before);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            float[] there = new float[150];
            point.compute().products().gemm(a, x, Matrix.column(there, 0, 50, 3));
            sameBits("gemv at " + point, y, there);
            Matrix updated = copy(a);
            point.compute().products().gemm(2, Matrix.column(y, 0, 50, 3), x.transposed(), 1, updated);
            sameBits("ger at " + point, before.data(), updated.data());
        }
        assertEquals(2 * (y[3] * vector[196]) + get(a, 1, 1), get(before, 1, 1), 1e-4f);
    }

    private static void refuses(String message, Executable operation) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, operation).getMessage());
    }

    @Test
    void refusals() {
        Products products = ComputeGrid.reference().products();
        Matrix a = Matrix.of(new float[6], 2, 3);
        Matrix b = Matrix.of(new float[12], 3, 4);
        Matrix c = Matrix.of(new float[8], 2, 4);
        refuses(
                "gemm: a [2, 3] and b [2, 4] must have as many columns in a as rows in b",
                () -> products.gemm(a, c, c));
        refuses("gemm: a [2, 3] and c [4, 2] must have as many rows", () -> products.gemm(a, b, c.transposed()));
        refuses("gemm: b [3, 4] and c [2, 3] must have as many columns", () -> products.gemm(a, b, c.part(0, 2, 0, 3)));
        refuses(
                "gemm: c [2, 4] at offset 4 must not overlap b [3, 4] at offset 0 of the same memory",
                () -> products.gemm(a, b, Matrix.of(b.data(), 4, 2, 4, 4, 1)));
        refuses(
                "gemm: elements of c [2, 4] lie in one place, with strides 3 and 1",
                () -> products.gemm(a, b, Matrix.of(new float[7], 0, 2, 4, 3, 1)));
        refuses(
                "gemm: bias [3] and c [2, 4] must have as many columns",
                () -> products.gemm(1, a, b, 0, c, Epilogue.NONE.withBias(HeapTensor.zeros(3))));
        refuses(
                "gemm: c [2, 4] at offset 0 must not overlap bias [4] at offset 1 of the same array",
                () -> products.gemm(1, a, b, 0, c, Epilogue.NONE.withBias(HeapTensor.view(c.data(), 1, 4))));
        refuses(
                "gemm: residual [3, 4] and c [2, 4] must have the same extents",
                () -> products.gemm(1, a, b, 0, c, Epilogue.NONE.withResidual(b)));
        refuses(
                "gemm: c [2, 4] at offset 0 must not overlap residual [2, 4] at offset 0 of the same memory",
                () -> products.gemm(1, a, b, 0, c, Epilogue.NONE.withResidual(Matrix.of(c.data(), 0, 2, 4, 1, 1))));
        refuses(
                "gemm: batches of 2 a, 1 b and 1 c must have as many matrices",
                () -> products.gemm(
                        1, MatrixBatch.broadcast(a, 2), MatrixBatch.broadcast(b, 1), 0, MatrixBatch.broadcast(c, 1)));
        refuses(
                "gemm: the matrices of c [2, 4] overlap each other, being 0 elements apart",
                () -> products.gemm(
                        1, MatrixBatch.broadcast(a, 2), MatrixBatch.broadcast(b, 2), 0, MatrixBatch.broadcast(c, 2)));
        refuses(
                "syrk: a [2, 3] and c [2, 4] must have as many rows in a as rows and columns in c",
                () -> products.syrk(Triangle.LOWER, 1, a, 0, c));
        try (Arena arena = Arena.ofConfined()) {
            Matrix readOnly = Matrix.of(arena.allocate(32).asReadOnly(), DType.F32, 0, 2, 4, 4, 1);
            refuses("gemm: c [2, 4] is read-only", () -> products.gemm(a, b, readOnly));
            Matrix confined = Matrix.of(arena.allocate(32), DType.F32, 0, 2, 4, 4, 1);
            Compute two = ComputeGrid.points().get(1).compute();
            refuses(
                    "gemm: c [2, 4] lies in a confined arena, of which one thread alone may read; allocate or map it in"
                            + " a shared or automatic one",
                    () -> two.products().gemm(a, b, confined));
        }
        refuses(
                "matrix: [2, 3] from offset 1 with strides 3 and 1 does not lie within 6 floats",
                () -> Matrix.of(new float[6], 1, 2, 3, 3, 1));
        refuses(
                "matrix: of type Q8_0, but F32, F16, BF16 or I8 is wanted",
                () -> Matrix.of(MemorySegment.ofArray(new byte[68]), DType.Q8_0, 0, 1, 1, 1, 1));
        refuses("matrix: rows [0, 3) and columns [0, 1) do not lie within F32 [2, 3]", () -> a.part(0, 3, 0, 1));
    }
}
