// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * IQ1_S: 256 elements (t ± 1/8)·(d·(2s + 1)), t in {−1, 0, 1}; s, in [0, 7], and the sign serve 32 elements.
 *
 * <p>Bytes: d (f16); 32 bytes, the lower 8 bits of the numbers of points of 8 elements; for each 32 elements a short of
 * the upper 3 bits of four numbers, the first lowest, s, and the sign, set where 1/8 is taken off.
 */
final class IQ1_SFormat extends CodebookFormat {
    /** What is added to t or taken off. */
    static final float SHIFT = 0.125f;

    /** (1 + 1/8)·(2·7 + 1). */
    static final float LARGEST = 16.875f * LARGEST_HALF;

    private static final int CODES = 2;
    private static final int HIGHS = CODES + SIZE / 8;

    /** Shared with IQ1_M. */
    static final class Points {
        static final Codebook BOOK = Codebook.read("IQ1", 2048, 8, -1, 0, 1);

        private Points() {}
    }

    IQ1_SFormat() {
        super(HIGHS + SIZE / GROUP * 2, LARGEST);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        for (int point = 0; point < SIZE / 8; point++) {
            int high = bits16(block, at + HIGHS + point / 4 * 2);
            float scale = d * (2 * ((high >> 12) & 7) + 1);
            int code = code(block, at + CODES + point) | ((high >> (point % 4 * 3)) & 7) << 8;
            Points.BOOK.putShifted(code, scale, high < 0 ? -SHIFT : SHIFT, values, offset + point * 8);
        }
    }
}
