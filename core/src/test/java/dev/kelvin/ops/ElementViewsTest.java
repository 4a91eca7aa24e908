// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Matrix;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Element-wise operations on views, wherever they lie and however: the bits of the same on tensors. */
class ElementViewsTest {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    /** A way to store a matrix: its elements are those of the tensor, rounded to the type. */
    private record Storage(String name, UnaryOperator<Matrix> copy) {}

    private static final List<Storage> STORAGES = List.of(
            new Storage(
                    "an array", m -> filled(m, Matrix.of(new float[m.rows() * m.columns()], m.rows(), m.columns()))),
            new Storage(
                    "a turned array",
                    m -> filled(
                            m,
                            Matrix.of(new float[m.rows() * m.columns()], m.columns(), m.rows())
                                    .transposed())),
            new Storage("a part of an array", m -> filled(m, array(m, 5, m.columns() + 9, 1))),
            new Storage("every third of an array", m -> filled(m, array(m, 2, 3 * m.columns() + 1, 3))),
            new Storage(
                    "upside down",
                    m -> filled(
                            m,
                            Matrix.of(
                                    new float[m.rows() * m.columns()],
                                    (m.rows() - 1) * m.columns(),
                                    m.rows(),
                                    m.columns(),
                                    -m.columns(),
                                    1))),
            new Storage("off the heap", m -> filled(m, segment(m, DType.F32, 3, m.columns(), 1))),
            new Storage("off the heap, turned", m -> filled(m, segment(m, DType.F32, 0, 1, m.rows()))),
            new Storage("off the heap, apart", m -> filled(m, segment(m, DType.F32, 1, 2 * m.columns() + 3, 2))),
            new Storage("F16", m -> filled(m, segment(m, DType.F16, 1, m.columns(), 1))),
            new Storage("F16, apart", m -> filled(m, segment(m, DType.F16, 0, 2 * m.columns(), 2))),
            new Storage("BF16", m -> filled(m, segment(m, DType.BF16, 0, m.columns() + 4, 1))));

    private static Matrix array(Matrix m, int offset, int rowStride, int columnStride) {
        float[] data = new float[offset + m.rows() * rowStride + m.columns() * columnStride];
        return Matrix.of(data, offset, m.rows(), m.columns(), rowStride, columnStride);
    }

    private static Matrix segment(Matrix m, DType type, long offset, int rowStride, int columnStride) {
        long elements = offset + (long) m.rows() * rowStride + (long) m.columns() * columnStride;
        MemorySegment segment = Arena.ofAuto().allocate(elements * type.blockBytes() + 1, 64);
        // One byte further on: nothing is aligned.
        return Matrix.of(segment.asSlice(1), type, offset, m.rows(), m.columns(), rowStride, columnStride);
    }

    private static Matrix filled(Matrix from, Matrix to) {
        for (int i = 0; i < from.rows(); i++) {
            for (int j = 0; j < from.columns(); j++) {
                put(to, i, j, get(from, i, j));
            }
        }
        return to;
    }

    private static long at(Matrix m, int row, int column) {
        return m.offset() + (long) row * m.rowStride() + (long) column * m.columnStride();
    }

    private static float get(Matrix m, int row, int column) {
        long at = at(m, row, column);
        if (m.data() != null) {
            return m.data()[(int) at];
        }
        return switch (m.type()) {
            case F32 -> m.segment().get(FLOAT, 4 * at);
            case F16 -> Float.float16ToFloat(m.segment().get(SHORT, 2 * at));
            case BF16 -> Float.intBitsToFloat(m.segment().get(SHORT, 2 * at) << 16);
            case I8 -> m.segment().get(ValueLayout.JAVA_BYTE, at);
            default -> throw new AssertionError(m);
        };
    }

    private static float rounded(DType type, float value) {
        return switch (type) {
            case F32 -> value;
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            case BF16 -> bf16(value);
            default -> throw new AssertionError(type);
        };
    }

