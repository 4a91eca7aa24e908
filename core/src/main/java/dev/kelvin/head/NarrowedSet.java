// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.BitSet;

/** Candidates with ids and places of their own, from index 0 on; narrowed further, they move down in their order. */
final class NarrowedSet implements CandidateSet {
    private final Compute compute;
    private final RowStore logits = new RowStore();
    private int[] ids = new int[0];
    private int count;

    NarrowedSet(Compute compute) {
        this.compute = compute;
    }

    /** Makes room, keeping what is there. */
    void reserve(int places) {
        logits.grow(places);
        if (ids.length < places) {
            ids = Arrays.copyOf(ids, logits.data().length);
        }
    }

    /** Holds the ids. */
    int[] ids() {
        return ids;
    }

    /**
     * Puts a candidate to a place, over what stands there.
     *
     * @return the next place
     */
    int put(int place, int id, float logit) {
        reserve(place + 1);
        ids[place] = id;
        logits.data()[place] = logit;
        return place + 1;
    }

    /** Keeps those that are marked. */
    void keepMarked(boolean[] marks) {
        float[] x = logits();
        int[] ids = this.ids;
        int left = 0;
        for (int i = 0; i < count; i++) {
            if (marks[i]) {
                ids[left] = ids[i];
                x[left++] = x[i];
            }
        }
        end(left);
    }

    /** Ends narrowing: the candidates are those of so many places. */
    void end(int count) {
        this.count = count;
    }

    /** Ends narrowing where only ids stand yet; takes their logits from a row. */
    void fill(int count, float[] row, int offset) {
        for (int i = 0; i < count; i++) {
            logits.data()[i] = row[offset + ids[i]];
        }
        end(count);
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int id(int index) {
        return ids[index];
    }

    @Override
    public int indexOf(int id) {
        return Math.max(-1, Arrays.binarySearch(ids, 0, count, id));
    }

    @Override
    public float[] logits() {
        return logits.data();
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public float max() {
        float[] x = logits();
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            max = Math.max(max, x[i]);
        }
        return max;
    }

    @Override
    public int indexOfMax() {
        float max = max();
        int best = 0;
        while (logits()[best] != max) {
            best++;
        }
        return best;
    }

    @Override
    public void set(int index, float logit) {
        logits()[index] = logit;
    }

    @Override
    public void divide(float temperature) {
        float[] x = logits();
        for (int i = 0; i < count; i++) {
            if (x[i] > Float.NEGATIVE_INFINITY) {
                x[i] = Candidates.held(x[i] / temperature);
            }
        }
    }

    @Override
    public void keepFrom(float threshold, NarrowedSet to) {
        float[] x = logits();
        int left = 0;
        for (int i = 0; i < count; i++) {
            if (x[i] >= threshold) {
                to.ids[left] = ids[i];
                to.logits()[left++] = x[i];
            }
        }
        to.end(left);
    }

    @Override
    public void keepOnly(BitSet allowed, NarrowedSet to) {
        float[] x = logits();
        int left = 0;
        for (int i = 0; i < count; i++) {
            if (allowed.get(ids[i])) {
                left = to.put(left, ids[i], x[i]);
            }
        }
        to.end(left);
    }

    @Override
    public HeapTensor softmax(float temperature, RowStore to) {
        HeapTensor probs = to.padded(count);
        compute.softmax(logits.masked(count), temperature, probs);
        return probs;
    }

    @Override
    public void logSoftmax(float temperature, RowStore to) {
        compute.logSoftmax(logits.masked(count), temperature, to.padded(count));
    }

    /** The first place at which the running sum of probabilities exceeds u times their sum. */
    @Override
    public int pick(double u, float temperature, float[] probs) {
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
