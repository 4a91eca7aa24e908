// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import java.util.Arrays;

/**
 * Merges the symbols of a word: always the pair of lowest rank, of those the leftmost. Short words look for it anew
 * each time. Longer ones keep a queue, O(n log n). Very long ones begin with passes over the whole word, each of which
 * merges every occurrence of the lowest rank: an endless run of one letter needs a few, and little memory. For one
 * thread.
 */
final class PairMerger {
    private static final int SHORT = 24;
    private static final int LONG = 1 << 16;
    private static final int MOST_PASSES = 64;
    private static final int DEAD = Integer.MIN_VALUE;

    private final Merges merges;
    private final int longWord;
    private final long[] found = new long[SHORT];
    private final LongHeap queue = new LongHeap();
    private int[] next = new int[0];
    private int[] previous = new int[0];

    PairMerger(Merges merges) {
        this(merges, LONG);
    }

    /** With another length from which on a word begins with passes. */
    PairMerger(Merges merges, int longWord) {
        this.merges = merges;
        this.longWord = longWord;
    }

    /**
     * Merges in place.
     *
     * @param symbols [count]; negative ones merge with nothing
     * @return how many are left
     */
    int merge(int[] symbols, int count) {
        int left = count > longWord ? mergeInPasses(symbols, count) : count;
        return left <= SHORT ? mergeShort(symbols, left) : mergeByQueue(symbols, left);
    }

    private int mergeShort(int[] symbols, int count) {
        int left = count;
        for (int i = 0; i + 1 < left; i++) {
            found[i] = merges.find(symbols[i], symbols[i + 1]);
        }
        while (left > 1) {
            int best = 0;
            for (int i = 1; i + 1 < left; i++) {
                if (Merges.rank(found[i]) < Merges.rank(found[best])) {
                    best = i;
                }
            }
            if (found[best] == Merges.NONE) {
                break;
            }
            symbols[best] = Merges.result(found[best]);
            left--;
            System.arraycopy(symbols, best + 2, symbols, best + 1, left - best - 1);
            System.arraycopy(found, best + 1, found, best, Math.max(0, left - best - 1));
            if (best + 1 < left) {
                found[best] = merges.find(symbols[best], symbols[best + 1]);
            }
            if (best > 0) {
                found[best - 1] = merges.find(symbols[best - 1], symbols[best]);
            }
        }
        return left;
    }

    private int mergeByQueue(int[] symbols, int count) {
        for (int i = 0; i + 1 < count; i++) {
            offer(symbols, i, i + 1);
        }
        if (queue.isEmpty()) {
            return count;
        }
        if (next.length < count) {
            next = new int[Math.max(count, 2 * next.length)];
            previous = new int[next.length];
        }
        for (int i = 0; i < count; i++) {
            next[i] = i + 1 < count ? i + 1 : -1;
            previous[i] = i - 1;
        }
        while (!queue.isEmpty()) {
            long first = queue.poll();
            mergeOne(symbols, (int) (first >>> 32), (int) first);
        }
        int left = 0;
        for (int i = 0; i >= 0; i = next[i]) {
            symbols[left++] = symbols[i];
        }
        return left;
    }

    private void offer(int[] symbols, int left, int right) {
        long pair = merges.find(symbols[left], symbols[right]);
        if (pair != Merges.NONE) {
            queue.add((long) Merges.rank(pair) << 32 | left);
        }
    }

    private void mergeOne(int[] symbols, int rank, int left) {
        int right = symbols[left] == DEAD ? -1 : next[left];
        long pair = right < 0 ? Merges.NONE : merges.find(symbols[left], symbols[right]);
        // Out of date: a symbol was merged away, or has grown since the offer.
        if (pair == Merges.NONE || Merges.rank(pair) != rank) {
            return;
        }
        symbols[left] = Merges.result(pair);
        symbols[right] = DEAD;
        next[left] = next[right];
        if (next[left] >= 0) {
            previous[next[left]] = left;
            offer(symbols, left, next[left]);
        }
        if (previous[left] >= 0) {
            offer(symbols, previous[left], left);
        }
    }

    /** Stops where another pair would come first, and where a pass merges too little to be worth it. */
    private int mergeInPasses(int[] symbols, int count) {
        int left = count;
        for (int pass = 0; pass < MOST_PASSES && left > longWord; pass++) {
            int rank = Merges.rank(Merges.NONE);
            for (int i = 0; i + 1 < left; i++) {
                rank = Math.min(rank, Merges.rank(merges.find(symbols[i], symbols[i + 1])));
            }
            if (rank == Merges.rank(Merges.NONE)) {
                break;
            }
            int before = left;
            left = mergeAll(symbols, left, rank);
            if (before - left < before / 16) {
                break;
            }
        }
        return left;
    }

    private int mergeAll(int[] symbols, int count, int rank) {
        int kept = 0;
        int i = 0;
        while (i < count) {
            long pair = i + 1 < count ? merges.find(symbols[i], symbols[i + 1]) : Merges.NONE;
            if (Merges.rank(pair) != rank) {
                symbols[kept++] = symbols[i++];
                continue;
            }
            int result = Merges.result(pair);
            i += 2;
            boolean another = (kept > 0 && Merges.rank(merges.find(symbols[kept - 1], result)) <= rank)
                    || (i < count && Merges.rank(merges.find(result, symbols[i])) <= rank);
            symbols[kept++] = result;
            if (another) {
                System.arraycopy(symbols, i, symbols, kept, count - i);
                return kept + count - i;
            }
        }
        return kept;
    }

    /** Lets go of what a very long word needed. */
    void trim() {
        if (next.length > LONG) {
            next = new int[0];
            previous = next;
        }
    }

    /** An array with room for so many symbols, the old one if it has it. */
    static int[] room(int[] symbols, int count) {
        return symbols.length >= count ? symbols : Arrays.copyOf(symbols, Math.max(count, 2 * symbols.length));
    }
}
