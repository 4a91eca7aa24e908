// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/** Q4_0: 32 elements q·d with q in [−8, 7]. Bytes: d (f16); 16 pairs of q + 8, element i low, element i + 16 high. */
final class Q4_0Format extends BlockFormat {
    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;
    private static final int CODES = 2;

    private static final Levels LEVELS = Levels.integers(-8, 7);

    Q4_0Format() {
        super(SIZE, CODES + HALF, 7 * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        for (int i = 0; i < HALF; i++) {
            int pair = block[at + CODES + i];
            values[offset + i] = ((pair & 15) - 8) * d;
            values[offset + HALF + i] = (((pair >> 4) & 15) - 8) * d;
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float d = putScale(block, at, LEVELS.scale(values, offset, SIZE));
        for (int i = 0; i < HALF; i++) {
            int low = LEVELS.code(values[offset + i], d);
            int high = LEVELS.code(values[offset + HALF + i], d);
            block[at + CODES + i] = (byte) (low | high << 4);
        }
    }
}
