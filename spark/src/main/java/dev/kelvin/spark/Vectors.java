// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.generate.Embedder;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Texts become vectors of length 1. */
final class Vectors implements TextWork {
    /** Texts of a pass. */
    private static final int TEXTS = 64;

    private final SharedModel model;
    private final Pooling pooling;
    private final TextQueue<Float[]> queue;

    /** Made when it is first needed, and used on the model's thread alone. */
    private Embedder embedder;

    private Vectors(SharedModel model, Pooling pooling) {
        this.model = model;
        this.pooling = pooling;
        queue = new TextQueue<>(model.onThread(), TEXTS, this::vectors);
    }

    /**
     * Prepares a model.
     *
     * @throws IllegalStateException if it makes no vectors
     */
    static Vectors of(SharedModel model) {
        Pooling pooling = model.open().model().plan().pooling();
        if (pooling == Pooling.NONE || pooling == Pooling.RANK) {
            throw new IllegalStateException("embed: the model makes no vectors: its file names no pooling");
        }
        return new Vectors(model, pooling);
    }

    @Override
    public Pending begin(String text, long key) {
        int[] ids = model.tokenizer().surround(model.tokenizer().encode(text));
        model.requireLength("embed", ids.length);
        CompletableFuture<Float[]> vector = queue.add(ids);
        return new Pending(vector, () -> vector.cancel(false));
    }

    /** Boxed, which is the array of floats that a row takes. */
    private List<Float[]> vectors(List<int[]> texts) {
        if (embedder == null) {
            OpenModel open = model.open();
            embedder = new Embedder(open.model(), pooling);
        }
        HeapTensor rows = embedder.embed(texts);
        List<Float[]> vectors = new ArrayList<>();
        for (int row = 0; row < texts.size(); row++) {
            Float[] vector = new Float[rows.columns()];
            for (int i = 0; i < vector.length; i++) {
                vector[i] = rows.data()[rows.offset() + row * vector.length + i];
            }
            vectors.add(vector);
        }
        return vectors;
    }
}
