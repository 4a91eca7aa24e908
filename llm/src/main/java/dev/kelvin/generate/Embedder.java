// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.VectorHead;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;
import java.util.Objects;

/**
 * Turns texts into vectors of length 1: their hidden rows are pooled and divided by their length. Many texts go through
 * the model together; what a vector is does not depend on the others, to the bit. Rejects null; for one thread at a
 * time.
 */
public final class Embedder {
    private final Decoder model;
    private final TextRows rows;
    private final VectorHead head;

    /**
     * Prepares a model.
     *
     * @param pooling how rows become a vector
     * @throws IllegalArgumentException if the pooling makes none
     */
    public Embedder(Decoder model, Pooling pooling) {
        this.model = Objects.requireNonNull(model, "model");
        Objects.requireNonNull(pooling, "pooling");
        if (pooling == Pooling.NONE || pooling == Pooling.RANK) {
            throw new IllegalArgumentException("embed: pooling must be mean, cls or last, but is " + pooling);
        }
        head = model.vectors();
        rows = new TextRows("embed", model, pooling, head == null ? Embedder::length : (sums, count) -> count);
    }

    /** Elements of a vector. */
    public int dim() {
        return model.plan().vectorDim();
    }

    /**
     * Computes vectors.
     *
     * @param texts ids of each, with everything that belongs to a text (see
     *     {@link dev.kelvin.tokenizer.Tokenizer#surround})
     * @return {@code [texts, dim]}, each row of length 1
     * @throws IllegalArgumentException if a text is empty, longer than the model's context or has an id outside the
     *     vocabulary
     */
    public HeapTensor embed(List<int[]> texts) {
        HeapTensor pooled = rows.of(texts);
        if (head == null) {
            return pooled;
        }
        HeapTensor vectors = head.forward(pooled);
        for (int row = 0; row < vectors.rows(); row++) {
            normalize(vectors.data(), vectors.offset() + row * vectors.columns(), vectors.columns());
        }
        return vectors;
    }

    private static void normalize(float[] data, int begin, int count) {
        double squares = 0;
        for (int i = begin; i < begin + count; i++) {
            squares += (double) data[i] * data[i];
        }
        double length = Math.sqrt(squares);
        for (int i = begin; i < begin + count; i++) {
            data[i] = length == 0 ? 0 : (float) (data[i] / length);
        }
    }

    private static double length(double[] sums, int rows) {
        double squares = 0;
        for (double sum : sums) {
            squares += sum * sum;
        }
        return Math.sqrt(squares);
    }
}
