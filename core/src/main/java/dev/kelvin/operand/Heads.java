// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;

/**
 * Queries, keys, values or results of attention within a tensor: element i of head h of row t of sequence b is element
 * offset + b·sequenceStride + t·rowStride + h·headStride + i. So queries, keys and values may lie in one buffer, and
 * heads within rows or rows within heads.
 *
 * @param tensor that holds them
 * @param offset of the first, in elements from the tensor's first
 * @param sequences B
 * @param rows T of each sequence
 * @param heads H
 * @param dim elements of a head, one after the other
 * @param sequenceStride elements from a sequence to the next
 * @param rowStride elements from a row to the next
 * @param headStride elements from a head to the next
 */
public record Heads(
        Tensor tensor,
        int offset,
        int sequences,
        int rows,
        int heads,
        int dim,
        int sequenceStride,
        int rowStride,
        int headStride) {
    /** Checks that all of it lies in the tensor. */
    public Heads {
        boolean sizes = offset >= 0 && sequences >= 0 && rows >= 0 && heads >= 1 && dim >= 1;
        boolean strides = sequenceStride >= 0 && rowStride >= 0 && headStride >= 0;
        boolean empty = sequences == 0 || rows == 0;
        long end =
                offset + (sequences - 1L) * sequenceStride + (rows - 1L) * rowStride + (heads - 1L) * headStride + dim;
        if (!sizes || !strides || (!empty && end > tensor.shape().elements())) {
            throw new IllegalArgumentException("attention: " + sequences + " sequences of " + rows + " rows of " + heads
                    + " heads of " + dim + " with the strides " + sequenceStride + ", " + rowStride + " and "
                    + headStride + " from " + offset + " on do not lie in " + tensor.shape());
        }
    }

    /**
     * Heads within rows: [B·T, H·Dh] or [B, T, H·Dh].
     *
     * @param tensor that holds them
     * @param sequences B
     * @param heads H
     * @throws IllegalArgumentException if its rows or columns are no multiple of that
     */
    public static Heads inRows(Tensor tensor, int sequences, int heads) {
        if (sequences < 1 || heads < 1 || tensor.rows() % sequences != 0 || tensor.columns() % heads != 0) {
            throw new IllegalArgumentException("attention: " + tensor.shape() + " are not the rows of " + sequences
                    + " sequences with " + heads + " heads each");
        }
        int rows = tensor.rows() / sequences;
        int columns = tensor.columns();
        int dim = columns / heads;
        return new Heads(tensor, 0, sequences, rows, heads, dim, Math.multiplyExact(rows, columns), columns, dim);
    }

    /**
     * Rows within heads: [B, H, T, Dh].
     *
     * @param tensor that holds them, of four dimensions
     * @throws IllegalArgumentException if it has another number of dimensions
     */
    public static Heads inHeads(Tensor tensor) {
        if (tensor.shape().rank() != 4) {
            throw new IllegalArgumentException("attention: " + tensor.shape() + " is not [B, H, T, Dh]");
        }
        int heads = tensor.shape().dim(1);
        int rows = tensor.shape().dim(2);
        int dim = tensor.shape().dim(3);
        int each = Math.multiplyExact(rows, dim);
        return new Heads(
                tensor, 0, tensor.shape().dim(0), rows, heads, dim, Math.multiplyExact(heads, each), dim, each);
    }

    /**
     * Where a head of a row begins, in elements from the tensor's first; add {@link HeapTensor#offset} for its array.
     *
     * @param sequence b
     * @param row t
     * @param head h
     */
    public int at(int sequence, int row, int head) {
        return offset + sequence * sequenceStride + row * rowStride + head * headStride;
    }
}
