// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * Keys and values rounded to IEEE binary16; what is beyond 65504 becomes infinite.
 *
 * @param halves all of them
 */
public record F16KvPage(short[] halves) implements KvPage {
    @Override
    public DType type() {
        return DType.F16;
    }

    @Override
    public int size() {
        return halves.length;
    }

    @Override
    public void clear() {
        Arrays.fill(halves, (short) 0);
    }

    @Override
    public void copyFrom(KvPage other) {
        System.arraycopy(((F16KvPage) other).halves, 0, halves, 0, halves.length);
    }

    @Override
    public void storeKey(float[] key, int at, int keyDim, int block, int place, byte[] scratch) {
        for (int i = 0; i < keyDim; i++) {
            halves[block + i * POSITIONS + place] = Float.floatToFloat16(key[at + i]);
        }
    }

    @Override
    public void storeValue(float[] value, int at, int valueDim, int block, int place, byte[] scratch) {
        int to = block + place * valueDim;
        for (int i = 0; i < valueDim; i++) {
            halves[to + i] = Float.floatToFloat16(value[at + i]);
        }
    }

    @Override
    public void decodeKeys(int block, int keyDim, float[] to) {
        decode(block, keyDim * POSITIONS, to);
    }

    @Override
    public void decodeValues(int block, int valueDim, float[] to) {
        decode(block, POSITIONS * valueDim, to);
    }

    /** A plain loop: the compiler makes vectors of this conversion by itself. */
    private void decode(int from, int count, float[] to) {
        for (int i = 0; i < count; i++) {
            to[i] = Float.float16ToFloat(halves[from + i]);
        }
    }
}
