// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import dev.kelvin.tensor.HeapTensor;

/**
 * Matrices of one shape, each {@code stride} elements after the one before it: with a stride of 0 one matrix that takes
 * part in every product of a batch.
 *
 * @param first the first matrix
 * @param count how many there are
 * @param stride in elements; may be negative
 */
public record MatrixBatch(Matrix first, int count, long stride) {
    /**
     * Checks that the last matrix lies where the first one does.
     *
     * @throws IllegalArgumentException if the count is negative or a matrix lies outside the array or segment
     */
    public MatrixBatch {
        if (count < 0) {
            throw new IllegalArgumentException("batch: " + count + " matrices");
        }
        if (count > 1 && stride != 0 && first.rows() > 0 && first.columns() > 0) {
            long last = Math.addExact(first.offset(), Math.multiplyExact(count - 1L, stride));
            if (first.data() == null) {
                Matrix.of(
                        first.segment(),
                        first.type(),
                        last,
                        first.rows(),
                        first.columns(),
                        first.rowStride(),
                        first.columnStride());
            } else if (last != (int) last) {
                throw new IllegalArgumentException("batch: the last matrix begins at element " + last + ", beyond the "
                        + HeapTensor.MAX_ELEMENTS + " that an array may have");
            } else {
                Matrix.of(
                        first.data(),
                        (int) last,
                        first.rows(),
                        first.columns(),
                        first.rowStride(),
                        first.columnStride());
            }
        }
    }

    /**
     * One matrix many times, to be read.
     *
     * @param matrix it
     * @param count how many times
     * @return the batch
     */
    public static MatrixBatch broadcast(Matrix matrix, int count) {
        return new MatrixBatch(matrix, count, 0);
    }
}
