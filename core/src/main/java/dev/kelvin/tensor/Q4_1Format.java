// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/** Q4_1: 32 elements q·d + m with q in [0, 15]. Bytes: d, m (f16); 16 pairs of q, element i low, i + 16 high. */
final class Q4_1Format extends BlockFormat {
    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;
    private static final int MIN = 2;
    private static final int CODES = 4;

    Q4_1Format() {
        super(SIZE, CODES + HALF, LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        float m = half(block, at + MIN);
        for (int i = 0; i < HALF; i++) {
            int pair = block[at + CODES + i];
            values[offset + i] = (pair & 15) * d + m;
            values[offset + HALF + i] = ((pair >> 4) & 15) * d + m;
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        AffineFit fit = new AffineFit(15, false);
        fit.fit(values, offset, SIZE);
        float d = putScale(block, at, fit.scale);
        float m = putHalf(block, at + MIN, fit.base);
        for (int i = 0; i < HALF; i++) {
            int low = fit.code(values[offset + i], d, m);
            int high = fit.code(values[offset + HALF + i], d, m);
            block[at + CODES + i] = (byte) (low | high << 4);
        }
    }
}
