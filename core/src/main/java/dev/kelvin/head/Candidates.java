// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.BitSet;
import java.util.function.IntPredicate;

/**
 * The tokens that are still in play at one position: their ids in ascending order, their logits, and the temperature so
 * far. Probabilities always come from these logits by the exact softmax, so that stages do not pile up rounding errors.
 *
 * <p>There is always at least one candidate, and none is masked. The arrays are reused from token to token; for one
 * thread.
 *
 * <p>As long as no stage has narrowed it, this is the whole row of logits where it lies: the first stage that narrows
 * takes its survivors straight from there, and only they get ids and places of their own. A stage that changes logits
 * before that works on a copy of the row.
 *
 * <p>What Kelvin's samplers do with it are the methods from {@link #max} on; a {@link CustomSampler} does the same with
 * {@link #keepIf} and {@link #changeLogits}, which check what it does.
 */
public final class Candidates {
    private final WholeRow whole;
    private final NarrowedSet narrowed;
    private final CandidateOrder order = new CandidateOrder();
    private final RowStore probs = new RowStore();
    private final RowStore keys = new RowStore();
    private CandidateSet set;
    private HeapTensor probsRow;
    private boolean probsCurrent;
    private float temperature;
    private boolean[] marks = new boolean[0];
    private int pickedId = -1;
    private float pickedProb;

    Candidates(Compute compute) {
        this.whole = new WholeRow(compute);
        this.narrowed = new NarrowedSet(compute);
        this.set = narrowed;
    }

    /** Starts over with all tokens that are not masked, at temperature 1. */
    void reset(HeapTensor logits) {
        pickedId = -1;
        temperature = 1;
        probsCurrent = false;
        set = whole;
        whole.look(logits);
    }

    /** How many are left. */
    public int count() {
        settle();
        return set.count();
    }

    /**
     * The token id of a candidate.
     *
     * @param index from 0 to {@code count() − 1}; ids ascend with it
     * @return its id
     */
    public int id(int index) {
        settle();
        return set.id(index);
    }

    /**
     * The logit of a candidate as the stages so far have changed it, before it is divided by {@link #temperature}.
     *
     * @param index from 0 to {@code count() − 1}
     * @return its logit, finite
     */
    public float logit(int index) {
        settle();
        return set.logits()[set.offset() + index];
    }

    /** The product of the temperatures so far. */
    public float temperature() {
        return temperature;
    }

    /**
     * The probability of a candidate among those left, at the temperature so far.
     *
     * @param index from 0 to {@code count() − 1}
     * @return its probability
     */
    public float prob(int index) {
        settle();
        return probs()[index];
    }

    /**
     * Keeps some candidates.
     *
     * @param keeps told the index of each, from 0 to {@code count() − 1}, before any is dropped
     * @throws IllegalArgumentException if it keeps none
     */
    public void keepIf(IntPredicate keeps) {
        CustomRules.keepIf(this, keeps);
    }

    /**
     * Changes the logits of all candidates.
     *
     * @throws IllegalArgumentException if a new one is NaN, or all are −∞
     */
    public void changeLogits(LogitFunction function) {
        CustomRules.changeLogits(this, function);
    }

    /** V: the tokens there are, in play or not. */
    int vocabSize() {
        return whole.count();
    }

    /** The id that was picked; −1 before the pick. */
    int pickedId() {
        return pickedId;
    }

    /** The probability that the token picked had. */
    float pickedProb() {
        return pickedProb;
    }

    /**
     * The logarithms of the probabilities, in nats.
     *
     * @param out receives one for each candidate
     */
    void logProbs(RowStore out) {
        settle();
        set.logSoftmax(temperature, out);
    }

    /** Takes masked candidates out, if there are any. */
    private void settle() {
        if (isWhole() && whole.hasMasked()) {
            narrow();
        }
    }

    private boolean isWhole() {
        return set instanceof WholeRow;
    }

    /** What is kept has been moved. */
    private void moved() {
        set = narrowed;
        probsCurrent = false;
    }

    // What samplers ask for

    /** The largest logit. */
    float max() {
        return set.max();
    }

    /** The standard deviation of the logits. */
    double standardDeviation() {
        return LogitMoments.standardDeviation(set.logits(), set.offset(), set.count());
    }

    /** The entropy of the candidates at the temperature so far, in nats. */
    double entropy() {
        float[] p = probs();
        if (temperature == Float.POSITIVE_INFINITY) {
            return StrictMath.log(count());
        }
        return Entropy.nats(p, set.logits(), set.offset(), set.count(), temperature);
    }

    /** The probabilities at the temperature so far, by index; until candidates or temperature change. */
    float[] probs() {
        if (!probsCurrent) {
            probsRow = set.softmax(temperature, probs);
            probsCurrent = true;
        }
        return probs.data();
    }

    /** Gives the candidates places of their own: from then on {@link #logits} is there, and masks are gone. */
    void narrow() {
        if (isWhole()) {
            cut(-Float.MAX_VALUE);
        }
    }

    /** The logits by index, after {@link #narrow}; not to be changed. */
    float[] logits() {
        return narrowed.logits();
    }

    /** Room for a number of each candidate, after {@link #narrow}. */
    float[] keys() {
        keys.grow(narrowed.count());
        return keys.data();
    }

    // What samplers do: narrowing

    /** Keeps the one with the largest logit and the lowest id. */
    void keepLargest() {
        float max = max();
        int id = set.id(set.indexOfMax());
        narrowed.end(narrowed.put(0, id, max));
        moved();
    }

    /** Keeps those whose logit is at least a threshold, which is not above the largest. */
    void keepFrom(double threshold) {
        cut(ceiling(threshold));
    }

