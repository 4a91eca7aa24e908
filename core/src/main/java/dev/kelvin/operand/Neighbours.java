// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/** The rows that a search found, nearest first, and their scores. One object serves search after search. */
public final class Neighbours {
    private final int[] rows;
    private final float[] scores;
    private int count;

    private Neighbours(int most) {
        rows = new int[most];
        scores = new float[most];
    }

    /**
     * Room for neighbours.
     *
     * @param most how many are wanted, at least 1
     * @return none yet
     * @throws IllegalArgumentException if {@code most} is not positive
     */
    public static Neighbours of(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("neighbours: at least one must be wanted, not " + most);
        }
        return new Neighbours(most);
    }

    /** How many are wanted. */
    public int most() {
        return rows.length;
    }

    /** How many were found: fewer than wanted where there are fewer rows, or their scores are NaN. */
    public int count() {
        return count;
    }

    /** The row of the i-th nearest, from 0. */
    public int row(int i) {
        requireFound(i);
        return rows[i];
    }

    /** The score of the i-th nearest. */
    public float score(int i) {
        requireFound(i);
        return scores[i];
    }

    private void requireFound(int i) {
        if (i < 0 || i >= count) {
            throw new IndexOutOfBoundsException("neighbours: " + i + " of " + count);
        }
    }

    /** Forgets all. */
    public void clear() {
        count = 0;
    }

    /**
     * Names how many there are, before {@link #set} says which.
     *
     * @param count at most {@link #most}
     */
    public void resize(int count) {
        if (count < 0 || count > rows.length) {
            throw new IllegalArgumentException("neighbours: " + count + " of at most " + rows.length);
        }
        this.count = count;
    }

    /** Names the i-th nearest. */
    public void set(int i, int row, float score) {
        requireFound(i);
        rows[i] = row;
        scores[i] = score;
    }
}
