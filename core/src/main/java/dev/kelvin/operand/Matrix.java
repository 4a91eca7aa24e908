// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import java.lang.foreign.MemorySegment;

/**
 * A view of numbers as rows and columns: element (i, j) lies at offset + i·rowStride + j·columnStride of an array or a
 * memory segment. So a part of a larger matrix, one of several that share a buffer, a transposed one and a vector are
 * all the same kind of thing, and an operation on them needs no flags.
 *
 * <p>Strides count elements and may be negative; a stride of 0 repeats a row or column, of a matrix that is only read.
 * In a segment lie F32, F16, BF16 or, to be read, I8, little-endian, aligned or not; the segment may be of any kind, an array's too.
 *
 * <p>Immutable; what it shows is not.
 */
public final class Matrix {
    private final DType type;
    private final float[] data;
    private final MemorySegment segment;
    private final long offset;
    private final int rows;
    private final int columns;
    private final int rowStride;
    private final int columnStride;
    private Matrix transposed;

    private Matrix(
            DType type,
            float[] data,
            MemorySegment segment,
            long offset,
            int rows,
            int columns,
            int rowStride,
            int columnStride) {
        this.type = type;
        this.data = data;
        this.segment = segment;
        this.offset = offset;
        this.rows = rows;
        this.columns = columns;
        this.rowStride = rowStride;
        this.columnStride = columnStride;
    }

    /**
     * All of an array, row by row.
     *
     * @param data the numbers, not copied
     * @param rows of the matrix
     * @param columns of the matrix
     * @return the view
     * @throws IllegalArgumentException if the array has another number of elements
     */
    public static Matrix of(float[] data, int rows, int columns) {
        if ((long) rows * columns != data.length) {
            throw new IllegalArgumentException(
                    "matrix: [" + rows + ", " + columns + "] does not cover an array of " + data.length + " floats");
        }
        return of(data, 0, rows, columns, columns, 1);
    }

    /**
     * Part of an array.
     *
     * @param data the numbers, not copied
     * @param offset element (0, 0)
     * @param rows of the matrix
     * @param columns of the matrix
     * @param rowStride from a row to the next, in elements: what BLAS calls the leading dimension of a row-major matrix
     * @param columnStride from a column to the next
     * @return the view
     * @throws IllegalArgumentException if an extent is negative, or an element lies outside the array or beyond element
     *     {@value HeapTensor#MAX_ELEMENTS}
     */
    public static Matrix of(float[] data, int offset, int rows, int columns, int rowStride, int columnStride) {
        requireInside(
                "floats",
                Math.min(data.length, HeapTensor.MAX_ELEMENTS),
                offset,
                rows,
                columns,
                rowStride,
                columnStride);
        return new Matrix(DType.F32, data, null, offset, rows, columns, rowStride, columnStride);
    }

    /**
     * Part of a memory segment.
     *
     * @param segment the numbers, not copied
     * @param type F32, F16, BF16 or I8
     * @param offset element (0, 0), in elements
     * @param rows of the matrix
     * @param columns of the matrix
     * @param rowStride from a row to the next, in elements
     * @param columnStride from a column to the next
     * @return the view
     * @throws IllegalArgumentException if the type is another, an extent is negative, or an element lies outside
     */
    public static Matrix of(
            MemorySegment segment, DType type, long offset, int rows, int columns, int rowStride, int columnStride) {
        if (type != DType.F32 && type != DType.F16 && type != DType.BF16 && type != DType.I8) {
            throw new IllegalArgumentException("matrix: of type " + type + ", but F32, F16, BF16 or I8 is wanted");
        }
        requireInside(
                type + " elements",
                segment.byteSize() / type.blockBytes(),
                offset,
                rows,
                columns,
                rowStride,
                columnStride);
        return new Matrix(type, null, segment, offset, rows, columns, rowStride, columnStride);
    }

    /**
     * All of an array of bytes, row by row, to be read.
     *
     * @param data the numbers, not copied
     * @param rows of the matrix
     * @param columns of the matrix
     * @return the view, of type I8
     * @throws IllegalArgumentException if the array has another number of elements
     */
    public static Matrix of(byte[] data, int rows, int columns) {
        if ((long) rows * columns != data.length) {
            throw new IllegalArgumentException(
                    "matrix: [" + rows + ", " + columns + "] does not cover an array of " + data.length + " bytes");
        }
        return of(MemorySegment.ofArray(data), DType.I8, 0, rows, columns, columns, 1);
    }

