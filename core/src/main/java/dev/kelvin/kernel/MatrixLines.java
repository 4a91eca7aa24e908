// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.operand.Matrix;
import dev.kelvin.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Lines (rows or parts of them) of a matrix as floats, whatever it is made of: in place where they lie in a
 * {@code float[]}, else fetched to scratch. One block of lines at a time; for one thread.
 */
public final class MatrixLines {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private float[] fetched = new float[0];
    private short[] halves = new short[0];
    private byte[] bytes = new byte[0];
    private float[] data;
    private int offset;
    private int rowStride;
    private int columnStride;

    /** Nothing yet. */
    public MatrixLines() {}

    /**
     * Turns to a block of a matrix, until the next call.
     *
     * @param matrix whose element (0, 0) lies at {@code origin} instead
     * @param origin in elements
     * @param rowStride from a row to the next: the matrix' own or, for its transposed, that of its columns
     * @param columnStride from a column to the next, likewise
     * @param rows of the block, from row 0 on
     * @param columns of the block
     */
    public void turnTo(Matrix matrix, long origin, int rowStride, int columnStride, int rows, int columns) {
        if (matrix.data() != null) {
            data = matrix.data();
            offset = (int) origin;
            this.rowStride = rowStride;
            this.columnStride = columnStride;
            return;
        }
        int needed = Math.multiplyExact(rows, columns);
        if (fetched.length < needed) {
            fetched = new float[needed];
        }
        data = fetched;
        offset = 0;
        // Memory is read along the lines that lie in it without a gap.
        boolean byColumns = columnStride != 1 && rowStride == 1;
        int lines = byColumns ? columns : rows;
        int length = byColumns ? rows : columns;
        for (int i = 0; i < lines; i++) {
            long from = origin + (long) i * (byColumns ? columnStride : rowStride);
            read(matrix, from, byColumns ? 1 : columnStride, fetched, i * length, length);
        }
        this.rowStride = byColumns ? 1 : columns;
        this.columnStride = byColumns ? rows : 1;
    }

    /**
     * Brings rows together in scratch, one after the other, until the next call.
     *
     * @param matrix they belong to
     * @param from the first element of the first
     * @param rows how many
     * @param columns of each
     * @return what holds them from 0 on
     */
    public float[] together(Matrix matrix, long from, int rows, int columns) {
        int needed = Math.multiplyExact(rows, columns);
        if (fetched.length < needed) {
            fetched = new float[needed];
        }
        for (int i = 0; i < rows; i++) {
            long row = from + (long) i * matrix.rowStride();
            read(matrix, row, matrix.columnStride(), fetched, i * columns, columns);
        }
        return fetched;
    }

    /** Forgets where the block lies, unless that is scratch. */
    public void clear() {
        data = fetched;
    }

    /** The array with the block. */
    public float[] data() {
        return data;
    }

    /** Where the block begins. */
    public int offset() {
        return offset;
    }

    /** From a row to the next. */
    public int rowStride() {
        return rowStride;
    }

    /** From a column to the next. */
    public int columnStride() {
        return columnStride;
    }

    /**
     * Reads elements at from, from + stride ...
     *
     * @param matrix they belong to
     * @param from the first, in elements
     * @param stride from one to the next
     * @param to receives them
     * @param toOffset where the first goes
     * @param count how many
     */
    public void read(Matrix matrix, long from, int stride, float[] to, int toOffset, int count) {
        if (matrix.data() != null) {
            copy(matrix.data(), (int) from, stride, to, toOffset, 1, count);
            return;
        }
        MemorySegment segment = matrix.segment();
        if (matrix.type() == DType.F32) {
            if (stride == 1) {
                MemorySegment.copy(segment, FLOAT, Float.BYTES * from, to, toOffset, count);
            } else {
                for (int i = 0; i < count; i++) {
                    to[toOffset + i] = segment.get(FLOAT, Float.BYTES * (from + (long) i * stride));
                }
            }
            return;
        }
        if (matrix.type() == DType.I8) {
            readBytes(segment, from, stride, to, toOffset, count);
            return;
        }
        reserveHalves(count);
        if (stride == 1) {
            MemorySegment.copy(segment, SHORT, Short.BYTES * from, halves, 0, count);
        } else {
            for (int i = 0; i < count; i++) {
                halves[i] = segment.get(SHORT, Short.BYTES * (from + (long) i * stride));
            }
        }
        if (matrix.type() == DType.F16) {
            fromF16(halves, to, toOffset, count);
        } else {
            fromBf16(halves, to, toOffset, count);
        }
    }

