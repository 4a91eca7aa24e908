// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/** Q8_0: 32 elements q·d with q in [−128, 127]. Bytes: d (f16); 32 bytes q. */
final class Q8_0Format extends BlockFormat {
    private static final int SIZE = 32;
    private static final int CODES = 2;

    private static final int LARGEST_CODE = 127;
    private static final Levels LEVELS = Levels.integers(-LARGEST_CODE, LARGEST_CODE);

    Q8_0Format() {
        super(SIZE, CODES + SIZE, LARGEST_CODE * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        for (int i = 0; i < SIZE; i++) {
            values[offset + i] = block[at + CODES + i] * d;
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float largest = 0;
        for (int i = 0; i < SIZE; i++) {
            largest = Math.max(largest, Math.abs(values[offset + i]));
        }
        float d = putScale(block, at, largest / LARGEST_CODE);
        for (int i = 0; i < SIZE; i++) {
            block[at + CODES + i] = (byte) LEVELS.value(values[offset + i], d);
        }
    }
}
