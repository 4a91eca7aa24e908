// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sequences of tokens across which {@link Dry} sees no repetition. An immutable value. */
public final class SequenceBreakers {
    /** No breakers. */
    public static final SequenceBreakers NONE = new SequenceBreakers(List.of());

    private final List<List<Integer>> sequences;

    /** The first tokens, ascending, and what follows each; equal first tokens lie together. */
    private final int[] heads;

    private final int[][] tails;

    private SequenceBreakers(List<List<Integer>> sequences) {
        this.sequences = sequences;
        heads = new int[sequences.size()];
        tails = new int[sequences.size()][];
        for (int i = 0; i < heads.length; i++) {
            List<Integer> sequence = sequences.get(i);
            heads[i] = sequence.getFirst();
            tails[i] = sequence.stream().skip(1).mapToInt(Integer::intValue).toArray();
        }
    }

    /**
     * Breakers.
     *
     * @param sequences token ids, each with at least one; their order has no meaning
     * @return the breakers
     * @throws IllegalArgumentException if a sequence is empty
     */
    public static SequenceBreakers of(List<List<Integer>> sequences) {
        List<List<Integer>> sorted = new ArrayList<>();
        for (List<Integer> sequence : sequences) {
            if (sequence.isEmpty()) {
                throw new IllegalArgumentException("dry: an empty sequence breaks nothing");
            }
            sorted.add(List.copyOf(sequence));
        }
        sorted.sort(Comparator.<List<Integer>>comparingInt(List::getFirst).thenComparing(List::toString));
        return sorted.isEmpty() ? NONE : new SequenceBreakers(List.copyOf(sorted));
    }

    /** The token ids of each, ordered by the first. */
    public List<List<Integer>> sequences() {
        return sequences;
    }

    /** Whether a token is a breaker by itself. */
    boolean isSingle(int id) {
        for (int i = lowest(id); i < heads.length && heads[i] == id; i++) {
            if (tails[i].length == 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * How long a repetition at the end of a sequence can be: the number of tokens behind its last breaker.
     *
     * @param window how many of the last tokens are looked at
     * @return the number, {@code window} if there is no breaker
     */
    int repetitionLimit(Sampling sampling, int window) {
        for (int back = 0; back < window; back++) {
            int head = sampling.tokenBefore(back);
            int longest = -1;
            for (int i = lowest(head); i < heads.length && heads[i] == head; i++) {
                if (tails[i].length > longest && follows(sampling, back, tails[i])) {
                    longest = tails[i].length;
                }
            }
            if (longest >= 0) {
                return back - longest;
            }
        }
        return window;
    }

    private static boolean follows(Sampling sampling, int back, int[] tail) {
        if (tail.length > back) {
            return false;
        }
        for (int i = 0; i < tail.length; i++) {
            if (sampling.tokenBefore(back - 1 - i) != tail[i]) {
                return false;
            }
        }
        return true;
    }

    /** The first index at which a head is not below {@code id}. */
    private int lowest(int id) {
        int low = 0;
        int high = heads.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (heads[middle] < id) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequenceBreakers breakers && sequences.equals(breakers.sequences);
    }

    @Override
    public int hashCode() {
        return sequences.hashCode();
    }

    @Override
    public String toString() {
        return sequences.toString();
    }
}
