// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * Q5_1: 32 elements q·d + m with q in [0, 31]. Bytes: d, m (f16); bit 4 of each q, element i in bit i of an int; 16
 * pairs of the lower four bits, element i low, element i + 16 high.
 */
final class Q5_1Format extends BlockFormat {
    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;
    private static final int MIN = 2;
    private static final int HIGH_BITS = 4;
    private static final int CODES = 8;

    Q5_1Format() {
        super(SIZE, CODES + HALF, LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        float m = half(block, at + MIN);
        int high = bits32(block, at + HIGH_BITS);
        for (int i = 0; i < HALF; i++) {
            int pair = block[at + CODES + i];
            values[offset + i] = ((pair & 15) | ((high >> i) & 1) << 4) * d + m;
            values[offset + HALF + i] = (((pair >> 4) & 15) | ((high >> (HALF + i)) & 1) << 4) * d + m;
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        AffineFit fit = new AffineFit(31, false);
        fit.fit(values, offset, SIZE);
        float d = putScale(block, at, fit.scale);
        float m = putHalf(block, at + MIN, fit.base);
        int highBits = 0;
        for (int i = 0; i < HALF; i++) {
            int low = fit.code(values[offset + i], d, m);
            int high = fit.code(values[offset + HALF + i], d, m);
            block[at + CODES + i] = (byte) ((low & 15) | (high & 15) << 4);
            highBits |= (low >> 4) << i | (high >> 4) << (HALF + i);
        }
        put32(block, at + HIGH_BITS, highBits);
    }
}
