// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.ops.TokenPicks;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.BitSet;

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
 */
@SuppressWarnings("ReferenceEquality") // Whether the row lies in the array of the last one is a question of identity.
public final class Candidates {
    private final Compute compute;
    private final RowIndex index;
    private final CandidateOrder order = new CandidateOrder();
    private final RowStore narrowed = new RowStore();
    private final RowStore copy = new RowStore();
    private final RowStore probs = new RowStore();
    private final RowStore keys = new RowStore();
    private final double[] draw = new double[1];
    private final float[] drawTemperature = new float[1];
    private final TokenPicks pick = TokenPicks.of(1);
    private int[] ids = new int[0];

    /** The logits of candidate i at x[xOffset + i]; masked ones stand there as long as the row is whole. */
    private float[] x;

    private int xOffset;
    private int count;

    /** The row as it lies while it is whole; then a candidate's index is its id. */
    private HeapTensor row;

    private HeapTensor callersRow;
    private boolean whole;
    private boolean settled;
    private boolean indexCurrent;
    private boolean probsCurrent;
    private int vocabSize;
    private float temperature;
    private int pickedId = -1;
    private float pickedProb;

    Candidates(Compute compute) {
        this.compute = compute;
        this.index = new RowIndex(compute);
    }

    /** Starts over with all tokens that are not masked, at temperature 1. */
    void reset(HeapTensor logits) {
        pickedId = -1;
        vocabSize = logits.columns();
        if (logits.shape().elements() != vocabSize || vocabSize == 0) {
            throw new IllegalArgumentException(
                    "sampling: logits must be one row, [V] or [1, V], but are " + logits.shape());
        }
        if (callersRow == null
                || callersRow.data() != logits.data()
                || callersRow.offset() != logits.offset()
                || callersRow.columns() != vocabSize) {
            callersRow = HeapTensor.view(logits.data(), logits.offset(), 1, vocabSize);
        }
        look(callersRow);
        temperature = 1;
        probsCurrent = false;
        index.build(row);
        indexCurrent = true;
        if (!Float.isFinite(index.max())) {
            throw unsound();
        }
    }

    private void look(HeapTensor wholeRow) {
        row = wholeRow;
        x = wholeRow.data();
        xOffset = wholeRow.offset();
        count = vocabSize;
        whole = true;
        settled = false;
    }

    private IllegalArgumentException unsound() {
        int first = -1;
        int total = 0;
        for (int id = 0; id < vocabSize; id++) {
            if (!(x[xOffset + id] < Float.POSITIVE_INFINITY)) {
                first = total++ == 0 ? id : first;
            }
        }
        return new IllegalArgumentException(
                total == 0
                        ? "sampling: all of " + vocabSize + " logits are -inf"
                        : "sampling: logits have " + x[xOffset + first] + " at index " + first + " (" + total + " of "
                                + vocabSize + " are NaN or +inf)");
    }

    /** How many are left. */
    public int count() {
        settle();
        return count;
    }

    /**
     * The token id of a candidate.
     *
     * @param index from 0 to {@code count() − 1}; ids ascend with it
     * @return its id
     */
    public int id(int index) {
        settle();
        return whole ? index : ids[index];
    }

