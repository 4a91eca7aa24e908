// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.KvSlice;
import dev.kelvin.tensor.RowSpans;

/**
 * The keys and values of the positions that a sequence has gone through, for every layer, in pages of 64 positions that
 * are made when they are first needed.
 *
 * <p>Positions {@code [0, position)} are valid. A forward pass stores its new positions layer by layer into
 * {@link #rows} and then {@linkplain #advance advances} once; a pass that fails midway has therefore not changed the
 * sequence. For one sequence and one thread.
 */
public final class KvCache {
    private final int kvHeads;
    private final int capacity;
    private final int headDim;
    private final KvPage[] pages;
    private final RowSpans spans = new RowSpans();
    private final KvRows[] layers;
    private final int pageElements;
    private int position;

    /**
     * Makes an empty cache. A page takes 128 · layers · kvHeads · headDim floats.
     *
     * @param capacity the most positions it can hold
     * @throws IllegalArgumentException if an argument is not positive, or a page exceeds an array's range
     */
    public KvCache(int layers, int kvHeads, int capacity, int headDim) {
        requirePositive("layers", layers);
        requirePositive("kvHeads", kvHeads);
        requirePositive("capacity", capacity);
        requirePositive("headDim", headDim);
        // Both factors are below 2^31, so the first product is exact, and the bound keeps the second one in range.
        long perPosition = (long) kvHeads * headDim;
        if (perPosition > (Integer.MAX_VALUE - 8) / (2L * KvPage.POSITIONS * layers)) {
            throw new IllegalArgumentException("KvCache: 64 positions of [" + layers + ", " + kvHeads + ", " + headDim
                    + "] are more than one array can hold");
        }
        this.kvHeads = kvHeads;
        this.capacity = capacity;
        this.headDim = headDim;
        this.pages = new KvPage[Math.ceilDiv(capacity, KvPage.POSITIONS)];
        this.layers = new KvRows[layers];
        KvPage[][] pagesOfSpan = {pages};
        int end = 0;
        for (int layer = 0; layer < layers; layer++) {
            KvSlice slice = KvSlice.at(kvHeads, headDim, headDim, end);
            this.layers[layer] = new KvRows(spans, pagesOfSpan, slice);
            end = slice.end();
        }
        this.pageElements = end;
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("KvCache: " + name + " must be positive, but is " + value);
        }
    }

    /** Number of layers. */
    public int layers() {
        return layers.length;
    }

    /** Key and value heads of a layer, Hkv. */
    public int kvHeads() {
        return kvHeads;
    }

    /** Elements of a head, Dh. */
    public int headDim() {
        return headDim;
    }

    /** The most positions it can hold. */
    public int capacity() {
        return capacity;
    }

    /** Number of valid positions, which is also the index of the next one. */
    public int position() {
        return position;
    }

    /** Positions that can still be added. */
    public int remaining() {
        return capacity - position;
    }

    /**
     * The next positions of a layer, to be stored and attended to; the same object each time.
     *
     * @param count how many positions follow the valid ones, at least 1
     * @throws IllegalArgumentException if fewer remain
     */
    public KvRows rows(int layer, int count) {
        requireRoom("rows", count);
        for (int i = position / KvPage.POSITIONS; i * KvPage.POSITIONS < position + count; i++) {
            if (pages[i] == null) {
                pages[i] = KvPage.of(DType.F32, pageElements);
            }
        }
        spans.clear();
        spans.add(position, count);
        return layers[layer];
    }

    /**
     * Declares the next {@code count} positions valid, after every layer has stored them.
     *
     * @throws IllegalArgumentException if {@code count} is negative or more than remain
     */
    public void advance(int count) {
        requireRoom("advance", count);
        position += count;
    }

    /**
     * Forgets every position from {@code position} on. What comes next gives the same bits as if they had never been.
     *
     * @throws IllegalArgumentException if {@code position} is not in [0, position()]
     */
    public void truncate(int position) {
        if (position < 0 || position > this.position) {
            throw new IllegalArgumentException(
                    "KvCache.truncate: position must be in [0, " + this.position + "], but is " + position);
        }
        this.position = position;
    }

    /** Forgets every position. */
    public void reset() {
        position = 0;
    }

    private void requireRoom(String operation, int count) {
        if (count < 0 || count > remaining()) {
            throw new IllegalArgumentException("KvCache." + operation + ": " + count
                    + " more positions do not fit; position is " + position + " of capacity " + capacity);
        }
    }
}
