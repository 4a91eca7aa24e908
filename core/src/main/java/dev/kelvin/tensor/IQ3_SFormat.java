// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * IQ3_S: 256 elements ±level·(d·(2s + 1)), levels the odd numbers from 1 to 15; a scale s, in [0, 15], serves 32
 * elements.
 *
 * <p>Bytes: d (f16); 64 bytes, the lower 8 bits of the numbers of points of 4 elements; 8 bytes of their ninth bits,
 * the first lowest; 32 bytes of 8 signs each; 4 pairs of s, the first of 64 elements low.
 */
final class IQ3_SFormat extends CodebookFormat {
    private static final int CODES = 2;
    private static final int HIGHS = CODES + SIZE / 4;
    private static final int SIGNS = HIGHS + SIZE / GROUP;
    private static final int SCALES = SIGNS + SIZE / 8;

    private static final class Points {
        static final Codebook BOOK = Codebook.read("IQ3_S", 512, 4, 1, 3, 5, 7, 9, 11, 13, 15);
    }

    IQ3_SFormat() {
        super(SCALES + SIZE / GROUP / 2, 15 * 31 * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        for (int point = 0; point < SIZE / 4; point++) {
            int s = (block[at + SCALES + point / 16] >> (point % 16 / 8 * 4)) & 15;
            int high = (block[at + HIGHS + point / 8] >> (point % 8)) & 1;
            int code = code(block, at + CODES + point) | high << 8;
            int signs = block[at + SIGNS + point / 2] >> (point % 2 * 4);
            Points.BOOK.put(code, d * (2 * s + 1), signs, values, offset + point * 4);
        }
    }
}
