// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.KvPage;
import java.io.IOException;
import java.io.OutputStream;

/**
 * What a model remembers of a text: keys and values of its positions, and recurrent states. It grows by the rows that a
 * {@link Batch} gives it, is cut back, and forks into sequences that share what they have in common.
 *
 * <p>Closed sequences give their pages back. For the thread of its {@link KvPool}.
 */
public final class Sequence implements AutoCloseable {
    private final KvPool pool;
    private final PageTable[] tables;
    private int length;

    /** The states after the valid positions; null where there are none yet. */
    private float[][] states;

    /** What the pass that goes on makes of the states. */
    private float[][] nextStates;

    /** Whether a fork may read {@link #states} too. */
    private boolean statesShared;

    private boolean closed;

    Sequence(KvPool pool) {
        this.pool = pool;
        tables = new PageTable[pool.groups()];
        for (int g = 0; g < tables.length; g++) {
            tables[g] = new PageTable(pool.group(g));
        }
    }

    private Sequence(Sequence other) {
        pool = other.pool;
        length = other.length;
        tables = new PageTable[other.tables.length];
        for (int g = 0; g < tables.length; g++) {
            tables[g] = other.tables[g].share();
        }
        if (other.states != null) {
            states = other.states;
            statesShared = true;
            other.statesShared = true;
            pool.statesTaken();
        }
    }

    /** Number of valid positions, which is also the index of the next one. */
    public int length() {
        return length;
    }

    /** Where its pages come from. */
    public KvPool pool() {
        return pool;
    }

    /**
     * A sequence that continues from here on its own. Pages are shared until one of the two writes to them.
     *
     * @throws IllegalStateException if this sequence is closed
     */
    public Sequence fork() {
        requireOpen();
        return new Sequence(this);
    }

    /**
     * Holds the whole pages of another sequence in place of its own, where both hold them: what was computed twice is
     * kept once. Changes no bit, as the same text leaves the same bits.
     *
     * @param other of the same pool
     * @param positions how many first positions of both were computed from the same ids
     * @throws IllegalArgumentException if one of the two has fewer positions, or they are of different pools
     * @throws IllegalStateException if one of the two is closed
     */
    public void share(Sequence other, int positions) {
        requireOpen();
        other.requireOpen();
        if (positions < 0 || positions > Math.min(length, other.length) || !pool.equals(other.pool)) {
            throw new IllegalArgumentException("Sequence.share: no " + positions + " positions in common, with "
                    + length + " and " + other.length + (pool.equals(other.pool) ? "" : " of different pools"));
        }
        for (int g = 0; g < tables.length; g++) {
            tables[g].adopt(other.tables[g], positions / KvPage.POSITIONS);
        }
    }

    /**
     * Whether {@link #truncate} to a length is possible: to 0 always; else not where a recurrent state has moved on (a
     * fork taken there has it), or a window has given up what the next row would see.
     */
    public boolean canTruncate(int length) {
        if (length < 0 || length > this.length) {
            return false;
        }
        if (length == 0 || length == this.length) {
            return true;
        }
        boolean possible = states == null;
        for (int g = 0; g < tables.length; g++) {
            possible &= tables[g].begin() * KvPage.POSITIONS <= pool.group(g).firstSeen(length);
        }
        return possible;
    }

    /**
     * Forgets every position from {@code length} on. What comes next gives the same bits as if they had never been.
     *
     * @throws IllegalArgumentException if that is not {@linkplain #canTruncate possible}
     * @throws IllegalStateException if this sequence is closed
     */
    public void truncate(int length) {
        requireOpen();
        if (!canTruncate(length)) {
            throw new IllegalArgumentException("Sequence.truncate: a sequence of " + this.length
                    + " positions cannot be cut back to " + length
                    + (states == null ? "" : ", as recurrent states go forward only"));
        }
        if (length == 0) {
            releaseStates();
        }
        this.length = length;
        int pages = Math.ceilDiv(length, KvPage.POSITIONS);
        for (int g = 0; g < tables.length; g++) {
            tables[g].releaseFrom(pages);
        }
    }

    /**
     * Writes this sequence, for {@link KvPool#restore} of a pool that keeps the same for the same model. What is
     * restored goes on with the same bits.
     *
     * @param to receives it; is flushed and left open
     * @throws IOException if writing fails
     * @throws IllegalStateException if this sequence is closed
     */
    public void save(OutputStream to) throws IOException {
        requireOpen();
        SequenceStream.ofOne().write(this, to);
    }

    /** Gives back pages and states. A second call does nothing. */
    @Override
    public void close() {
        if (!closed) {
            truncate(0);
            closed = true;
        }
    }

    private void releaseStates() {
        if (states != null) {
            states = null;
            nextStates = null;
            statesShared = false;
            pool.statesReleased();
        }
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("Sequence: it is closed");
        }
    }

    PageTable table(int group) {
        return tables[group];
    }

    boolean hasStates() {
        return states != null;
    }

    /** The state at one place among the states. */
    float[] state(int index) {
        return states[index];
    }

    /** What becomes of the state at one place. */
    float[] nextState(int index) {
        return nextStates[index];
    }

    /** Takes pages for the next rows, and room for what becomes of the states. */
    void makeWritable(int rows) {
        for (int g = 0; g < tables.length; g++) {
            tables[g].makeWritable(length, rows);
        }
        boolean recurrent = pool.stateFloats().length > 0;
        if (recurrent && states == null) {
            makeStates();
        }
        if (recurrent && nextStates == null) {
            nextStates = newStates();
        }
    }

    /** Makes states of zeros. */
    void makeStates() {
        states = newStates();
        pool.statesTaken();
    }

    /** Pages and states of so many positions have been read. */
    void restored(int length) {
        this.length = length;
    }

    private float[][] newStates() {
        int[] floats = pool.stateFloats();
        float[][] made = new float[floats.length][];
        for (int i = 0; i < made.length; i++) {
            made[i] = new float[floats[i]];
        }
        return made;
    }

    /** Makes the next rows valid. */
    void advance(int rows) {
        length += rows;
        if (states != null) {
            float[][] before = states;
            states = nextStates;
            nextStates = statesShared ? null : before;
            statesShared = false;
        }
        for (int g = 0; g < tables.length; g++) {
            tables[g].releaseBefore(pool.group(g).firstPage(length));
        }
    }
}
