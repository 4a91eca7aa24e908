// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import java.util.Arrays;

/**
 * Which pairs of symbols merge, into what, and how urgently: a hash table with open addressing whose entries lie side
 * by side, for it is asked for every two neighbours.
 */
public final class MergeTable implements Merges {
    private static final long FREE = -1;

    /** Key and value in turn. */
    private long[] slots;

    private int size;

    /** A table with room for so many pairs. */
    public MergeTable(int expected) {
        slots = new long[2 * Integer.highestOneBit(Math.max(8, expected)) * 4];
        Arrays.fill(slots, FREE);
    }

    private int slot(long key) {
        int mask = slots.length / 2 - 1;
        int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (slots[2 * slot] != key && slots[2 * slot] != FREE) {
            slot = (slot + 1) & mask;
        }
        return 2 * slot;
    }

    /**
     * Adds a pair; of two equal pairs the first counts.
     *
     * @param left symbol, not negative
     * @param right symbol, not negative
     * @param rank pairs of lower rank merge first, the leftmost of equal rank
     * @param result the symbol that they become
     */
    public void add(int left, int right, int rank, int result) {
        if (4 * (size + 1) > slots.length) {
            grow();
        }
        long key = (long) left << 32 | right;
        int slot = slot(key);
        if (slots[slot] == FREE) {
            slots[slot] = key;
            slots[slot + 1] = Merges.found(rank, result);
            size++;
        }
    }

    private void grow() {
        long[] old = slots;
        slots = new long[2 * old.length];
        Arrays.fill(slots, FREE);
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] != FREE) {
                int slot = slot(old[i]);
                slots[slot] = old[i];
                slots[slot + 1] = old[i + 1];
            }
        }
    }

    @Override
    public long find(int left, int right) {
        if ((left | right) < 0) {
            return NONE;
        }
        int slot = slot((long) left << 32 | right);
        return slots[slot] == FREE ? NONE : slots[slot + 1];
    }
}
