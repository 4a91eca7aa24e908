// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * Q5_0: 32 elements q·d with q in [−16, 15]. Bytes: d (f16); bit 4 of each q + 16, element i in bit i of an int; 16
 * pairs of the lower four bits, element i low, element i + 16 high.
 */
final class Q5_0Format extends BlockFormat {
    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;
    private static final int HIGH_BITS = 2;
    private static final int CODES = 6;

    private static final Levels LEVELS = Levels.integers(-16, 15);

    Q5_0Format() {
        super(SIZE, CODES + HALF, 15 * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        int high = bits32(block, at + HIGH_BITS);
        for (int i = 0; i < HALF; i++) {
            int pair = block[at + CODES + i];
            values[offset + i] = (((pair & 15) | ((high >> i) & 1) << 4) - 16) * d;
            values[offset + HALF + i] = ((((pair >> 4) & 15) | ((high >> (HALF + i)) & 1) << 4) - 16) * d;
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float d = putScale(block, at, LEVELS.scale(values, offset, SIZE));
        int highBits = 0;
        for (int i = 0; i < HALF; i++) {
            int low = LEVELS.code(values[offset + i], d);
            int high = LEVELS.code(values[offset + HALF + i], d);
            block[at + CODES + i] = (byte) ((low & 15) | (high & 15) << 4);
            highBits |= (low >> 4) << i | (high >> 4) << (HALF + i);
        }
        put32(block, at + HIGH_BITS, highBits);
    }
}