    /**
     * Writes elements to at, at + stride ..., rounded to nearest, ties to even.
     *
     * @param matrix they belong to
     * @param at the first, in elements
     * @param stride from one to the next
     * @param from holds them
     * @param fromOffset the first
     * @param count how many
     */
    public void write(Matrix matrix, long at, int stride, float[] from, int fromOffset, int count) {
        if (matrix.data() != null) {
            copy(from, fromOffset, 1, matrix.data(), (int) at, stride, count);
            return;
        }
        MemorySegment segment = matrix.segment();
        if (matrix.type() == DType.F32) {
            if (stride == 1) {
                MemorySegment.copy(from, fromOffset, segment, FLOAT, Float.BYTES * at, count);
            } else {
                for (int i = 0; i < count; i++) {
                    segment.set(FLOAT, Float.BYTES * (at + (long) i * stride), from[fromOffset + i]);
                }
            }
            return;
        }
        reserveHalves(count);
        if (matrix.type() == DType.F16) {
            toF16(from, fromOffset, halves, count);
        } else {
            toBf16(from, fromOffset, halves, count);
        }
        if (stride == 1) {
            MemorySegment.copy(halves, 0, segment, SHORT, Short.BYTES * at, count);
        } else {
            for (int i = 0; i < count; i++) {
                segment.set(SHORT, Short.BYTES * (at + (long) i * stride), halves[i]);
            }
        }
    }

    private void readBytes(MemorySegment segment, long from, int stride, float[] to, int toOffset, int count) {
        if (stride == 1) {
            if (bytes.length < count) {
                bytes = new byte[count];
            }
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, from, bytes, 0, count);
            fromBytes(bytes, to, toOffset, count);
        } else {
            for (int i = 0; i < count; i++) {
                to[toOffset + i] = segment.get(ValueLayout.JAVA_BYTE, from + (long) i * stride);
            }
        }
    }

    private void reserveHalves(int count) {
        if (halves.length < count) {
            halves = new short[count];
        }
    }

    private static void copy(
            float[] from, int fromOffset, int fromStride, float[] to, int toOffset, int toStride, int count) {
        if (fromStride == 1 && toStride == 1) {
            System.arraycopy(from, fromOffset, to, toOffset, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            to[toOffset + i * toStride] = from[fromOffset + i * fromStride];
        }
    }

    // The loops below are such that C2 makes vectors of them.

    private static void fromBytes(byte[] from, float[] to, int toOffset, int count) {
        for (int i = 0; i < count; i++) {
            to[toOffset + i] = from[i];
        }
    }

    private static void fromF16(short[] from, float[] to, int toOffset, int count) {
        for (int i = 0; i < count; i++) {
            to[toOffset + i] = Float.float16ToFloat(from[i]);
        }
    }

    private static void fromBf16(short[] from, float[] to, int toOffset, int count) {
        for (int i = 0; i < count; i++) {
            to[toOffset + i] = Float.intBitsToFloat(from[i] << Short.SIZE);
        }
    }

    private static void toF16(float[] from, int fromOffset, short[] to, int count) {
        for (int i = 0; i < count; i++) {
            to[i] = Float.floatToFloat16(from[fromOffset + i]);
        }
    }

    private static void toBf16(float[] from, int fromOffset, short[] to, int count) {
        for (int i = 0; i < count; i++) {
            to[i] = bf16(from[fromOffset + i]);
        }
    }

    /** The upper half of a float, rounded to nearest, ties to even; NaN stays NaN. */
    private static short bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = bits + 0x7fff + (bits >>> Short.SIZE & 1);
        return (short) ((Float.isNaN(value) ? bits | 0x40_0000 : rounded) >>> Short.SIZE);
    }
}
