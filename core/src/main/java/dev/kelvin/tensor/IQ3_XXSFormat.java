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
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        for (int point = 0; point < SIZE / 4; point++) {
            int signs = bits32(block, at + SIGNS + point / 8 * 4);
            float scale = d * (2 * (signs >>> 28) + 1) * 0.25f;
            int eight = Codebook.evenSigns((signs >> (point % 8 / 2 * 7)) & 127);
            int code = code(block, at + CODES + point);
            Points.BOOK.put(code, scale, eight >> (point % 2 * 4), values, offset + point * 4);
        }
    }
}
