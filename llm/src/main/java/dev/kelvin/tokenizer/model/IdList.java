// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import java.util.Arrays;

/** Ids that become more; for one thread. */
public final class IdList {
    private int[] ids = new int[64];
    private int size;

    /** Appends an id. */
    public void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, Math.multiplyExact(2, size));
        }
        ids[size++] = id;
    }

    /** Appends some ids. */
    public void addAll(int[] some) {
        while (size + some.length > ids.length) {
            ids = Arrays.copyOf(ids, Math.multiplyExact(2, ids.length));
        }
        System.arraycopy(some, 0, ids, size, some.length);
        size += some.length;
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    int get(int index) {
        return ids[index];
    }

    /** Takes out the id at an index. */
    void remove(int index) {
        System.arraycopy(ids, index + 1, ids, index, size - index - 1);
        size--;
    }

    /** Keeps the first so many. */
    void truncate(int newSize) {
        size = newSize;
    }

    /** The ids from an index on. */
    int[] from(int index) {
        return Arrays.copyOfRange(ids, index, size);
    }

    /** All ids. */
    public int[] toArray() {
        return Arrays.copyOf(ids, size);
    }
}