    /**
     * The logit of a candidate as the stages so far have changed it, before it is divided by {@link #temperature}.
     *
     * @param index from 0 to {@code count() − 1}
     * @return its logit, finite
     */
    public float logit(int index) {
        settle();
        return x[xOffset + index];
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

    /** V: the tokens there are, in play or not. */
    int vocabSize() {
        return vocabSize;
    }

    /** The id that was picked; −1 before the pick. */
    int pickedId() {
        return pickedId;
    }

    /** The probability that the token picked had. */
    float pickedProb() {
        return pickedProb;
    }

    /** The entropy of the candidates at the temperature so far, in nats. */
    double entropy() {
        float[] p = probs();
        if (temperature == Float.POSITIVE_INFINITY) {
            return StrictMath.log(count());
        }
        return Entropy.nats(p, x, xOffset, count, temperature);
    }

    /**
     * The logarithms of the probabilities, in nats.
     *
     * @param out receives one for each candidate; masked ones, if any, get −∞
     */
    void logProbs(RowStore out) {
        settle();
        if (whole) {
            compute.logSoftmax(row, temperature, out.row(count));
        } else {
            compute.logSoftmax(narrowed.masked(count), temperature, out.padded(count));
        }
    }

    private float[] probs() {
        if (!probsCurrent) {
            if (whole) {
                compute.softmax(row, temperature, probs.row(count));
            } else {
                compute.softmax(narrowed.masked(count), temperature, probs.padded(count));
            }
            probsCurrent = true;
        }
        return probs.data();
    }

    private float max() {
        if (whole) {
            return index().max();
        }
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            max = Math.max(max, x[xOffset + i]);
        }
        return max;
    }

    private RowIndex index() {
        if (!indexCurrent) {
            index.build(row);
            indexCurrent = true;
        }
        return index;
    }

    // Narrowing

    /** Takes masked candidates out, if there are any. */
    private void settle() {
        if (whole && !settled) {
            int unmasked = 0;
            for (int i = 0; i < count; i++) {
                unmasked += x[xOffset + i] > Float.NEGATIVE_INFINITY ? 1 : 0;
            }
            if (unmasked < count) {
                keepFrom(-Float.MAX_VALUE);
            }
            settled = true;
        }
    }

    /** Gives the candidates ids and places of their own. */
    private void narrow() {
        if (whole) {
            keepFrom(-Float.MAX_VALUE);
        }
    }

    /** Keeps the candidates whose logit is at least a finite threshold. */
    private void keepFrom(float threshold) {
        if (!whole) {
            int left = 0;
            for (int i = 0; i < count; i++) {
                if (x[i] >= threshold) {
                    ids[left] = ids[i];
                    x[left++] = x[i];
                }
            }
            shrink(left);
            return;
        }
        RowIndex blocks = index();
        int left = 0;
        for (int block = 0; block < blocks.blocks(); block++) {
            if (blocks.max(block) >= threshold) {
                int begin = block * Compute.BLOCK;
                int end = Math.min(vocabSize, begin + Compute.BLOCK);
                reserve(left + Compute.BLOCK);
                left = compute.collectAtLeast(row, begin, end, threshold, ids, narrowed.data(), left);
            }
        }
        becomeNarrow(left);
    }

    private void reserve(int places) {
        narrowed.grow(places);
        if (ids.length < places) {
            ids = Arrays.copyOf(ids, narrowed.data().length);
        }
    }

    private void becomeNarrow(int left) {
        whole = false;
        x = narrowed.data();
        xOffset = 0;
        shrink(left);
    }

    private void shrink(int left) {
        count = left;
        probsCurrent = false;
    }

    /** Keeps what {@link #order} has selected. */
    private void keepOrdered() {
        int left = 0;
        for (int i = 0; i < count; i++) {
            if (order.kept(i)) {
                ids[left] = ids[i];
                x[left++] = x[i];
            }
        }
        shrink(left);
    }

    /** The least float that is not below a number, but finite. */
    private static float ceiling(double number) {
        float rounded = (float) number;
        return Math.max(rounded < number ? Math.nextUp(rounded) : rounded, -Float.MAX_VALUE);
    }

    /** Keeps the one with the largest logit and the lowest id. */
    void keepLargest() {
        float max = max();
        int best = 0;
        if (whole) {
            // Only the first block that has the maximum is searched.
            while (index.max(best / Compute.BLOCK) != max) {
                best += Compute.BLOCK;
            }
        }
        while (x[xOffset + best] != max) {
            best++;
        }
        int id = whole ? best : ids[best];
        reserve(1);
        ids[0] = id;
        narrowed.data()[0] = max;
        becomeNarrow(1);
    }

