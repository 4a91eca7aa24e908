// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.MatrixBatch;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import java.lang.foreign.MemorySegment;

/** What products demand of views: results whose elements lie apart, and off the operands. */
@SuppressWarnings("ReferenceEquality") // Whether two views show one array is a question of identity.
final class MatrixChecks {
    private MatrixChecks() {}

    static IllegalArgumentException mismatch(
            String operation, String demand, String aName, Matrix a, String bName, Matrix b) {
        return new IllegalArgumentException(operation + ": " + aName + " " + extents(a) + " and " + bName + " "
                + extents(b) + " must have " + demand);
    }

    private static String extents(Matrix m) {
        return "[" + m.rows() + ", " + m.columns() + "]";
    }

    /** Demands that no two elements lie in one place, and that they may be written. */
    static void writable(String operation, String name, Matrix m) {
        long rowStride = Math.abs((long) m.rowStride());
        long columnStride = Math.abs((long) m.columnStride());
        boolean rowsApart = m.rows() <= 1 || rowStride > (m.columns() - 1L) * columnStride;
        boolean columnsApart = m.columns() <= 1 || columnStride > (m.rows() - 1L) * rowStride;
        boolean nothingRepeats = (m.rows() <= 1 || rowStride > 0) && (m.columns() <= 1 || columnStride > 0);
        boolean apart = nothingRepeats && (rowsApart || columnsApart);
        if (!apart && m.rows() > 0 && m.columns() > 0) {
            throw new IllegalArgumentException(operation + ": elements of " + name + " " + extents(m)
                    + " lie in one place, with strides " + m.rowStride() + " and " + m.columnStride());
        }
        if (m.type() == DType.I8) {
            throw new IllegalArgumentException(operation + ": " + name + " " + extents(m) + " is of bytes, to be read");
        }
        if (m.segment() != null && m.segment().isReadOnly()) {
            throw new IllegalArgumentException(operation + ": " + name + " " + extents(m) + " is read-only");
        }
    }

    /** Demands that the matrices of a batch do not overlap each other: that each ends before the next begins. */
    static void apart(String operation, String name, MatrixBatch batch) {
        Matrix m = batch.first();
        if (batch.count() > 1
                && m.rows() > 0
                && m.columns() > 0
                && Math.abs(batch.stride()) < last(m) - first(m) + 1
                && !interleaved(m, batch.stride())) {
            throw new IllegalArgumentException(operation + ": the matrices of " + name + " " + extents(m)
                    + " overlap each other, being " + batch.stride() + " elements apart");
        }
    }

    /** Whether the matrices are parts of the columns of one. */
    private static boolean interleaved(Matrix m, long stride) {
        return m.columnStride() == 1
                && Math.abs(stride) >= m.columns()
                && m.rowStride() > 0
                && Math.abs(stride) <= m.rowStride() - m.columns();
    }

    static void disjoint(String operation, String aName, Matrix a, String bName, Matrix b) {
        disjoint(operation, aName, a, 0, bName, b, 0);
    }

    static void disjoint(String operation, String aName, MatrixBatch a, String bName, MatrixBatch b) {
        if (a.count() > 0) {
            disjoint(
                    operation,
                    aName,
                    a.first(),
                    (a.count() - 1) * a.stride(),
                    bName,
                    b.first(),
                    (b.count() - 1) * b.stride());
        }
    }

    static void disjoint(String operation, String aName, Matrix a, String bName, HeapTensor b) {
        if (a.data() == b.data()
                && b.shape().elements() > 0
                && first(a) < b.offset() + b.shape().elements()
                && b.offset() <= last(a)) {
            throw new IllegalArgumentException(operation + ": " + aName + " " + extents(a) + " at offset " + a.offset()
                    + " must not overlap " + bName + " " + b.shape() + " at offset " + b.offset()
                    + " of the same array");
        }
    }

    private static void disjoint(
            String operation, String aName, Matrix a, long aMore, String bName, Matrix b, long bMore) {
        if (a.rows() == 0 || a.columns() == 0 || b.rows() == 0 || b.columns() == 0 || !shareMemory(a, b)) {
            return;
        }
        long unit = a.type().blockBytes();
        long other = b.type().blockBytes();
        long aFirst = address(a) + unit * (first(a) + Math.min(0, aMore));
        long aEnd = address(a) + unit * (last(a) + Math.max(0, aMore) + 1);
        long bFirst = address(b) + other * (first(b) + Math.min(0, bMore));
        long bEnd = address(b) + other * (last(b) + Math.max(0, bMore) + 1);
        if (aFirst < bEnd && bFirst < aEnd && !(aMore == 0 && bMore == 0 && besides(a, b))) {
            throw new IllegalArgumentException(operation + ": " + aName + " " + extents(a) + " at offset " + a.offset()
                    + " must not overlap " + bName + " " + extents(b) + " at offset " + b.offset()
                    + " of the same memory");
        }
    }

    /** Whether two views are parts of the columns of one matrix, or both of its transposed, without a common column. */
    private static boolean besides(Matrix a, Matrix b) {
        boolean plain = a.columnStride() == 1 && b.columnStride() == 1 && a.rowStride() == b.rowStride();
        boolean turned = a.rowStride() == 1 && b.rowStride() == 1 && a.columnStride() == b.columnStride();
        if (a.type() != b.type() || !(plain || turned)) {
            return false;
        }
        long stride = plain ? a.rowStride() : a.columnStride();
        long aWidth = plain ? a.columns() : a.rows();
        long bWidth = plain ? b.columns() : b.rows();
        long difference = address(b) - address(a);
        if (stride <= 0 || difference % a.type().blockBytes() != 0) {
            return false;
        }
        long apart =
                Math.floorMod(b.offset() - a.offset() + difference / a.type().blockBytes(), stride);
        return apart >= aWidth && apart <= stride - bWidth;
    }

    /** Whether they are the same elements in the same places. */
    static boolean same(Matrix a, Matrix b) {
        return a.type() == b.type()
                && a.rowStride() == b.rowStride()
                && a.columnStride() == b.columnStride()
                && shareMemory(a, b)
                && address(a) + a.offset() * a.type().blockBytes()
                        == address(b) + b.offset() * b.type().blockBytes();
    }

    private static boolean shareMemory(Matrix a, Matrix b) {
        if (a.data() != null && b.data() != null) {
            return a.data() == b.data();
        }
        return base(a) == base(b);
    }

    /** The array below a view; null for memory off the heap. */
    private static Object base(Matrix m) {
        if (m.data() != null) {
            return m.data();
        }
        return m.segment().isNative() ? null : m.segment().heapBase().orElse(m.segment());
    }

    /** In bytes: of memory, or within the array. */
    private static long address(Matrix m) {
        MemorySegment segment = m.segment();
        return segment == null ? 0 : segment.address();
    }

    private static long first(Matrix m) {
        return m.offset()
                + Math.min(0, (m.rows() - 1L) * m.rowStride())
                + Math.min(0, (m.columns() - 1L) * m.columnStride());
    }

    private static long last(Matrix m) {
        return m.offset()
                + Math.max(0, (m.rows() - 1L) * m.rowStride())
                + Math.max(0, (m.columns() - 1L) * m.columnStride());
    }
}
