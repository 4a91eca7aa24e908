// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * Q8_K: 256 elements q·d with q in [−128, 127]. Bytes: d (f32); 256 bytes q; the sums of q over each 16 (16 shorts).
 */
final class Q8_KFormat extends BlockFormat {
    private static final int SIZE = 256;
    private static final int CODES = 4;
    private static final int SUMS = CODES + SIZE;

    Q8_KFormat() {
        super(SIZE, SUMS + SIZE / 16 * Short.BYTES);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = Float.intBitsToFloat(bits32(block, at));
        for (int i = 0; i < SIZE; i++) {
            values[offset + i] = block[at + CODES + i] * d;
        }
    }
}