    /** The rows of a tensor. */
    public static Matrix of(HeapTensor tensor) {
        return of(tensor.data(), tensor.offset(), tensor.rows(), tensor.columns(), tensor.columns(), 1);
    }

    /**
     * The rows of a mapped tensor.
     *
     * @param tensor of type F32, F16, BF16 or I8
     * @return the view
     * @throws IllegalArgumentException if the type is another
     */
    public static Matrix of(MappedTensor tensor) {
        return of(tensor.segment(), tensor.dtype(), 0, tensor.rows(), tensor.columns(), tensor.columns(), 1);
    }

    /**
     * A vector as the only column of a matrix.
     *
     * @param data the numbers, not copied
     * @param offset the first
     * @param length how many
     * @param stride from one to the next; if negative, they go down from {@code offset}
     * @return the view [length, 1]
     * @throws IllegalArgumentException if one lies outside the array
     */
    public static Matrix column(float[] data, int offset, int length, int stride) {
        return of(data, offset, length, 1, stride, 1);
    }

    private static void requireInside(
            String what, long length, long offset, int rows, int columns, int rowStride, int columnStride) {
        if (rows < 0 || columns < 0) {
            throw new IllegalArgumentException("matrix: [" + rows + ", " + columns + "] has a negative extent");
        }
        boolean empty = rows == 0 || columns == 0;
        long toLastRow = (rows - 1L) * rowStride;
        long toLastColumn = (columns - 1L) * columnStride;
        long first = offset + Math.min(0, toLastRow) + Math.min(0, toLastColumn);
        long last = offset + Math.max(0, toLastRow) + Math.max(0, toLastColumn);
        if (offset < 0 || (!empty && (first < 0 || last >= length))) {
            throw new IllegalArgumentException("matrix: [" + rows + ", " + columns + "] from offset " + offset
                    + " with strides " + rowStride + " and " + columnStride + " does not lie within " + length + " "
                    + what);
        }
        if (Math.max(rows, columns) > HeapTensor.MAX_ELEMENTS) {
            throw new IllegalArgumentException(
                    "matrix: [" + rows + ", " + columns + "] has more rows or columns than " + HeapTensor.MAX_ELEMENTS);
        }
    }

    /** The same elements with rows as columns; the same object each time, whose transposed is this one. */
    public Matrix transposed() {
        Matrix result = transposed;
        if (result == null) {
            result = new Matrix(type, data, segment, offset, columns, rows, columnStride, rowStride);
            result.transposed = this;
            transposed = result;
        }
        return result;
    }

    /**
     * A view of some rows and columns.
     *
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     * @param columnBegin the first column
     * @param columnEnd the column after the last
     * @return the view
     * @throws IllegalArgumentException if a range does not lie within the extents
     */
    public Matrix part(int rowBegin, int rowEnd, int columnBegin, int columnEnd) {
        if (rowBegin < 0
                || rowEnd < rowBegin
                || rowEnd > rows
                || columnBegin < 0
                || columnEnd < columnBegin
                || columnEnd > columns) {
            throw new IllegalArgumentException("matrix: rows [" + rowBegin + ", " + rowEnd + ") and columns ["
                    + columnBegin + ", " + columnEnd + ") do not lie within " + this);
        }
        boolean empty = rowBegin == rowEnd || columnBegin == columnEnd;
        long at = empty ? offset : offset + (long) rowBegin * rowStride + (long) columnBegin * columnStride;
        return new Matrix(type, data, segment, at, rowEnd - rowBegin, columnEnd - columnBegin, rowStride, columnStride);
    }

    /** The element type. */
    public DType type() {
        return type;
    }

    /** The array; null if the numbers lie in a segment. */
    public float[] data() {
        return data;
    }

    /** The segment; null if the numbers lie in an array. */
    public MemorySegment segment() {
        return segment;
    }

    /** Where element (0, 0) lies, in elements. */
    public long offset() {
        return offset;
    }

    /** The number of rows. */
    public int rows() {
        return rows;
    }

    /** The number of columns. */
    public int columns() {
        return columns;
    }

    /** Elements from a row to the next. */
    public int rowStride() {
        return rowStride;
    }

    /** Elements from a column to the next. */
    public int columnStride() {
        return columnStride;
    }

    /** Type and extents: {@code F32 [512, 64]}. */
    @Override
    public String toString() {
        return type + " [" + rows + ", " + columns + "]";
    }
}
