// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.RowSpans;
import dev.kelvin.tensor.StateRows;
import java.util.Arrays;

/**
 * Rows that belong to sequences, for one pass through a model: pieces of prompts and single steps alike. A row has the
 * same bits whatever company it is in.
 *
 * <p>The life of a pass: {@link #clear}, {@link #add} for each sequence, {@link #begin}, the layers, {@link #commit}.
 * Without the last, which is how a pass ends that failed, nothing has happened to the sequences. An instance is used
 * again and again, and makes nothing once it has grown. For one thread.
 */
public final class Batch {
    /** Of which rows the hidden state after the last layer is asked for. */
    public enum Wanted {
        /** Of none: the rows only fill the memory. */
        NONE,
        /** Of the last one, as for the next token. */
        LAST,
        /** Of all, as for scores or embeddings. */
        ALL
    }

    private final RowSpans spans = new RowSpans();
    private Sequence[] sequences = new Sequence[4];
    private int[] ids = new int[16];
    private int[] positions = new int[16];
    private int[] wantedRows = new int[16];
    private int wantedCount;
    private boolean begun;

    /** The pool and the number of spans for which what follows was made. */
    private KvPool pool;

    private int prepared;
    private KvPage[][][] pages;
    private float[][][] states;
    private float[][][] nextStates;
    private KvRows[] keysAndValues;
    private StateRows[] stateRows;

    /** No rows. */
    public Batch() {}

    /** Forgets all rows. */
    public void clear() {
        Arrays.fill(sequences, 0, spans.count(), null);
        spans.clear();
        wantedCount = 0;
        begun = false;
    }

    /**
     * Adds rows at the positions that follow the valid ones of a sequence.
     *
     * @param sequence at most once a batch, and all of one pool
     * @param ids of tokens
     * @param begin the first row's token
     * @param end the token after the last row's
     * @param wanted of which rows the hidden state is asked for
     * @throws IllegalArgumentException if there is no row, the sequence takes part already, or it is of another pool
     * @throws IllegalStateException if the sequence is closed or the pass has begun
     */
    public void add(Sequence sequence, int[] ids, int begin, int end, Wanted wanted) {
        int rows =
                switch (wanted) {
                    case NONE -> 0;
                    case LAST -> 1;
                    case ALL -> Math.max(0, end - begin);
                };
        add(sequence, ids, begin, end, rows);
    }

    /**
     * The same where the hidden states of the last {@code wanted} rows are asked for.
     *
     * @throws IllegalArgumentException as above, or if there are fewer rows than are wanted
     * @throws IllegalStateException as above
     */
    public void add(Sequence sequence, int[] ids, int begin, int end, int wanted) {
        if (begun) {
            throw new IllegalStateException("Batch.add: the pass has begun");
        }
        sequence.requireOpen();
        if (begin < 0 || end > ids.length || begin >= end) {
            throw new IllegalArgumentException(
                    "Batch.add: no rows [" + begin + ", " + end + ") of " + ids.length + " tokens");
        }
        if (wanted < 0 || wanted > end - begin) {
            throw new IllegalArgumentException("Batch.add: " + wanted + " wanted of " + (end - begin) + " rows");
        }
        for (int span = 0; span < spans.count(); span++) {
            if (sequences[span].equals(sequence)) {
                throw new IllegalArgumentException("Batch.add: the sequence takes part already");
            }
            if (!sequences[span].pool().equals(sequence.pool())) {
                throw new IllegalArgumentException("Batch.add: the sequence is of another pool");
            }
        }
        int first = spans.rows();
        spans.add(sequence.length(), end - begin);
        grow();
        sequences[spans.count() - 1] = sequence;
        System.arraycopy(ids, begin, this.ids, first, end - begin);
        for (int row = first; row < spans.rows(); row++) {
            positions[row] = sequence.length() + row - first;
            if (row >= spans.rows() - wanted) {
                wantedRows[wantedCount++] = row;
            }
        }
    }

    private void grow() {
        if (sequences.length < spans.count()) {
            sequences = Arrays.copyOf(sequences, 2 * sequences.length);
        }
        if (ids.length < spans.rows()) {
            int size = Math.max(spans.rows(), 2 * ids.length);
            ids = Arrays.copyOf(ids, size);
            positions = Arrays.copyOf(positions, size);
            wantedRows = Arrays.copyOf(wantedRows, size);
        }
    }

