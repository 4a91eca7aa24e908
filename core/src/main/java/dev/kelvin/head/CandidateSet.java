// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.tensor.HeapTensor;
import java.util.BitSet;

/**
 * Where candidates stand: in the {@linkplain WholeRow whole row} of logits as it lies, or, once a stage has narrowed
 * it, in {@linkplain NarrowedSet places of their own}. Indices ascend with ids.
 */
sealed interface CandidateSet permits WholeRow, NarrowedSet {
    /** The number of places; in a whole row masked ones count. */
    int count();

    /** The token id at a place. */
    int id(int index);

    /** The place of a token; −1 if it is no candidate. */
    int indexOf(int id);

    /** Holds the logits, from {@link #offset} on; to be written through {@link #set} alone. */
    float[] logits();

    /** Where the first logit lies. */
    int offset();

    /** The largest logit; −∞ if all are masked. */
    float max();

    /** The first place that has the largest logit. */
    int indexOfMax();

    /** Changes the logit at a place, never in what the caller passed. */
    void set(int index, float logit);

    /** Divides all logits by a temperature, held in the range of a float. */
    void divide(float temperature);

    /**
     * Moves the candidates whose logit is at least a finite threshold, in their order; a narrowed set within itself.
     */
    void keepFrom(float threshold, NarrowedSet to);

    /** Moves those that are in a set of ids. */
    void keepOnly(BitSet allowed, NarrowedSet to);

    /** The softmax of the logits at a temperature. */
    HeapTensor softmax(float temperature, RowStore to);

    /** The logarithm of the softmax. */
    void logSoftmax(float temperature, RowStore to);

    /**
     * The place that a draw falls on.
     *
     * @param u the draw, in [0, 1)
     * @param temperature of the softmax
     * @param probs its values
     */
    int pick(double u, float temperature, float[] probs);
}
