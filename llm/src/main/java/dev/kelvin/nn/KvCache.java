// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.kernel.AttentionCall;
import dev.kelvin.tensor.HeapTensor;

/**
 * The keys and values of the positions that a sequence has gone through, for every layer.
 *
 * <p>A layer's values are {@code [Hkv, capacity, Dh]}: the positions of one head follow one another. Its keys lie in
 * blocks of 64 positions, {@code [Hkv, ceil(capacity/64), Dh, 64]}, the order attention reads them in. Positions
 * {@code [0, position)} are valid. A forward pass {@linkplain #store stores} its new positions layer by layer and then
 * {@linkplain #advance advances} once; a pass that fails midway has therefore not changed the sequence. For one
 * sequence and one thread.
 */
public final class KvCache {
    private final int kvHeads;
    private final int capacity;
    private final int headDim;
    private final float[][] keys;
    private final float[][] values;
    private int position;

    /**
     * Allocates an empty cache: 2 · layers · kvHeads · capacity · headDim floats, the capacity of keys rounded up to
     * 64.
     *
     * @param capacity the most positions it can hold
     * @throws IllegalArgumentException if an argument is not positive, or a layer's keys exceed an array's range
     */
    public KvCache(int layers, int kvHeads, int capacity, int headDim) {
        requirePositive("layers", layers);
        requirePositive("kvHeads", kvHeads);
        requirePositive("capacity", capacity);
        requirePositive("headDim", headDim);
        // Both factors are below 2^31, so the first product is exact, and the bound keeps the second one in range.
        long perPosition = (long) kvHeads * headDim;
        long positions = AttentionCall.keysPerHead(capacity, 1);
        if (perPosition > (Integer.MAX_VALUE - 8) / positions) {
            throw new IllegalArgumentException("KvCache: [" + kvHeads + ", " + capacity + ", " + headDim
                    + "] a layer is more than one array can hold");
        }
        this.kvHeads = kvHeads;
        this.capacity = capacity;
        this.headDim = headDim;
        this.keys = new float[layers][(int) (perPosition * positions)];
        this.values = new float[layers][(int) perPosition * capacity];
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("KvCache: " + name + " must be positive, but is " + value);
        }
    }

    /** Number of layers. */
    public int layers() {
        return keys.length;
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

    /** The keys of a layer, {@code [Hkv, ceil(capacity/64), Dh, 64]}: the array itself, not a copy. */
    public float[] keys(int layer) {
        return keys[layer];
    }

    /** The values of a layer, {@code [Hkv, capacity, Dh]}: the array itself, not a copy. */
    public float[] values(int layer) {
        return values[layer];
    }

    /**
     * Copies the keys and values of T new positions behind the valid ones of one layer. They become valid by
     * {@link #advance}.
     *
     * @param k {@code [T, Hkv * Dh]}
     * @param v {@code [T, Hkv * Dh]}
     * @throws IllegalArgumentException if the shapes do not fit or fewer than T positions remain
     */
    public void store(int layer, HeapTensor k, HeapTensor v) {
        int width = kvHeads * headDim;
        if (k.columns() != width || v.columns() != width || k.rows() != v.rows()) {
            throw new IllegalArgumentException(
                    "KvCache.store: k and v must be [T, " + width + "], but are " + k.shape() + " and " + v.shape());
        }
        requireRoom("store", k.rows());
        scatterKeys(k, keys[layer]);
        scatterValues(v, values[layer]);
    }

    private void scatterKeys(HeapTensor rows, float[] heads) {
        int headElements = (int) AttentionCall.keysPerHead(capacity, headDim);
        for (int t = 0; t < rows.rows(); t++) {
            int rowOffset = rows.offset() + t * kvHeads * headDim;
            for (int h = 0; h < kvHeads; h++) {
                int offset = h * headElements + AttentionCall.keyOffset(position + t, headDim);
                for (int i = 0; i < headDim; i++) {
                    heads[offset + i * AttentionCall.KEY_BLOCK] = rows.data()[rowOffset + h * headDim + i];
                }
            }
        }
    }

    private void scatterValues(HeapTensor rows, float[] heads) {
        for (int t = 0; t < rows.rows(); t++) {
            int rowOffset = rows.offset() + t * kvHeads * headDim;
            for (int h = 0; h < kvHeads; h++) {
                int headOffset = (h * capacity + position + t) * headDim;
                System.arraycopy(rows.data(), rowOffset + h * headDim, heads, headOffset, headDim);
            }
        }
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
