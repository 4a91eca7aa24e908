// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import java.util.Arrays;

/**
 * Numbers pairs of ids from 0 in the order in which they were added: a hash table with open addressing, for the pair is
 * looked up for every two neighbours of every text.
 */
public final class PairTable {
    /** Never a pair of ids, which are not negative. */
    private static final long FREE = -1;

    private long[] keys;
    private int[] indices;
    private long[] added;
    private int size;

    public PairTable(int expected) {
        int capacity = Integer.highestOneBit(Math.max(8, expected)) * 4;
        keys = new long[capacity];
        indices = new int[capacity];
        added = new long[Math.max(8, expected)];
        Arrays.fill(keys, FREE);
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    /** The slot of a key, or the free one where it belongs. */
    private int slot(long key) {
        int mask = keys.length - 1;
        int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (keys[slot] != key && keys[slot] != FREE) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** The number of a pair, −1 if it was not added. Ids that are negative make no pair. */
    public int find(int left, int right) {
        if ((left | right) < 0) {
            return -1;
        }
        int slot = slot(key(left, right));
        return keys[slot] == FREE ? -1 : indices[slot];
    }

    /** The number of a pair, which is added if it is new. */
    public int add(int left, int right) {
        long key = key(left, right);
        int slot = slot(key);
        if (keys[slot] != FREE) {
            return indices[slot];
        }
        if (2 * (size + 1) > keys.length) {
            grow();
            slot = slot(key);
        }
        if (size == added.length) {
            added = Arrays.copyOf(added, 2 * size);
        }
        keys[slot] = key;
        indices[slot] = size;
        added[size] = key;
        return size++;
    }

    private void grow() {
        keys = new long[2 * keys.length];
        indices = new int[keys.length];
        Arrays.fill(keys, FREE);
        for (int index = 0; index < size; index++) {
            int slot = slot(added[index]);
            keys[slot] = added[index];
            indices[slot] = index;
        }
    }

    public int size() {
        return size;
    }

    /** The left id of a pair by its number. */
    public int left(int index) {
        return (int) (added[index] >>> 32);
    }

    /** The right id of a pair by its number. */
    public int right(int index) {
        return (int) added[index];
    }
}
