// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import java.lang.foreign.MemorySegment;

/**
 * Rows that stand head by head on the hub, and kind by kind in GGUF.
 *
 * @param bytes of the rows
 * @param rows their number
 * @param tiling the heads: of each head of keys come its query, its key, the values and the gates of its heads of
 *     values
 */
record HubRegrouping(MemorySegment bytes, int rows, HubTiling tiling) {
    /** Of heads with a query, a key and a value each: all queries, all keys, all values. */
    static void thirds(MemorySegment bytes, int rows, int heads, MemorySegment copy) {
        long part = bytes.byteSize() / (3L * heads);
        for (int head = 0; head < heads; head++) {
            for (int kind = 0; kind < 3; kind++) {
                MemorySegment.copy(bytes, (3L * head + kind) * part, copy, ((long) kind * heads + head) * part, part);
            }
        }
    }

    /**
     * Some of the parts that each head of keys has: its queries, its key and its value.
     *
     * @param first the first part
     * @param count of parts
     * @param adjacent whether rows i and i + d/2 of a part of d rows become rows 2i and 2i + 1
     */
    void parts(int first, int count, boolean adjacent, MemorySegment copy) {
        int all = tiling.each() + 2;
        int width = rows / (tiling.groups() * all);
        for (int group = 0; group < tiling.groups(); group++) {
            for (int part = 0; part < count; part++) {
                int from = (group * all + first + part) * width;
                int to = (group * count + part) * width;
                for (int i = 0; adjacent && i < width / 2; i++) {
                    copyRows(from + i, copy, to + 2 * i, 1);
                    copyRows(from + width / 2 + i, copy, to + 2 * i + 1, 1);
                }
                if (!adjacent) {
                    copyRows(from, copy, to, width);
                }
            }
        }
    }

    /** All queries, all keys, all values, each with its key and its value where there are as many. */
    void ofGroups(MemorySegment copy) {
        int each = tiling.each();
        long part = bytes.byteSize() / (each + 2);
        parts(0, each, false, copy);
        parts(each, 1, false, copy.asSlice(each * part));
        parts(each + 1, 1, false, copy.asSlice((each + 1) * part));
    }

    /** All queries, all keys, all values. */
    void queriesKeysValues(MemorySegment copy) {
        int key = tiling.keys() / tiling.groups();
        int values = tiling.gates(rows) / tiling.groups();
        for (int group = 0; group < tiling.groups(); group++) {
            int from = group * rowsOfGroup();
            copyRows(from, copy, group * key, key);
            copyRows(from + key, copy, tiling.keys() + group * key, key);
            copyRows(from + 2 * key, copy, 2 * tiling.keys() + group * values, values);
        }
    }

    /** All gates. */
    void gates(MemorySegment copy) {
        int gates = tiling.gates(rows) / tiling.groups();
        for (int group = 0; group < tiling.groups(); group++) {
            copyRows((group + 1) * rowsOfGroup() - gates, copy, group * gates, gates);
        }
    }

    private int rowsOfGroup() {
        return rows / tiling.groups();
    }

    private void copyRows(int from, MemorySegment copy, int to, int count) {
        long row = bytes.byteSize() / rows;
        MemorySegment.copy(bytes, from * row, copy, to * row, count * row);
    }
}
