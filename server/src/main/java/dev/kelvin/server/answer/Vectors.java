// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.generate.Embedder;
import dev.kelvin.plan.Pooling;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;

/** Vectors of texts, one text a turn, so that answers that run meanwhile wait for one at most. */
public final class Vectors {
    private final Served served;

    /** Made when it is first needed, on the engine's thread, and used on that alone. */
    private Embedder embedder;

    /** Uses a model. */
    public Vectors(Served served) {
        this.served = served;
    }

    /** Elements of a vector. */
    public int dim() {
        return served.open().model().plan().vectorDim();
    }

    /**
     * The ids of a text, with what belongs around them.
     *
     * @param truncates whether a text that is too long is cut
     * @throws ApiException if it is too long and must not be cut, or empty
     */
    public int[] ids(String text, boolean truncates) throws ApiException {
        int[] ids = served.tokenizer().encode(text);
        int[] whole = served.tokenizer().surround(ids);
        int most = served.contextLength();
        if (whole.length > most && truncates) {
            whole = served.tokenizer().surround(Arrays.copyOf(ids, most - (whole.length - ids.length)));
        }
        return checked(whole);
    }

    /** Refuses ids that are none or too many. */
    public int[] checked(int[] ids) throws ApiException {
        int most = served.contextLength();
        if (ids.length == 0) {
            throw ApiException.value("input", "'input' must not have empty texts.");
        }
        if (ids.length > most) {
            throw ApiException.invalid(
                    "input",
                    "context_length_exceeded",
                    "'input' has a text of " + ids.length + " tokens, more than the model's context of " + most + ".");
        }
        return ids;
    }

    /**
     * Computes vectors of length 1.
     *
     * @throws ApiException if the model makes none
     */
    public List<float[]> of(List<int[]> texts) throws ApiException {
        if (served.pooling() == Pooling.NONE || served.pooling() == Pooling.RANK) {
            throw ApiException.invalid(
                    "model",
                    "model_not_supported",
                    "'" + served.name() + "' is no model for embeddings: its file names no pooling.");
        }
        List<float[]> vectors = new ArrayList<>();
        for (int[] ids : texts) {
            try {
                vectors.add(served.compute(() -> vector(ids)).join());
            } catch (CompletionException e) {
                throw Failure.told(e.getCause());
            }
        }
        return vectors;
    }

    private float[] vector(int[] ids) {
        if (embedder == null) {
            embedder = new Embedder(served.open().model(), served.pooling());
        }
        HeapTensor row = embedder.embed(List.of(ids));
        return Arrays.copyOfRange(row.data(), row.offset(), row.offset() + row.columns());
    }
}
