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
    void unpackBlock(byte[] block, int at, byte[] codes, int to, float[] scales, int scale) {
        float d = half(block, at);
        Codebook book = Points.BOOK;
        for (int group = 0; group < SIZE / GROUP; group++) {
            int s = (block[at + SCALES + group / 2] >> (group % 2 * 4)) & 15;
            scales[scale + 2 * group] = d * (2 * s + 1);
            scales[scale + 2 * group + 1] = scales[scale + 2 * group];
            long low = bits64(block, at + CODES + group * 8);
            int highs = block[at + HIGHS + group];
            int signs = bits32(block, at + SIGNS + group * 4);
            for (int i = 0; i < 4; i++) {
                int pair = (int) (low >>> (16 * i));
                int first = (pair & 255) | (highs << (8 - 2 * i) & 256);
                int second = (pair >>> 8 & 255) | (highs << (7 - 2 * i) & 256);
                put(book.point(first) | book.point(second) << 32, signs >>> (8 * i), codes, to + group * GROUP + i * 8);
            }
        }
    }
}
