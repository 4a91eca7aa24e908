// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * IQ2_S: 256 elements ±level·(d·(2s + 1)/8) with the levels of {@link IQ2_XXSFormat}; a scale s, in [0, 15], serves 16
 * elements.
 *
 * <p>Bytes: d (f16); 32 bytes, the lower 8 bits of the numbers of points of 8 elements; 32 bytes of 8 signs each; 8
 * bytes of the upper 2 bits of four numbers, the first lowest; 8 pairs of s, the first of 32 elements low.
 */
final class IQ2_SFormat extends CodebookFormat {
    private static final int CODES = 2;
    private static final int SIGNS = CODES + SIZE / 8;
    private static final int HIGHS = SIGNS + SIZE / 8;
    private static final int SCALES = HIGHS + SIZE / GROUP;

    private static final class Points {
        static final Codebook BOOK = Codebook.read("IQ2_S", 1024, 8, IQ2_XXSFormat.LEVELS);
    }

    IQ2_SFormat() {
        super(SCALES + SIZE / GROUP, IQ2_XXSFormat.LARGEST);
    }

    @Override
    void unpackBlock(byte[] block, int at, byte[] codes, int to, float[] scales, int scale) {
        float d = half(block, at);
        Codebook book = Points.BOOK;
        for (int group = 0; group < SIZE / GROUP; group++) {
            int highs = block[at + HIGHS + group];
            int four = at + 4 * group;
            for (int i = 0; i < 4; i++) {
                int code = code(block, four + CODES + i) | ((highs >> (2 * i)) & 3) << 8;
                put(book.point(code), block[four + SIGNS + i], codes, to + group * GROUP + i * 8);
            }
        }
        for (int i = 0; i < SIZE / SCALED; i++) {
            scales[scale + i] = IQ2_XXSFormat.scale(d, (block[at + SCALES + i / 2] >> (i % 2 * 4)) & 15);
        }
    }
}
