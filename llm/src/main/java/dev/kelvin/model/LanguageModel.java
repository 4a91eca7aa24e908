// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.head.LogitProjection;
import dev.kelvin.nn.KvCache;
import dev.kelvin.tensor.HeapTensor;

/**
 * A decoder: token ids in, one hidden row a position out, and a head that turns a hidden row into logits.
 *
 * <p>The same ids give the same bits whether they arrive at once, in pieces or one by one, and for any number of
 * threads. A model holds no sequence; that is the {@link KvCache}'s part, and several caches may take turns. Its
 * weights may lie in the mapped file it was loaded from, which must stay open. Methods reject null; one thread at a
 * time.
 */
public interface LanguageModel {
    /** The model's sizes. */
    ModelConfig config();

    /**
     * Allocates an empty cache for one sequence.
     *
     * @param capacity the most positions of the sequence, in [1, config().contextLength()]
     * @throws IllegalArgumentException if the capacity is out of range
     */
    KvCache newCache(int capacity);

    /**
     * Appends {@code tokens[begin, end)} to the sequence of a cache and computes their hidden rows.
     *
     * @param cache of the sequence, made by {@link #newCache}; the tokens come at {@code cache.position()}, which then
     *     moves behind them
     * @param tokens ids in [0, config().vocabSize())
     * @param hidden {@code [end - begin, D]}, overwritten with the rows after the final normalisation, as the head
     *     expects them
     * @throws IllegalArgumentException before any work, if the range, an id or a shape is wrong or the cache has too
     *     few positions left; for an id it names the index and the id
     */
    void forward(KvCache cache, int[] tokens, int begin, int end, HeapTensor hidden);

    /** The projection of hidden rows {@code [B, D]} to logits {@code [B, V]}. */
    LogitProjection head();
}
