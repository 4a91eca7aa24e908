// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * Keys and values of {@value #POSITIONS} consecutive positions of a sequence, for as many layers as share the page. A
 * {@link KvSlice} says where a head's keys and values begin.
 *
 * <p>A block of keys is [keyDim, 64]: the positions lie side by side, element by element, so that lanes can run along
 * them. A block of values is [64, valueDim]. Offsets and sizes are in elements, whatever the storage. Places of
 * different positions may be written by several threads at a time.
 */
public sealed interface KvPage permits F32KvPage, F16KvPage, Q8_0KvPage {
    /** Positions of a page. */
    int POSITIONS = 64;

    /** Bytes of scratch that {@link #storeKey} and {@link #storeValue} want. */
    int SCRATCH_BYTES = 34;

    /**
     * A new page.
     *
     * @param type F32, F16 or Q8_0
     * @param elements keys and values of all heads of all layers; for Q8_0 a multiple of 32
     * @return the page, all zeros
     * @throws IllegalArgumentException if pages of the type do not exist
     */
    static KvPage of(DType type, int elements) {
        return switch (type) {
            case F32 -> new F32KvPage(new float[elements]);
            case F16 -> new F16KvPage(new short[elements]);
            case Q8_0 -> new Q8_0KvPage(new byte[elements], new short[Math.ceilDiv(elements, Q8_0KvPage.BLOCK)]);
            default ->
                throw new IllegalArgumentException("KvPage: keys and values are kept in F32, F16 or Q8_0, not " + type);
        };
    }

    /** The storage. */
    DType type();

    /** The number of elements. */
    int size();

    /** Makes all elements zeros. */
    void clear();

    /** Makes this page the same as another one of the same type and size. */
    void copyFrom(KvPage other);

    /**
     * Keeps the key of one position.
     *
     * @param key holds the key
     * @param at its first element
     * @param keyDim elements of a key
     * @param block the offset of the head's block of keys in this page
     * @param place the position within the page
     * @param scratch {@value #SCRATCH_BYTES} bytes that only this call uses
     */
    void storeKey(float[] key, int at, int keyDim, int block, int place, byte[] scratch);

    /**
     * Keeps the value of one position.
     *
     * @param value holds the value
     * @param at its first element
     * @param valueDim elements of a value
     * @param block the offset of the head's block of values in this page
     * @param place the position within the page
     * @param scratch {@value #SCRATCH_BYTES} bytes that only this call uses
     */
    void storeValue(float[] value, int at, int valueDim, int block, int place, byte[] scratch);

    /**
     * Decodes a head's block of keys, each element exactly or rounded once.
     *
     * @param block its offset in this page
     * @param keyDim elements of a key
     * @param to receives [keyDim, 64]
     */
    void decodeKeys(int block, int keyDim, float[] to);

    /**
     * Decodes a head's block of values, each element exactly or rounded once.
     *
     * @param block its offset in this page
     * @param valueDim elements of a value
     * @param to receives [64, valueDim]
     */
    void decodeValues(int block, int valueDim, float[] to);
}