    /** Keeps a number, at least 1, of those with the largest logits; all if there are no more. */
    void keepMostLikely(int number) {
        if (whole && number <= index().blocks()) {
            float threshold = index.largest(number);
            // That many blocks have a candidate, so no more is known than that the vocabulary is masked to a part.
            keepFrom(Math.max(threshold, -Float.MAX_VALUE));
        }
        if (number < count()) {
            narrow();
            order.of(x, count);
            order.first(number);
            keepOrdered();
        }
    }

    /** Keeps the smallest set of the most probable whose mass is at least {@code mass}, and at least one. */
    void keepMass(float mass) {
        float[] weights = probs();
        if (whole) {
            // All that are less probable than (1 - mass)/V have less than 1 - mass together. Half of it leaves room for
            // rounding; should that not do, all stay.
            weights = collectProbable((float) ((1.0 - mass) / (2.0 * vocabSize)));
            double sum = 0;
            for (int i = 0; i < count; i++) {
                sum += weights[i];
            }
            if (sum < mass) {
                look(row);
                weights = collectProbable(Float.MIN_VALUE);
            }
        }
        order.of(x, count);
        order.mass(weights, mass, false);
        keepOrdered();
    }

    /**
     * Keeps those of the whole row whose probability is at least a threshold above 0.
     *
     * @return their probabilities in the whole row
     */
    private float[] collectProbable(float threshold) {
        reserve(vocabSize);
        keys.grow(vocabSize);
        int left = compute.collectAtLeast(probs.row(vocabSize), 0, vocabSize, threshold, ids, keys.data(), 0);
        for (int i = 0; i < left; i++) {
            narrowed.data()[i] = x[xOffset + ids[i]];
        }
        becomeNarrow(left);
        return keys.data();
    }

    /** Keeps those whose probability is at least that, or else the most probable one. */
    void keepProbability(double least) {
        float threshold = Math.max(ceiling(least), Float.MIN_VALUE);
        float[] p = probs();
        float most = 0;
        for (int i = 0; i < count; i++) {
            most = Math.max(most, p[i]);
        }
        if (most < threshold) {
            keepLargest();
        } else if (whole) {
            collectProbable(threshold);
        } else {
            int left = 0;
            for (int i = 0; i < count; i++) {
                if (p[i] >= threshold) {
                    ids[left] = ids[i];
                    x[left++] = x[i];
                }
            }
            shrink(left);
        }
    }

    /** Keeps those whose probability is at least a fraction, in (0, 1], of the largest. */
    void keepAbove(float fraction) {
        if (temperature < Float.POSITIVE_INFINITY) {
            keepFrom(ceiling(max() + temperature * StrictMath.log(fraction)));
        }
    }

    /** Keeps those whose logit is at least the largest less so many standard deviations. */
    void keepWithinSigmas(float sigmas) {
        keepFrom(ceiling(max() - sigmas * LogitMoments.standardDeviation(x, xOffset, count)));
    }

    /** Keeps the fewest whose information is nearest to the entropy and whose mass is more than {@code mass}. */
    void keepTypical(float mass) {
        narrow();
        float[] p = probs();
        float max = max();
        double mean = 0;
        for (int i = 0; i < count; i++) {
            mean += p[i] * ((double) x[i] - max);
        }
        keys.grow(count);
        float[] nearness = keys.data();
        for (int i = 0; i < count; i++) {
            nearness[i] = temperature == Float.POSITIVE_INFINITY ? 0 : (float) -Math.abs((double) x[i] - max - mean);
        }
        order.of(nearness, count);
        order.mass(p, mass, true);
        keepOrdered();
    }

    /** Drops all whose probability is at least a threshold, except the least probable of them. */
    void dropTopChoices(float threshold) {
        narrow();
        float[] p = probs();
        int spared = -1;
        for (int i = 0; i < count; i++) {
            if (p[i] >= threshold && (spared < 0 || x[i] <= x[spared])) {
                spared = i;
            }
        }
        int left = 0;
        for (int i = 0; i < count; i++) {
            if (i == spared || p[i] < threshold) {
                ids[left] = ids[i];
                x[left++] = x[i];
            }
        }
        shrink(left);
    }

