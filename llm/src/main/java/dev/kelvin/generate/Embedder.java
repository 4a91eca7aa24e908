// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.nn.Batch;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.Sequence;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Turns texts into vectors of length 1: their hidden rows are pooled and divided by their length. Many texts go through
 * the model together; what a vector is does not depend on the others, to the bit. Rejects null; for one thread at a
 * time.
 */
public final class Embedder {
    /** Rows of a batch, unless one text alone has more. */
    private static final int ROWS_AT_ONCE = 512;

    private final Decoder model;
    private final Pooling pooling;
    private final KvPool pool;
    private final Batch batch = new Batch();

    /**
     * Prepares a model.
     *
     * @param pooling how rows become a vector
     * @throws IllegalArgumentException if the pooling makes none
     */
    public Embedder(Decoder model, Pooling pooling) {
        this.model = Objects.requireNonNull(model, "model");
        this.pooling = Objects.requireNonNull(pooling, "pooling");
        if (pooling == Pooling.NONE || pooling == Pooling.RANK) {
            throw new IllegalArgumentException("embed: pooling must be mean, cls or last, but is " + pooling);
        }
        pool = model.newPool();
    }

    /** D, elements of a vector. */
    public int dim() {
        return model.plan().sizes().dim();
    }

    /**
     * Computes vectors.
     *
     * @param texts ids of each, with everything that belongs to a text (see
     *     {@link dev.kelvin.tokenizer.Tokenizer#surround})
     * @return {@code [texts, D]}, each row of length 1
     * @throws IllegalArgumentException if a text is empty, longer than the model's context or has an id outside the
     *     vocabulary
     */
    public HeapTensor embed(List<int[]> texts) {
        int contextLength = model.plan().sizes().contextLength();
        for (int i = 0; i < texts.size(); i++) {
            int length = texts.get(i).length;
            if (length == 0 || length > contextLength) {
                throw new IllegalArgumentException("embed: text " + i + " has " + length
                        + " tokens; there must be between 1 and the model's context of " + contextLength);
            }
        }
        HeapTensor vectors = HeapTensor.zeros(texts.size(), dim());
        for (int begin = 0; begin < texts.size(); ) {
            int end = begin + 1;
            int rows = texts.get(begin).length;
            while (end < texts.size() && rows + texts.get(end).length <= ROWS_AT_ONCE) {
                rows += texts.get(end++).length;
            }
            together(texts.subList(begin, end), rows, vectors.rowRange(begin, end));
            begin = end;
        }
        return vectors;
    }

    private void together(List<int[]> texts, int rows, HeapTensor vectors) {
        List<Sequence> sequences = new ArrayList<>();
        boolean last = pooling == Pooling.LAST;
        HeapTensor hidden = HeapTensor.zeros(last ? texts.size() : rows, dim());
        batch.clear();
        try {
            for (int[] ids : texts) {
                Sequence sequence = pool.newSequence();
                sequences.add(sequence);
                batch.add(sequence, ids, 0, ids.length, last ? Batch.Wanted.LAST : Batch.Wanted.ALL);
            }
            model.forward(batch, hidden);
        } finally {
            sequences.forEach(Sequence::close);
            batch.clear();
        }
        int begin = 0;
        for (int i = 0; i < texts.size(); i++) {
            int count = last ? 1 : texts.get(i).length;
            pool(hidden.rowRange(begin, begin + (pooling == Pooling.MEAN ? count : 1)), vectors.rowRange(i, i + 1));
            begin += count;
        }
    }

    /** The mean of rows divided by its length, in double, rounded once. */
    private static void pool(HeapTensor rows, HeapTensor vector) {
        int dim = rows.columns();
        double[] sums = new double[dim];
        for (int row = 0; row < rows.rows(); row++) {
            for (int i = 0; i < dim; i++) {
                sums[i] += rows.data()[rows.offset() + row * dim + i];
            }
        }
        double squares = 0;
        for (double sum : sums) {
            squares += sum * sum;
        }
        double length = Math.sqrt(squares);
        for (int i = 0; i < dim; i++) {
            vector.data()[vector.offset() + i] = length == 0 ? 0 : (float) (sums[i] / length);
        }
    }
}
