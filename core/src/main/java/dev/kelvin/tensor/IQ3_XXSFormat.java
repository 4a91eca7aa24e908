// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * IQ3_XXS: 256 elements ±level·(d·(2s + 1)/4), levels 4, 12, 20, 28, 36, 44, 52 and 62; a scale s, in [0, 15], serves
 * 32 elements.
 *
 * <p>Bytes: d (f16); 64 numbers of points of 4 elements; for each 32 elements an int of 4 times 7 signs from the lowest
 * bits up, for 8 elements each (the eighth sign makes the negative ones even), and s.
 */
final class IQ3_XXSFormat extends CodebookFormat {
    private static final int CODES = 2;
    private static final int SIGNS = CODES + SIZE / 4;

    private static final class Points {
        static final Codebook BOOK = Codebook.read("IQ3_XXS", 256, 4, 4, 12, 20, 28, 36, 44, 52, 62);
    }

    IQ3_XXSFormat() {
        super(SIGNS + SIZE / 8, 480.5f * LARGEST_HALF); // 62·(2·15 + 1)/4
    }

    @Override
    void unpackBlock(byte[] block, int at, byte[] codes, int to, float[] scales, int scale) {
        float d = half(block, at);
        Codebook book = Points.BOOK;
        for (int group = 0; group < SIZE / GROUP; group++) {
            int signs = bits32(block, at + SIGNS + group * 4);
            scales[scale + 2 * group] = d * (2 * (signs >>> 28) + 1) * 0.25f;
            scales[scale + 2 * group + 1] = scales[scale + 2 * group];
            long pairs = bits64(block, at + CODES + group * 8);
            for (int i = 0; i < 4; i++) {
                int pair = (int) (pairs >>> (16 * i));
                long points = book.point(pair & 255) | book.point(pair >>> 8 & 255) << 32;
                putEven(points, signs >> (7 * i), codes, to + group * GROUP + i * 8);
            }
        }
    }
}
