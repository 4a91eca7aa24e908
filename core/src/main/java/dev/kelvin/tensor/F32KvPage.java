// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * Keys and values as they are.
 *
 * @param elements all of them
 */
public record F32KvPage(float[] elements) implements KvPage {
    @Override
    public DType type() {
        return DType.F32;
    }

    @Override
    public int size() {
        return elements.length;
    }

    @Override
    public void clear() {
        Arrays.fill(elements, 0);
    }

    @Override
    public void copyFrom(KvPage other) {
        System.arraycopy(((F32KvPage) other).elements, 0, elements, 0, elements.length);
    }

    @Override
    public void storeKey(float[] key, int at, int keyDim, int block, int place, byte[] scratch) {
        for (int i = 0; i < keyDim; i++) {
            elements[block + i * POSITIONS + place] = key[at + i];
        }
    }

    @Override
    public void storeValue(float[] value, int at, int valueDim, int block, int place, byte[] scratch) {
        System.arraycopy(value, at, elements, block + place * valueDim, valueDim);
    }

    @Override
    public void decodeKeys(int block, int keyDim, float[] to) {
        System.arraycopy(elements, block, to, 0, keyDim * POSITIONS);
    }

    @Override
    public void decodeValues(int block, int valueDim, float[] to) {
        System.arraycopy(elements, block, to, 0, POSITIONS * valueDim);
    }
}
