// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * Keys and values in {@link DType#Q8_0}: 32 consecutive elements of one position's key or value share a scale. The
 * codes lie where the elements of another page would. The scales of keys are [keyDim/32, 64] and those of values [64,
 * valueDim/32], from the 32nd part of a block's offset on.
 *
 * @param codes one an element
 * @param scales binary16, one for 32 elements
 */
@SuppressWarnings("TypeName") // The weight type's own spelling.
public record Q8_0KvPage(byte[] codes, short[] scales) implements KvPage {
    /** Elements that share a scale. */
    static final int BLOCK = 32;

    /** Bytes of the scale before a block's codes, as {@link Q8_0Format} writes it. */
    private static final int CODES = 2;

    @Override
    public DType type() {
        return DType.Q8_0;
    }

    @Override
    public int size() {
        return codes.length;
    }

    @Override
    public void clear() {
        Arrays.fill(codes, (byte) 0);
        Arrays.fill(scales, (short) 0);
    }

    @Override
    public void copyFrom(KvPage other) {
        Q8_0KvPage page = (Q8_0KvPage) other;
        System.arraycopy(page.codes, 0, codes, 0, codes.length);
        System.arraycopy(page.scales, 0, scales, 0, scales.length);
    }

    @Override
    public void storeKey(float[] key, int at, int keyDim, int block, int place, byte[] scratch) {
        for (int first = 0; first < keyDim; first += BLOCK) {
            DType.Q8_0.format().encode(key, at + first, scratch, 0, BLOCK);
            scales[block / BLOCK + first / BLOCK * POSITIONS + place] = BlockFormat.bits16(scratch, 0);
            for (int i = 0; i < BLOCK; i++) {
                codes[block + (first + i) * POSITIONS + place] = scratch[CODES + i];
            }
        }
    }

    @Override
    public void storeValue(float[] value, int at, int valueDim, int block, int place, byte[] scratch) {
        int to = block + place * valueDim;
        for (int first = 0; first < valueDim; first += BLOCK) {
            DType.Q8_0.format().encode(value, at + first, scratch, 0, BLOCK);
            scales[(to + first) / BLOCK] = BlockFormat.bits16(scratch, 0);
            System.arraycopy(scratch, CODES, codes, to + first, BLOCK);
        }
    }

    @Override
    public void decodeKeys(int block, int keyDim, float[] to) {
        for (int i = 0; i < keyDim; i++) {
            int scale = block / BLOCK + i / BLOCK * POSITIONS;
            int at = i * POSITIONS;
            for (int p = 0; p < POSITIONS; p++) {
                to[at + p] = codes[block + at + p] * Float.float16ToFloat(scales[scale + p]);
            }
        }
    }

    @Override
    public void decodeValues(int block, int valueDim, float[] to) {
        int count = POSITIONS * valueDim;
        for (int first = 0; first < count; first += BLOCK) {
            float scale = Float.float16ToFloat(scales[(block + first) / BLOCK]);
            for (int i = first; i < first + BLOCK; i++) {
                to[i] = codes[block + i] * scale;
            }
        }
    }
}
