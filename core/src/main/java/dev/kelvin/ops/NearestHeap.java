// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.Neighbours;

/**
 * The nearest rows seen so far, as a binary heap with the farthest of them on top. Of equal scores that of the higher
 * row is farther, so that no two rows are alike and the order in which they come does not matter.
 */
final class NearestHeap {
    private int[] rows = new int[0];
    private float[] scores = new float[0];
    private int most;
    private int count;
    private boolean largerIsNearer;

    void begin(int most, boolean largerIsNearer) {
        if (rows.length < most) {
            rows = new int[most];
            scores = new float[most];
        }
        this.most = most;
        this.largerIsNearer = largerIsNearer;
        count = 0;
    }

    /** Takes a row if it is among the nearest; NaN never is. */
    void add(int row, float score) {
        if (count == most) {
            // Also false for NaN.
            boolean nearer = largerIsNearer ? score >= scores[0] : score <= scores[0];
            if (nearer && isFarther(0, row, score)) {
                rows[0] = row;
                scores[0] = score;
                sink();
            }
        } else if (!Float.isNaN(score)) {
            rows[count] = row;
            scores[count] = score;
            rise(count++);
        }
    }

    void addAll(NearestHeap other) {
        for (int i = 0; i < other.count; i++) {
            add(other.rows[i], other.scores[i]);
        }
    }

    /** Moves all to where the caller wants them, nearest first. */
    void drain(Neighbours to) {
        to.resize(count);
        while (count > 0) {
            int row = rows[0];
            float score = scores[0];
            count--;
            rows[0] = rows[count];
            scores[0] = scores[count];
            sink();
            to.set(count, row, score);
        }
    }

    /** Whether the entry is farther than a row with a score. */
    private boolean isFarther(int entry, int row, float score) {
        if (scores[entry] == score) {
            return rows[entry] > row;
        }
        return largerIsNearer == (scores[entry] < score);
    }

    private void rise(int from) {
        int at = from;
        while (at > 0 && !isFarther((at - 1) / 2, rows[at], scores[at])) {
            exchange(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    private void sink() {
        int at = 0;
        while (2 * at + 1 < count) {
            int child = 2 * at + 1;
            if (child + 1 < count && isFarther(child + 1, rows[child], scores[child])) {
                child++;
            }
            if (isFarther(at, rows[child], scores[child])) {
                return;
            }
            exchange(at, child);
            at = child;
        }
    }

    private void exchange(int a, int b) {
        int row = rows[a];
        float score = scores[a];
        rows[a] = rows[b];
        scores[a] = scores[b];
        rows[b] = row;
        scores[b] = score;
    }
}
