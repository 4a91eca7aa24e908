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

/** Computes the hidden rows of many texts together and makes one row a text of them, by their sums. */
final class TextRows {
    /** Rows of a batch, unless one text alone has more. */
    static final int ROWS_AT_ONCE = 512;

    private final String operation;
    private final Decoder model;
    private final Pooling pooling;
    private final Divisor divisor;
    private final KvPool pool;
    private final Batch batch = new Batch();

    /** What the sums of a text's rows are divided by. */
    @FunctionalInterface
    interface Divisor {
        /** The divisor of these sums of {@code rows} rows; where it is 0, so is the vector. */
        double of(double[] sums, int rows);
    }

    /**
     * Prepares a model.
     *
     * @param operation what messages are about
     * @param pooling whose rows are added: all, the first or the last
     */
    TextRows(String operation, Decoder model, Pooling pooling, Divisor divisor) {
        this.operation = operation;
        this.model = model;
        this.pooling = pooling;
        this.divisor = divisor;
        pool = model.newPool();
    }

    /** Rows {@code [texts, D]}. */
    HeapTensor of(List<int[]> texts) {
        int contextLength = model.plan().sizes().contextLength();
        for (int i = 0; i < texts.size(); i++) {
            int length = texts.get(i).length;
            if (length == 0 || length > contextLength) {
                throw new IllegalArgumentException(operation + ": text " + i + " has " + length
                        + " tokens; there must be between 1 and the model's context of " + contextLength);
            }
        }
        HeapTensor vectors = HeapTensor.zeros(texts.size(), model.plan().sizes().dim());
        for (int begin = 0; begin < texts.size(); ) {
            int end = begin + 1;
            int rows = texts.get(begin).length;
            while (end < texts.size() && rows + texts.get(end).length <= ROWS_AT_ONCE) {
                rows += texts.get(end++).length;
            }
            together(texts.subList(begin, end), rows, vectors.rowRange(begin, end));
            begin = end;
        }
        if (!Picker.isFinite(vectors)) {
            throw model.firstNonFiniteWeight().map(this::unsound).orElseGet(() -> unsound("numbers leave float"));
        }
        return vectors;
    }

    private IllegalArgumentException unsound(Object reason) {
        return new IllegalArgumentException(operation + ": the model computes no finite rows: " + reason);
    }

    private void together(List<int[]> texts, int rows, HeapTensor vectors) {
        List<Sequence> sequences = new ArrayList<>();
        boolean last = pooling == Pooling.LAST;
        HeapTensor hidden = HeapTensor.zeros(last ? texts.size() : rows, vectors.columns());
        batch.clear();
        try {
            for (int[] ids : texts) {
                Sequence sequence = pool.newSequence();
                sequences.add(sequence);
                batch.add(sequence, ids, 0, ids.length, last ? Batch.Wanted.LAST : Batch.Wanted.ALL);
            }
            model.forward(batch, hidden);
        } catch (IllegalArgumentException e) {
            throw model.firstNonFiniteWeight().map(this::unsound).orElse(e);
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

    /** The sum of rows, divided, in double, rounded once. */
    private void pool(HeapTensor rows, HeapTensor vector) {
        int dim = rows.columns();
        double[] sums = new double[dim];
        for (int row = 0; row < rows.rows(); row++) {
            for (int i = 0; i < dim; i++) {
                sums[i] += rows.data()[rows.offset() + row * dim + i];
            }
        }
        double by = divisor.of(sums, rows.rows());
        for (int i = 0; i < dim; i++) {
            vector.data()[vector.offset() + i] = by == 0 ? 0 : (float) (sums[i] / by);
        }
    }
}
