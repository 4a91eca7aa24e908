// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * Where one layer's keys and values stand in a {@link KvPage}: blocks [kvHeads, keyDim, 64] of keys from one offset on,
 * and blocks [kvHeads, 64, valueDim] of values from another.
 *
 * @param kvHeads key/value heads
 * @param keyDim elements of a key
 * @param valueDim elements of a value
 * @param keysOffset the first element of the first head's keys
 * @param valuesOffset the first element of the first head's values
 */
public record KvSlice(int kvHeads, int keyDim, int valueDim, int keysOffset, int valuesOffset) {
    /** Checks the sizes. */
    public KvSlice {
        if (kvHeads < 1 || keyDim < 1 || valueDim < 1 || keysOffset < 0 || valuesOffset < 0) {
            throw new IllegalArgumentException("KvSlice: kvHeads " + kvHeads + ", keyDim " + keyDim + ", valueDim "
                    + valueDim + " must be at least 1, offsets " + keysOffset + " and " + valuesOffset + " at least 0");
        }
    }

    /**
     * The slice of a layer that follows others in a page.
     *
     * @param kvHeads key/value heads
     * @param keyDim elements of a key
     * @param valueDim elements of a value
     * @param offset the elements before it
     * @return keys first, then values
     * @throws ArithmeticException if the page would have more elements than an array
     */
    public static KvSlice at(int kvHeads, int keyDim, int valueDim, int offset) {
        int keys = Math.multiplyExact(Math.multiplyExact(kvHeads, keyDim), KvPage.POSITIONS);
        return new KvSlice(kvHeads, keyDim, valueDim, offset, Math.addExact(offset, keys));
    }

    /**
     * The first element behind the values.
     *
     * @throws ArithmeticException if the page would have more elements than an array
     */
    public int end() {
        int values = Math.multiplyExact(Math.multiplyExact(kvHeads, valueDim), KvPage.POSITIONS);
        return Math.addExact(valuesOffset, values);
    }

    /** The offset of a head's block of keys. */
    public int keys(int kvHead) {
        return keysOffset + kvHead * keyDim * KvPage.POSITIONS;
    }

    /** The offset of a head's block of values. */
    public int values(int kvHead) {
        return valuesOffset + kvHead * valueDim * KvPage.POSITIONS;
    }
}
