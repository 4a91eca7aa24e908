// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

/**
 * Which experts were chosen for the rows of a batch, with what weights, and the order in which rows stand grouped by
 * expert: expert after expert, and for each of them row after row. Filled anew by {@link Experts#route}; for one
 * thread.
 */
public final class ExpertChoice {
    private int rows;
    private int used;
    private int experts;
    private int[] ids = new int[0];
    private float[] weights = new float[0];

    /** Where the entry row·used + rank stands among the grouped rows, and the entry that stands there. */
    private int[] places = new int[0];

    private int[] entries = new int[0];
    private int[] begins = new int[1];

    /** No rows. */
    public ExpertChoice() {}

    void prepare(int rows, int used, int experts) {
        int entries = Math.multiplyExact(rows, used);
        if (ids.length < entries) {
            weights = new float[entries];
            places = new int[entries];
            this.entries = new int[entries];
            ids = new int[entries];
        }
        if (begins.length <= experts) {
            begins = new int[experts + 1];
        }
        this.rows = rows;
        this.used = used;
        this.experts = experts;
    }

    void set(int row, int rank, int id, float weight) {
        ids[row * used + rank] = id;
        weights[row * used + rank] = weight;
    }

    /** Counts, then places: entries of one expert keep their order. */
    void group() {
        for (int e = 0; e <= experts; e++) {
            begins[e] = 0;
        }
        for (int entry = 0; entry < rows * used; entry++) {
            begins[ids[entry] + 1]++;
        }
        for (int e = 0; e < experts; e++) {
            begins[e + 1] += begins[e];
        }
        // While entries are placed, begins[e] is the next free place of e; afterwards that is where e + 1 begins.
        for (int entry = 0; entry < rows * used; entry++) {
            int place = begins[ids[entry]]++;
            places[entry] = place;
            entries[place] = entry;
        }
        for (int e = experts; e > 0; e--) {
            begins[e] = begins[e - 1];
        }
        begins[0] = 0;
    }

    /** The number of rows. */
    public int rows() {
        return rows;
    }

    /** Experts a row. */
    public int used() {
        return used;
    }

    /** The number of experts there are. */
    public int experts() {
        return experts;
    }

    /** The number of rows that stand grouped by expert. */
    public int grouped() {
        return rows * used;
    }

    /** The expert that is a row's choice of a rank, the best being 0. */
    public int id(int row, int rank) {
        return ids[row * used + rank];
    }

    /** The weight of a row's choice of a rank. */
    public float weight(int row, int rank) {
        return weights[row * used + rank];
    }

    /** Where a row's choice of a rank stands among the grouped rows. */
    public int place(int row, int rank) {
        return places[row * used + rank];
    }

    /** The row that stands at a place among the grouped rows. */
    public int rowAt(int place) {
        return entries[place] / used;
    }

    /** The first of an expert's grouped rows. */
    public int begin(int expert) {
        return begins[expert];
    }

    /** The grouped row after the last of an expert's. */
    public int end(int expert) {
        return begins[expert + 1];
    }
}
