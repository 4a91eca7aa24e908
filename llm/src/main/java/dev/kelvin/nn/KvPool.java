// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.nn.LayerMemory.KeysAndValues;
import dev.kelvin.nn.LayerMemory.State;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.KvSlice;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The memory of the sequences of one model: pages of 64 positions of keys and values, made when they are first needed
 * and used again by others, and recurrent states.
 *
 * <p>Layers that look equally far back share pages. Those of layers with a window are given up as the window leaves
 * them behind. A page is shared by the forks of a sequence until one of them writes to it.
 *
 * <p>For one thread, that of the {@link dev.kelvin.ops.Compute} that works with it; so are its sequences.
 */
public final class KvPool {
    /** Elements that share a scale in {@link DType#Q8_0}. */
    private static final int CODES = 32;

    private final List<LayerMemory> slots;
    private final DType type;
    private final long limitBytes;
    private final List<PageGroup> groups = new ArrayList<>();

    /** The group of each slot of keys and values, and where in its pages the slot lies. */
    private final int[] groupOfSlot;

    private final KvSlice[] sliceOfSlot;

    /** The place of each slot's state among the states. */
    private final int[] stateOfSlot;

    private final int[] stateFloats;
    private long stateBytes;

    private KvPool(List<? extends LayerMemory> slots, DType type, long limitBytes) {
        this.slots = List.copyOf(slots);
        this.type = type;
        this.limitBytes = limitBytes;
        groupOfSlot = new int[slots.size()];
        sliceOfSlot = new KvSlice[slots.size()];
        stateOfSlot = new int[slots.size()];
        Map<Integer, List<Integer>> slotsOfWindow = new LinkedHashMap<>();
        List<Integer> states = new ArrayList<>();
        for (int slot = 0; slot < slots.size(); slot++) {
            switch (slots.get(slot)) {
                case KeysAndValues kept ->
                    slotsOfWindow
                            .computeIfAbsent(kept.window(), w -> new ArrayList<>())
                            .add(slot);
                case State state -> {
                    stateOfSlot[slot] = states.size();
                    states.add(state.floats());
                }
            }
        }
        slotsOfWindow.forEach(this::addGroup);
        stateFloats = states.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * An empty pool.
     *
     * @param slots what the layers of the model keep
     * @param type what keys and values are stored in: F32, F16 or Q8_0
     * @param limitBytes the most bytes of pages and states; {@link Long#MAX_VALUE} for as many as there are
     * @return a pool that has made no page yet
     * @throws IllegalArgumentException if keys and values cannot be stored in the type, or a page of 64 positions would
     *     be more than an array can hold
     */
    public static KvPool open(List<? extends LayerMemory> slots, DType type, long limitBytes) {
        if (type != DType.F32 && type != DType.F16 && type != DType.Q8_0) {
            throw new IllegalArgumentException("keys and values: they are kept in F32, F16 or Q8_0, not " + type);
        }
        if (limitBytes < 0) {
            throw new IllegalArgumentException(
                    "keys and values: the limit of their memory must not be negative, but is " + limitBytes);
        }
        return new KvPool(slots, type, limitBytes);
    }

    private void addGroup(int window, List<Integer> members) {
        int end = 0;
        for (int slot : members) {
            KeysAndValues kept = (KeysAndValues) slots.get(slot);
            if (type == DType.Q8_0 && (kept.keyDim() % CODES != 0 || kept.valueDim() % CODES != 0)) {
                throw new IllegalArgumentException(
                        "keys and values: Q8_0 keeps keys and values whose heads are multiples of " + CODES + ", not "
                                + kept);
            }
            try {
                sliceOfSlot[slot] = KvSlice.at(kept.kvHeads(), kept.keyDim(), kept.valueDim(), end);
                end = sliceOfSlot[slot].end();
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException(
                        "keys and values: 64 positions of " + members.size()
                                + " layers are more than an array of Java can hold;" + " this model cannot be run",
                        e);
            }
            groupOfSlot[slot] = groups.size();
        }
        groups.add(new PageGroup(window, type, end));
    }

    /**
     * What one sequence takes.
     *
     * @param slots what the layers keep
     * @param type of keys and values
     * @param positions of the sequence
     * @return bytes of its pages and states
     */
    public static long bytes(List<? extends LayerMemory> slots, DType type, int positions) {
        KvPool pool = open(slots, type, 0);
        long bytes = pool.stateBytesOfSequence();
        for (PageGroup group : pool.groups) {
            bytes += group.pages(positions) * group.pageBytes();
        }
        return bytes;
    }

    /**
     * The most positions that a sequence alone can have within the limit, if it grows by a row at a time.
     *
     * @param most which are not looked beyond
     * @return at most {@code most}; 0 if there is no room for even one
     */
    public int positions(int most) {
        int possible = 0;
        int impossible = most + 1;
        while (impossible - possible > 1) {
            int middle = (possible + impossible) >>> 1;
            long bytes = stateBytesOfSequence();
            for (PageGroup group : groups) {
                bytes += group.mostPages(middle) * group.pageBytes();
            }
            if (bytes <= limitBytes) {
                possible = middle;
            } else {
                impossible = middle;
            }
        }
        return possible;
    }

    /** Whether its sequences can be cut back to any length: nothing is recurrent, and no window gives anything up. */
    public boolean cutsAnywhere() {
        return stateFloats.length == 0
                && groups.stream().allMatch(group -> group.firstSeen(Integer.MAX_VALUE - 1) == 0);
    }

    /** A sequence of no positions. */
    public Sequence newSequence() {
        return new Sequence(this);
    }

    /**
     * A sequence as {@link Sequence#save} has written it.
     *
     * @param from gives no more than is needed; is left open
     * @return a sequence of its own pages
     * @throws IOException if reading fails, or what is read is no such sequence, or of another model
     * @throws KvPoolFullException if there is no room for it
     */
    public Sequence restore(InputStream from) throws IOException {
        return restore(SequenceStream.ofOne(), from, -1);
    }

    private Sequence restore(SequenceStream stream, InputStream from, int expected) throws IOException {
        Sequence sequence = newSequence();
        try {
            stream.read(sequence, from, expected);
            return sequence;
        } catch (Throwable e) { // nobody else could give the pages back
            sequence.close();
            throw e;
        }
    }

    /**
     * Writes sequences of this pool; pages that they share are written once.
     *
     * @param to receives them; is flushed and left open
     * @throws IOException if writing fails
     * @throws IllegalStateException if one is closed
     */
    public void saveAll(List<Sequence> sequences, OutputStream to) throws IOException {
        SequenceStream stream = SequenceStream.ofMany(this);
        for (Sequence sequence : sequences) {
            sequence.requireOpen();
            stream.write(sequence, to);
        }
    }

    /**
     * Sequences as {@link #saveAll} has written them, which share what they shared.
     *
     * @param lengths the positions of each
     * @param from gives no more than is needed; is left open
     * @return the first of them, as many as there is room for
     * @throws IOException if reading fails, or what is read are no such sequences, of other lengths, or those of
     *     another model
     */
    public List<Sequence> restoreAll(int[] lengths, InputStream from) throws IOException {
        SequenceStream stream = SequenceStream.ofMany(this);
        List<Sequence> sequences = new ArrayList<>();
        try {
            for (int length : lengths) {
                sequences.add(restore(stream, from, length));
            }
        } catch (KvPoolFullException full) {
            return sequences; // the rest is computed again when it is asked for
        } catch (Throwable e) { // nobody else could give the pages back
            sequences.forEach(Sequence::close);
            throw e;
        }
        return sequences;
    }

    /** Demands room for so many bytes. */
    void requireRoom(long bytes) {
        if (bytes > limitBytes - usedBytes()) {
            throw new KvPoolFullException("keys and values: " + bytes + " bytes more do not fit, as " + usedBytes()
                    + " of at most " + limitBytes + " are in use");
        }
    }

    /** What keys and values are stored in. */
    public DType type() {
        return type;
    }

    /** The most bytes of pages and states. */
    public long limitBytes() {
        return limitBytes;
    }

    /** Bytes of the pages and states that sequences hold. */
    public long usedBytes() {
        long bytes = stateBytes;
        for (PageGroup group : groups) {
            bytes += group.usedPages() * group.pageBytes();
        }
        return bytes;
    }

    /** Pages that sequences hold, of all layers that look equally far back each. */
    public int usedPages() {
        int pages = 0;
        for (PageGroup group : groups) {
            pages += group.usedPages();
        }
        return pages;
    }

    List<LayerMemory> slots() {
        return slots;
    }

    int groups() {
        return groups.size();
    }

    PageGroup group(int index) {
        return groups.get(index);
    }

    int groupOf(int slot) {
        return groupOfSlot[slot];
    }

    KvSlice slice(int slot) {
        return sliceOfSlot[slot];
    }

    int stateOf(int slot) {
        return stateOfSlot[slot];
    }

    /** The sizes of the states of a sequence. */
    int[] stateFloats() {
        return stateFloats;
    }

    /** Two of each state: what is, and what a pass makes of it. */
    private long stateBytesOfSequence() {
        long floats = 0;
        for (int count : stateFloats) {
            floats += count;
        }
        return 2 * floats * Float.BYTES;
    }

    /** Makes room for the rows of a batch, or refuses before anything has changed. */
    void reserve(Batch batch) {
        int[] missing = new int[groups.size()];
        long bytes = 0;
        for (int span = 0; span < batch.spans(); span++) {
            Sequence sequence = batch.sequence(span);
            int rows = batch.rowEnd(span) - batch.rowBegin(span);
            for (int g = 0; g < missing.length; g++) {
                missing[g] += sequence.table(g).missing(sequence.length(), rows);
            }
            bytes += sequence.hasStates() ? 0 : stateBytesOfSequence();
        }
        for (int g = 0; g < missing.length; g++) {
            bytes += missing[g] * groups.get(g).pageBytes();
        }
        long used = usedBytes();
        if (bytes > limitBytes - used) {
            throw new KvPoolFullException("keys and values: " + batch.rows() + " more rows need " + bytes
                    + " bytes, but " + used + " of at most " + limitBytes + " are in use");
        }
        giveUpFree(missing, limitBytes - used - bytes);
        for (int span = 0; span < batch.spans(); span++) {
            Sequence sequence = batch.sequence(span);
            sequence.makeWritable(batch.rowEnd(span) - batch.rowBegin(span));
        }
    }

    /** Gives up free pages of groups that do not want them until the rest is within so many bytes. */
    private void giveUpFree(int[] missing, long room) {
        long idle = 0;
        for (int g = 0; g < missing.length; g++) {
            idle += Math.max(0, groups.get(g).freePages() - missing[g])
                    * groups.get(g).pageBytes();
        }
        for (int g = 0; g < missing.length; g++) {
            PageGroup group = groups.get(g);
            while (idle > room && group.freePages() > missing[g]) {
                group.drop();
                idle -= group.pageBytes();
            }
        }
    }

    /** A sequence has got its states. */
    void statesTaken() {
        stateBytes += stateBytesOfSequence();
    }

    /** A sequence has given up its states. */
    void statesReleased() {
        stateBytes -= stateBytesOfSequence();
    }
}
