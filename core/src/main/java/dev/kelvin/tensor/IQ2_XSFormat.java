// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * IQ2_XS: 256 elements ±level·(d·(2s + 1)/8) with the levels of {@link IQ2_XXSFormat}; a scale s, in [0, 15], serves 16
 * elements.
 *
 * <p>Bytes: d (f16); 32 shorts: the number of a point of 8 elements in 9 bits, 7 signs above (the eighth makes the
 * negative ones even); 8 pairs of s, the first of 32 elements low.
 */
final class IQ2_XSFormat extends CodebookFormat {
    private static final int CODES = 2;
    private static final int SCALES = CODES + SIZE / 4;

    private static final class Points {
        static final Codebook BOOK = Codebook.read("IQ2_XS", 512, 8, IQ2_XXSFormat.LEVELS);
    }

    IQ2_XSFormat() {
        super(SCALES + SIZE / GROUP, IQ2_XXSFormat.LARGEST);
    }

    @Override
    void unpackBlock(byte[] block, int at, byte[] codes, int to, float[] scales, int scale) {
        float d = half(block, at);
        Codebook book = Points.BOOK;
        for (int point = 0; point < SIZE / 8; point++) {
            int code = bits16(block, at + CODES + 2 * point) & 0xffff;
            putEven(book.point(code & 511), code >> 9, codes, to + point * 8);
        }
        for (int i = 0; i < SIZE / SCALED; i++) {
            scales[scale + i] = IQ2_XXSFormat.scale(d, (block[at + SCALES + i / 2] >> (i % 2 * 4)) & 15);
        }
    }
}
