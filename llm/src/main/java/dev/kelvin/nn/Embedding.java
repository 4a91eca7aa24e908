// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.RowDecoder;
import dev.kelvin.tensor.Tensor;

/**
 * A token embedding: row {@code id} of a table {@code [V, D]} for each token id, decoded to f32. For one thread at a
 * time.
 */
public final class Embedding {
    private final Tensor table;
    private final RowDecoder decoder = new RowDecoder();

    /**
     * Wraps a table, which is neither copied nor changed.
     *
     * @param table {@code [V, D]} of a type that can be decoded
     * @throws IllegalArgumentException if the table is not a matrix, of another type, or packed
     */
    public Embedding(Tensor table) {
        if (table.shape().rank() != 2) {
            throw new IllegalArgumentException("embedding: table must be [V, D], but is " + table.shape());
        }
        if (!table.dtype().isDecodable()) {
            throw new IllegalArgumentException("embedding: table " + table.shape() + " is of type " + table.dtype()
                    + "; only these can be read: " + DType.decodable());
        }
        if (table instanceof PackedTensor) {
            throw new IllegalArgumentException(
                    "embedding: table " + table + " has no rows that can be read one by one");
        }
        this.table = table;
    }

    /** V, the number of rows. */
    public int vocabSize() {
        return table.rows();
    }

    /** D, the elements of a row. */
    public int dim() {
        return table.columns();
    }

    /**
     * Checks that every id of {@code tokens[begin, end)} is in the vocabulary.
     *
     * @throws IllegalArgumentException if the range leaves the array, or an id the vocabulary; it names the first index
     *     and its id
     */
    public void checkTokens(int[] tokens, int begin, int end) {
        if (begin < 0 || end < begin || end > tokens.length) {
            throw new IllegalArgumentException(
                    "embedding: [" + begin + ", " + end + ") is not a range of " + tokens.length + " tokens");
        }
        int vocabSize = vocabSize();
        for (int i = begin; i < end; i++) {
            if (tokens[i] < 0 || tokens[i] >= vocabSize) {
                throw new IllegalArgumentException("embedding: tokens[" + i + "] is " + tokens[i]
                        + ", outside the vocabulary [0, " + vocabSize + ")");
            }
        }
    }

    /**
     * Copies the rows of {@code tokens[begin, end)} to {@code out}.
     *
     * @param out {@code [end - begin, D]}, overwritten
     * @throws IllegalArgumentException if an id is outside the vocabulary or {@code out} has another shape
     */
    public void forward(int[] tokens, int begin, int end, HeapTensor out) {
        checkTokens(tokens, begin, end);
        int dim = dim();
        if (out.rows() != end - begin || out.columns() != dim) {
            throw new IllegalArgumentException(
                    "embedding: out must be [" + (end - begin) + ", " + dim + "], but is " + out.shape());
        }
        for (int i = begin; i < end; i++) {
            int outOffset = out.offset() + (i - begin) * dim;
            switch (table) {
                case HeapTensor heap ->
                    System.arraycopy(heap.data(), heap.offset() + tokens[i] * dim, out.data(), outOffset, dim);
                case MappedTensor mapped -> decoder.decode(mapped, tokens[i], out.data(), outOffset);
                case PackedTensor packed -> throw new AssertionError("refused when it was passed: " + packed);
            }
        }
    }
}