    /** The number of rows. */
    public int rows() {
        return spans.rows();
    }

    /** The token of a row. */
    public int id(int row) {
        return ids[row];
    }

    /** The position of a row in its sequence. */
    public int position(int row) {
        return positions[row];
    }

    /** The tokens of the rows: the array itself, which may be longer. */
    public int[] ids() {
        return ids;
    }

    /** The positions of the rows: the array itself, which may be longer. */
    public int[] positions() {
        return positions;
    }

    /** The number of sequences that take part. */
    public int spans() {
        return spans.count();
    }

    /** The sequence of a span. */
    public Sequence sequence(int span) {
        return sequences[span];
    }

    /** The first row of a span. */
    public int rowBegin(int span) {
        return spans.rowBegin(span);
    }

    /** The row after the last of a span. */
    public int rowEnd(int span) {
        return spans.rowEnd(span);
    }

    /** How many rows are wanted. */
    public int wantedRows() {
        return wantedCount;
    }

    /** The row that is wanted as the i-th; ascending in i. */
    public int wantedRow(int i) {
        return wantedRows[i];
    }

    /**
     * Makes room for all rows: new pages, and copies of those that forks share.
     *
     * @throws KvPoolFullException if there is none; nothing has changed then
     * @throws IllegalStateException if there are no rows, or a sequence has been closed or has grown since it was added
     */
    public void begin() {
        if (spans.count() == 0) {
            throw new IllegalStateException("Batch.begin: there are no rows");
        }
        requireUnchanged("begin");
        KvPool pool = sequences[0].pool();
        pool.reserve(this);
        if (!pool.equals(this.pool) || sequences.length > prepared) {
            prepare(pool);
        }
        for (int span = 0; span < spans.count(); span++) {
            Sequence sequence = sequences[span];
            for (int g = 0; g < pages.length; g++) {
                pages[g][span] = sequence.table(g).storages();
            }
            for (int s = 0; s < states.length; s++) {
                states[s][span] = sequence.state(s);
                nextStates[s][span] = sequence.nextState(s);
            }
        }
        begun = true;
    }

    private void prepare(KvPool pool) {
        this.pool = pool;
        prepared = sequences.length;
        int slots = pool.slots().size();
        pages = new KvPage[pool.groups()][sequences.length][];
        states = new float[pool.stateFloats().length][sequences.length][];
        nextStates = new float[states.length][sequences.length][];
        keysAndValues = new KvRows[slots];
        stateRows = new StateRows[slots];
        for (int slot = 0; slot < slots; slot++) {
            switch (pool.slots().get(slot)) {
                case LayerMemory.KeysAndValues kept ->
                    keysAndValues[slot] = new KvRows(spans, pages[pool.groupOf(slot)], pool.slice(slot));
                case LayerMemory.State state -> {
                    int index = pool.stateOf(slot);
                    stateRows[slot] = new StateRows(spans, states[index], nextStates[index]);
                }
            }
        }
    }

    private void requireUnchanged(String operation) {
        for (int span = 0; span < spans.count(); span++) {
            sequences[span].requireOpen();
            if (sequences[span].length() != spans.position(span)) {
                throw new IllegalStateException("Batch." + operation + ": sequence " + span + " was at position "
                        + spans.position(span) + " when it was added, and is at " + sequences[span].length());
            }
        }
    }

    /**
     * The rows and their pages, after {@link #begin}.
     *
     * @param slot of keys and values
     */
    public KvRows keysAndValues(int slot) {
        requireBegun("keysAndValues");
        return keysAndValues[slot];
    }

    /**
     * The rows and their states, after {@link #begin}.
     *
     * @param slot of a state
     */
    public StateRows states(int slot) {
        requireBegun("states");
        return stateRows[slot];
    }

    private void requireBegun(String operation) {
        if (!begun) {
            throw new IllegalStateException("Batch." + operation + ": the pass has not begun");
        }
    }

    /**
     * Makes the rows valid positions of their sequences, once every layer has seen them, and ends the pass. The rows
     * can still be asked for until {@link #clear}.
     *
     * @throws IllegalStateException if the pass has not begun, or a sequence has been closed or changed meanwhile
     */
    public void commit() {
        requireBegun("commit");
        requireUnchanged("commit");
        for (int span = 0; span < spans.count(); span++) {
            sequences[span].advance(spans.rows(span));
        }
        begun = false;
    }
}