    /** The nearest of the two numbers of BF16 around it, the even one if both are. */
    private static float bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        float down = Float.intBitsToFloat(bits & 0xffff_0000);
        float up = Float.intBitsToFloat((bits & 0xffff_0000) + 0x1_0000);
        double toDown = Math.abs((double) value - down);
        double toUp = Math.abs((double) up - value);
        boolean even = (bits & 0x1_0000) == 0;
        return toDown < toUp || (toDown == toUp && even) ? down : up;
    }

    private static void put(Matrix m, int row, int column, float value) {
        long at = at(m, row, column);
        if (m.data() != null) {
            m.data()[(int) at] = value;
            return;
        }
        switch (m.type()) {
            case F32 -> m.segment().set(FLOAT, 4 * at, value);
            case F16 -> m.segment().set(SHORT, 2 * at, Float.floatToFloat16(value));
            case BF16 -> m.segment().set(SHORT, 2 * at, (short) (Float.floatToRawIntBits(bf16(value)) >>> 16));
            default -> throw new AssertionError(m);
        }
    }

    /** Numbers that all types hold, so that what is read is the same from each. */
    private static Matrix drawn(long seed, int rows, int columns) {
        float[] data = FiniteDifferences.gaussian(seed, rows * columns);
        for (int i = 0; i < data.length; i++) {
            data[i] = Math.abs(Math.round(data[i] * 32)) / 32f + 0.25f;
        }
        return Matrix.of(data, rows, columns);
    }

    private static HeapTensor tensor(Matrix m) {
        HeapTensor tensor = HeapTensor.zeros(m.rows(), m.columns());
        filled(m, Matrix.of(tensor));
        return tensor;
    }

    private static void same(HeapTensor expected, Matrix actual, String what) {
        for (int i = 0; i < actual.rows(); i++) {
            for (int j = 0; j < actual.columns(); j++) {
                float value = rounded(actual.type(), expected.data()[i * actual.columns() + j]);
                assertEquals(value, get(actual, i, j), what + " at " + i + ", " + j);
            }
        }
    }

    @Test
    void whereverTheyLie() {
        for (int[] size : new int[][] {{5, 1100}, {2, 3}, {1, 2500}, {2500, 1}, {37, 64}}) {
            int rows = size[0];
            int columns = size[1];
            Matrix a = drawn(1, rows, columns);
            List<Matrix> seconds =
                    List.of(drawn(2, rows, columns), drawn(3, 1, columns), drawn(4, rows, 1), drawn(5, 1, 1));
            for (Matrix b : seconds) {
                HeapTensor expected = HeapTensor.zeros(rows, columns);
                ComputeGrid.reference().elements().sub(tensor(a), tensor(b), expected);
                for (Storage of : STORAGES) {
                    for (Storage to : STORAGES) {
                        for (ComputeGrid.Point point : ComputeGrid.points()) {
                            if (!of.equals(to) && point.compute() != ComputeGrid.fastest()) {
                                continue;
                            }
                            Matrix y = to.copy.apply(drawn(9, rows, columns));
                            point.compute().elements().sub(of.copy.apply(a), to.copy.apply(b), y);
                            same(expected, y, of.name + " to " + to.name + ", " + b + ", " + point);
                        }
                    }
                }
            }
        }
    }

    @Test
    void everyOperation() {
        Elements elements = ComputeGrid.fastest().elements();
        Matrix a = drawn(1, 3, 1500);
        Matrix b = drawn(2, 3, 1500);
        Matrix c = drawn(3, 3, 1500);
        HeapTensor x = tensor(a);
        HeapTensor z = tensor(b);
        HeapTensor w = tensor(c);
        HeapTensor y = HeapTensor.zeros(3, 1500);
        for (Storage storage : STORAGES) {
            Matrix ma = storage.copy.apply(a);
            Matrix mb = storage.copy.apply(b);
            Matrix mc = storage.copy.apply(c);
            Matrix my = storage.copy.apply(drawn(9, 3, 1500));
            elements.add(x, z, y);
            elements.add(ma, mb, my);
            same(y, my, "add, " + storage.name);
            elements.mul(x, z, y);
            elements.mul(ma, mb, my);
            same(y, my, "mul, " + storage.name);
            elements.div(x, z, y);
            elements.div(ma, mb, my);
            same(y, my, "div, " + storage.name);
            elements.min(x, z, y);
            elements.min(ma, mb, my);
            same(y, my, "min, " + storage.name);
            elements.max(x, z, y);
            elements.max(ma, mb, my);
            same(y, my, "max, " + storage.name);
            elements.pow(x, z, y);
            elements.pow(ma, mb, my);
            same(y, my, "pow, " + storage.name);
            elements.fma(x, z, w, y);
            elements.fma(ma, mb, mc, my);
            same(y, my, "fma, " + storage.name);
            elements.clip(x, 0.5f, 1, y);
            elements.clip(ma, 0.5f, 1, my);
            same(y, my, "clip, " + storage.name);
            elements.scale(x, -3, y);
            elements.scale(ma, -3, my);
            same(y, my, "scale, " + storage.name);
            elements.leakyRelu(my, 0.25f, my);
            elements.scale(x, -0.75f, y);
            same(y, my, "leakyRelu, " + storage.name);
            elements.activate(Activation.TANH, x, y);
            elements.activate(Activation.TANH, ma, my);
            same(y, my, "activate, " + storage.name);
        }
    }

    @Test
    void bytesAreRead() {
        Matrix bytes = Matrix.of(new byte[] {-128, 127, 0, 5, -1, 7}, 2, 3);
        Matrix y = Matrix.of(new float[6], 2, 3);
        ComputeGrid.fastest().elements().scale(bytes, 0.5f, y);
        same(HeapTensor.of(new float[] {-64, 63.5f, 0, 2.5f, -0.5f, 3.5f}, 2, 3), y, "bytes");
        refuses(
                "is of bytes, to be read",
                () -> ComputeGrid.fastest().elements().scale(bytes, 1, bytes));
    }

    @Test
    void inPlace() {
        Matrix a = drawn(1, 4, 1300);
        HeapTensor expected = HeapTensor.zeros(4, 1300);
        ComputeGrid.reference().elements().mul(tensor(a), tensor(a), expected);
        for (Storage storage : STORAGES) {
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                Matrix x = storage.copy.apply(a);
                point.compute().elements().mul(x, x, x);
                same(expected, x, storage.name + " in place, " + point);
            }
        }
    }

    private static void refuses(String part, Runnable call) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        try (Compute compute = ComputeGrid.compute(0, 2)) {
            refusals(compute.elements());
        }
    }

    private static void refusals(Elements elements) {
        Matrix y = drawn(1, 3, 4);
        refuses("add: b [2, 4] and y [3, 4] must have the same extents, or", () -> elements.add(y, drawn(2, 2, 4), y));
        refuses("clip: x [1, 4] and y [3, 4] must have the same extents", () -> elements.clip(drawn(2, 1, 4), 0, 1, y));
        refuses("must not overlap b", () -> elements.add(y, y.part(0, 1, 0, 4), y));
        refuses(
                "must not overlap a",
                () -> elements.add(
                        Matrix.of(y.data(), 1, 2, 4, 4, 1), drawn(2, 2, 4), Matrix.of(y.data(), 0, 2, 4, 4, 1)));
        refuses("lie in one place", () -> elements.scale(y, 2, Matrix.of(new float[4], 0, 3, 4, 0, 1)));
        refuses("clip: bounds", () -> elements.clip(y, Float.NaN, 1, y));
        MemorySegment memory = Arena.ofAuto().allocate(48);
        Matrix readOnly = Matrix.of(memory.asReadOnly(), DType.F32, 0, 3, 4, 4, 1);
        refuses("is read-only", () -> elements.scale(y, 2, readOnly));
        elements.scale(readOnly, 2, y);
        try (Arena confined = Arena.ofConfined()) {
            Matrix own = Matrix.of(confined.allocate(48), DType.F32, 0, 3, 4, 4, 1);
            refuses("confined arena", () -> elements.scale(own, 2, y));
        }
        elements.add(Matrix.of(new float[0], 0, 3), Matrix.of(new float[0], 0, 3), Matrix.of(new float[0], 0, 3));
    }
}
