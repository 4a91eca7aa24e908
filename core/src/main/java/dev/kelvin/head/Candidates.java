// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/**
 * The tokens that are still in play at one position: their ids in ascending order, their raw logits, and the
 * temperature so far. Probabilities always come from the raw logits by the exact softmax, so that stages do not pile up
 * rounding errors.
 *
 * <p>There is always at least one candidate, and none is masked. The arrays are reused from token to token; for one
 * thread.
 */
public final class Candidates {
    private final Compute compute;
    private int[] ids = new int[0];
    private float[] logits = new float[0];
    private float[] probs = new float[0];
    private int[] order = new int[0];
    private boolean[] kept = new boolean[0];
    private int count;
    private float temperature;
    private boolean probsCurrent;

    Candidates(Compute compute) {
        this.compute = compute;
    }

    /** Starts over with all tokens that are not masked, at temperature 1. */
    void reset(HeapTensor row) {
        int vocabSize = Math.toIntExact(row.shape().elements());
        if (ids.length < vocabSize) {
            ids = new int[vocabSize];
            logits = new float[vocabSize];
            probs = new float[vocabSize];
            order = new int[vocabSize];
            kept = new boolean[vocabSize];
        }
        count = 0;
        for (int id = 0; id < vocabSize; id++) {
            float logit = row.data()[row.offset() + id];
            if (!(logit < Float.POSITIVE_INFINITY)) {
                throw invalid(row, id);
            }
            if (logit > Float.NEGATIVE_INFINITY) {
                ids[count] = id;
                logits[count++] = logit;
            }
        }
        if (count == 0) {
            throw new IllegalArgumentException("sampling: all of " + vocabSize + " logits are -inf");
        }
        temperature = 1;
        probsCurrent = false;
    }

    private static IllegalArgumentException invalid(HeapTensor row, int first) {
        int vocabSize = Math.toIntExact(row.shape().elements());
        int total = 0;
        for (int id = first; id < vocabSize; id++) {
            if (!(row.data()[row.offset() + id] < Float.POSITIVE_INFINITY)) {
                total++;
            }
        }
        return new IllegalArgumentException("sampling: logits have " + row.data()[row.offset() + first] + " at index "
                + first + " (" + total + " of " + vocabSize + " are NaN or +inf)");
    }

    /** How many are left. */
    public int count() {
        return count;
    }

    /**
     * The token id of a candidate.
     *
     * @param index from 0 to {@code count() − 1}; ids ascend with it
     * @return its id
     */
    public int id(int index) {
        return ids[index];
    }

    /**
     * The raw logit of a candidate.
     *
     * @param index from 0 to {@code count() − 1}
     * @return its logit, finite
     */
    public float logit(int index) {
        return logits[index];
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
        update();
        return probs[index];
    }

    private void update() {
        if (!probsCurrent) {
            compute.softmax(HeapTensor.view(logits, 0, 1, count), temperature, HeapTensor.view(probs, 0, 1, count));
            probsCurrent = true;
        }
    }

    /** Multiplies the temperature by a factor in (0, +∞]. */
    void multiplyTemperature(float factor) {
        // A product of positive temperatures that underflows is as cold as a positive one can be; it does not become
        // the other limit.
        temperature = Math.max(temperature * factor, Float.MIN_VALUE);
        probsCurrent = false;
    }

    /** Keeps the one with the largest logit and the lowest id. */
    void keepLargest() {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        ids[0] = ids[best];
        logits[0] = logits[best];
        count = 1;
        probsCurrent = false;
    }

    /** Keeps a number, at least 1, of those with the largest logits. */
    void keepMostLikely(int number) {
        enumerate();
        int begin = 0;
        int end = count;
        while (end - begin > 1) {
            int middle = partition(begin, end);
            if (middle >= number) {
                end = middle;
            } else {
                begin = middle;
            }
        }
        keepFirst(number);
    }

    /** Keeps the smallest set of the most probable whose mass is at least {@code mass}, and at least one. */
    void keepMass(float mass) {
        update();
        enumerate();
        int begin = 0;
        int end = count;
        double missing = mass;
        // Invariant: the answer is in [begin + 1, end], and everything before begin is in.
        while (end - begin > 1) {
            int middle = partition(begin, end);
            double upper = 0;
            for (int i = begin; i < middle; i++) {
                upper += probs[order[i]];
            }
            if (upper >= missing) {
                end = middle;
            } else {
                missing -= upper;
                begin = middle;
            }
        }
        keepFirst(end);
    }

    /** Keeps those whose probability is at least a fraction, in (0, 1], of the largest. */
    void keepAbove(float fraction) {
        update();
        float largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, probs[i]);
        }
        float threshold = fraction * largest;
        int left = 0;
        for (int i = 0; i < count; i++) {
            if (probs[i] >= threshold) {
                ids[left] = ids[i];
                logits[left++] = logits[i];
            }
        }
        count = left;
        probsCurrent = false;
    }

    private void enumerate() {
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
    }

    private boolean before(int a, int b) {
        return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
    }

    /**
     * Reorders {@code order[begin, end)}, at least two, so that all before the returned index come before all from it
     * on; both parts are not empty. The order is that of the logits, largest first, then of the ids: it is total, and
     * at every temperature also that of the probabilities.
     */
    private int partition(int begin, int end) {
        int pivot = median(order[begin], order[begin + (end - begin) / 2], order[end - 1]);
        int i = begin - 1;
        int j = end;
        while (true) {
            do {
                i++;
            } while (before(order[i], pivot));
            do {
                j--;
            } while (before(pivot, order[j]));
            if (i >= j) {
                // Hoare's scheme leaves j inside the left part; with the last element as pivot it could be the whole
                // range.
                return Math.min(j + 1, end - 1);
            }
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }

    private int median(int a, int b, int c) {
        if (before(a, b)) {
            return before(b, c) ? b : before(a, c) ? c : a;
        }
        return before(a, c) ? a : before(b, c) ? c : b;
    }

    /** Keeps the first of {@link #order}, in ascending order of id. */
    private void keepFirst(int number) {
        Arrays.fill(kept, 0, count, false);
        for (int i = 0; i < number; i++) {
            kept[order[i]] = true;
        }
        int left = 0;
        for (int i = 0; i < count; i++) {
            if (kept[i]) {
                ids[left] = ids[i];
                logits[left++] = logits[i];
            }
        }
        count = left;
        probsCurrent = false;
    }

    /**
     * The candidate at which the running sum of probabilities, ascending, first exceeds u times their sum; u in [0, 1).
     */
    int pick(double u) {
        update();
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += probs[i];
        }
        double target = u * total;
        double running = 0;
        int last = 0;
        for (int i = 0; i < count; i++) {
            if (probs[i] > 0) {
                last = i;
                running += probs[i];
                if (running > target) {
                    break;
                }
            }
        }
        return last;
    }
}