    private void cut(float threshold) {
        set.keepFrom(threshold, narrowed);
        moved();
    }

    /** The least float that is not below a number, but finite. */
    private static float ceiling(double number) {
        float rounded = (float) number;
        return Math.max(rounded < number ? Math.nextUp(rounded) : rounded, -Float.MAX_VALUE);
    }

    /** Keeps a number, at least 1, of those with the largest logits; all if there are no more. */
    void keepMostLikely(int number) {
        float threshold = isWhole() ? whole.reachedBy(number) : Float.NEGATIVE_INFINITY;
        if (threshold > Float.NEGATIVE_INFINITY) {
            cut(threshold);
        }
        if (number < count()) {
            narrow();
            order.of(narrowed.logits(), narrowed.count());
            order.first(number);
            narrowed.keepMarked(order.kept());
            moved();
        }
    }

    /** Keeps those whose probability is at least that, or else the most probable one. */
    void keepProbable(double least) {
        float threshold = Math.max(ceiling(least), Float.MIN_VALUE);
        float[] p = probs();
        float most = 0;
        for (int i = 0; i < set.count(); i++) {
            most = Math.max(most, p[i]);
        }
        if (most < threshold) {
            keepLargest();
        } else if (isWhole()) {
            whole.keepProbable(probsRow, threshold, narrowed, keys);
            moved();
        } else {
            boolean[] stays = marks();
            for (int i = 0; i < narrowed.count(); i++) {
                stays[i] = p[i] >= threshold;
            }
            keepMarked();
        }
    }

    /**
     * Narrows to most probable ones whose mass is at least {@code mass}, without a look at most of the others; narrows
     * nothing that has places already.
     *
     * @return the probabilities that those kept had before, by index
     */
    float[] narrowToMass(float mass) {
        float[] p = probs();
        if (!isWhole()) {
            return p;
        }
        // All that are less probable than (1 - mass)/V have less than 1 - mass together. Half of it leaves room for
        // rounding; should that not do, all stay.
        whole.keepProbable(probsRow, (float) ((1.0 - mass) / (2.0 * vocabSize())), narrowed, keys);
        double sum = 0;
        for (int i = 0; i < narrowed.count(); i++) {
            sum += keys.data()[i];
        }
        if (sum < mass) {
            whole.keepProbable(probsRow, Float.MIN_VALUE, narrowed, keys);
        }
        moved();
        return keys.data();
    }

    /**
     * Keeps the fewest, those with the largest keys first, whose weights sum to at least a mass; at least one. After
     * {@link #narrow} or {@link #narrowToMass}.
     *
     * @param keys by index; of equal ones the lower index comes first
     * @param weights by index, not negative
     * @param strict whether the sum must be more
     */
    void keepFewest(float[] keys, float[] weights, float mass, boolean strict) {
        order.of(keys, narrowed.count());
        order.mass(weights, mass, strict);
        narrowed.keepMarked(order.kept());
        moved();
    }

    /** Keeps those that are in a set of ids. */
    boolean keepOnly(BitSet allowed) {
        set.keepOnly(allowed, narrowed);
        moved();
        return narrowed.count() > 0;
    }

    /** A mark for each candidate, whatever it is now, after {@link #narrow}: to be set, then {@link #keepMarked}. */
    boolean[] marks() {
        if (marks.length < narrowed.count()) {
            marks = new boolean[narrowed.logits().length];
        }
        return marks;
    }

    /** Keeps those whose {@linkplain #marks mark} is set, at least one. */
    void keepMarked() {
        narrowed.keepMarked(marks);
        moved();
    }

    // What samplers do: changing logits

    /** Multiplies the temperature by a factor in [0, +∞]; 0 leaves the one with the largest logit and the lowest id. */
    void heat(float factor) {
        if (factor == 0) {
            keepLargest();
        } else {
            // A product of positive temperatures that underflows is as cold as a positive one can be; it does not
            // become the other limit.
            temperature = Math.max(temperature * factor, Float.MIN_VALUE);
            probsCurrent &= factor == 1;
        }
    }

    /** Refuses an id outside the vocabulary. */
    void requireId(String sampler, int id) {
        if (id >= vocabSize()) {
            throw new IllegalArgumentException(
                    "sampling: " + sampler + " names id " + id + ", outside the vocabulary [0, " + vocabSize() + ")");
        }
    }

    /** The index of a token for the three methods below; −1 if it is not a candidate. */
    int indexOf(int id) {
        return set.indexOf(id);
    }

    /** A candidate's logit over the temperature so far, which is 1 from then on. */
    float scaledLogit(int index) {
        if (temperature != 1) {
            set.divide(temperature);
            temperature = 1;
        }
        return set.logits()[set.offset() + index];
    }

    /** Gives a candidate another logit, after {@link #scaledLogit}; what is out of range is held at the end. */
    void setScaledLogit(int index, float logit) {
        set.set(index, held(logit));
        probsCurrent = false;
    }

    /** Masks a candidate; to be followed by {@link #dropMasked}. */
    void mask(int index) {
        set.set(index, Float.NEGATIVE_INFINITY);
        probsCurrent = false;
    }

    /** Takes masked candidates out; refuses if none is left. */
    void dropMasked(String sampler) {
        if (max() == Float.NEGATIVE_INFINITY) {
            throw new NoCandidateException("sampling: " + sampler + " leaves no candidate");
        }
        if (!isWhole()) {
            cut(-Float.MAX_VALUE);
        }
    }

    /** The nearest finite float. */
    static float held(float logit) {
        return Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, logit));
    }

    /** Picks the one that u falls on, in [0, 1). */
    void pick(double u) {
        float[] p = probs();
        int index = set.pick(u, temperature, p);
        pickedId = set.id(index);
        pickedProb = p[index];
    }
}