    /** Keeps those that are allowed; refuses if none is. */
    void keepOnly(BitSet allowed) {
        int left = 0;
        if (whole) {
            for (int id = allowed.nextSetBit(0); id >= 0 && id < vocabSize; id = allowed.nextSetBit(id + 1)) {
                if (x[xOffset + id] > Float.NEGATIVE_INFINITY) {
                    reserve(left + 1);
                    ids[left] = id;
                    narrowed.data()[left++] = x[xOffset + id];
                }
            }
        } else {
            for (int i = 0; i < count; i++) {
                if (allowed.get(ids[i])) {
                    ids[left] = ids[i];
                    x[left++] = x[i];
                }
            }
        }
        if (left == 0) {
            throw new IllegalArgumentException("sampling: the token mask allows none of the candidates left");
        }
        becomeNarrow(left);
    }

    // Changing logits

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
        if (id >= vocabSize) {
            throw new IllegalArgumentException(
                    "sampling: " + sampler + " names id " + id + ", outside the vocabulary [0, " + vocabSize + ")");
        }
    }

    /** The index of a token for the three methods below; −1 if it is not a candidate. */
    int indexOf(int id) {
        if (whole) {
            return x[xOffset + id] > Float.NEGATIVE_INFINITY ? id : -1;
        }
        return Math.max(-1, Arrays.binarySearch(ids, 0, count, id));
    }

    /** A candidate's logit over the temperature so far, which is 1 from then on. */
    float scaledLogit(int index) {
        if (temperature != 1) {
            own();
            for (int i = 0; i < count; i++) {
                if (x[xOffset + i] > Float.NEGATIVE_INFINITY) {
                    x[xOffset + i] = held(x[xOffset + i] / temperature);
                }
            }
            temperature = 1;
            indexCurrent = false;
        }
        return x[xOffset + index];
    }

    /** Gives a candidate another logit, after {@link #scaledLogit}; what is out of range is held at the end. */
    void setScaledLogit(int index, float logit) {
        own();
        x[xOffset + index] = held(logit);
        changed();
    }

    /** Masks a candidate; to be followed by {@link #dropMasked}. */
    void mask(int index) {
        own();
        x[xOffset + index] = Float.NEGATIVE_INFINITY;
        changed();
    }

    /** Takes masked candidates out; refuses if none is left. */
    void dropMasked(String sampler) {
        if (max() == Float.NEGATIVE_INFINITY) {
            throw new IllegalArgumentException("sampling: " + sampler + " leaves no candidate");
        }
        if (!whole) {
            keepFrom(-Float.MAX_VALUE);
        }
    }

    /** The nearest finite float. */
    static float held(float logit) {
        return Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, logit));
    }

    private void own() {
        if (whole && row == callersRow) {
            HeapTensor target = copy.row(vocabSize);
            System.arraycopy(x, xOffset, target.data(), 0, vocabSize);
            boolean wasSettled = settled;
            look(target);
            settled = wasSettled;
        }
    }

    private void changed() {
        settled = false;
        indexCurrent = false;
        probsCurrent = false;
    }

    // The pick

    /**
     * Picks the first at which the running sum of probabilities, ascending, exceeds u times their sum; u in [0, 1). A
     * whole row is picked from as {@link Compute#pick} does, so that a head that never had its logits finds the same.
     */
    void pick(double u) {
        float[] p = probs();
        if (whole) {
            draw[0] = u;
            drawTemperature[0] = temperature;
            compute.pick(row, drawTemperature, draw, pick);
            pickedId = pick.token(0);
            pickedProb = p[pickedId];
            return;
        }
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += p[i];
        }
        double target = u * total;
        double running = 0;
        int last = 0;
        for (int i = 0; i < count; i++) {
            if (p[i] > 0) {
                last = i;
                running += p[i];
                if (running > target) {
                    break;
                }
            }
        }
        pickedId = ids[last];
        pickedProb = p[last];
    }
}
