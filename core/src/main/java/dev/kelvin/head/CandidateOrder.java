// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * The first of some candidates by a key, largest first, of equal keys the lowest index: a selection in O(n) expected,
 * never a sort. The order is total, so the result does not depend on the pivots.
 */
final class CandidateOrder {
    private int[] order = new int[0];
    private boolean[] kept = new boolean[0];
    private float[] keys;
    private int count;

    /** Takes up candidates. */
    void of(float[] keys, int count) {
        if (order.length < count) {
            order = new int[Math.max(count, 2 * order.length)];
            kept = new boolean[order.length];
        }
        this.keys = keys;
        this.count = count;
        for (int i = 0; i < count; i++) {
            order[i] = i;
            kept[i] = false;
        }
    }

    /** Selects a number of candidates, from 1 to all. */
    void first(int number) {
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
        keep(number);
    }

    /**
     * Selects the fewest candidates whose weights sum to at least a mass, or to more than it; at least one, and all if
     * their sum falls short.
     *
     * @param strict whether the sum must be more
     */
    void mass(float[] weights, double mass, boolean strict) {
        int begin = 0;
        int end = count;
        double missing = mass;
        // Invariant: the answer is in [begin + 1, end], and everything before begin is in.
        while (end - begin > 1) {
            int middle = partition(begin, end);
            double upper = 0;
            for (int i = begin; i < middle; i++) {
                upper += weights[order[i]];
            }
            if (strict ? upper > missing : upper >= missing) {
                end = middle;
            } else {
                missing -= upper;
                begin = middle;
            }
        }
        keep(end);
    }

    private void keep(int number) {
        for (int i = 0; i < number; i++) {
            kept[order[i]] = true;
        }
    }

    /** Whether the last selection has a candidate, by index. */
    boolean[] kept() {
        return kept;
    }

    private boolean before(int a, int b) {
        return keys[a] > keys[b] || (keys[a] == keys[b] && a < b);
    }

    /**
     * Reorders {@code order[begin, end)}, at least two, so that all before the returned index come before all from it
     * on; both parts are not empty.
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
}
