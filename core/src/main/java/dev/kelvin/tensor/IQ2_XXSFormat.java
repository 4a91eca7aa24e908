// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * IQ2_XXS: 256 elements ±level·(d·(2s + 1)/8), levels 8, 25 and 43; a scale s, in [0, 15], serves 32 elements.
 *
 * <p>Bytes: d (f16); 8 bytes for each 32 elements: 4 numbers of points of 8 elements, then an int of 4 times 7 signs
 * from the lowest bits up (the eighth sign makes the negative ones even) and s.
 */
final class IQ2_XXSFormat extends CodebookFormat {
    /** Shared with the other IQ2 types. */
    static final int[] LEVELS = {8, 25, 43};

    /** 43·(2·15 + 1)/8. */
    static final float LARGEST = 166.625f * LARGEST_HALF;

    private static final int CODES = 2;

    /** Read when the first block is decoded. */
    private static final class Points {
        static final Codebook BOOK = Codebook.read("IQ2_XXS", 256, 8, LEVELS);
    }

    IQ2_XXSFormat() {
        super(CODES + SIZE / 4, LARGEST);
    }

    @Override
    void unpackBlock(byte[] block, int at, byte[] codes, int to, float[] scales, int scale) {
        float d = half(block, at);
        Codebook book = Points.BOOK;
        for (int group = 0; group < SIZE / GROUP; group++) {
            int four = bits32(block, at + CODES + group * 8);
            int signs = bits32(block, at + CODES + group * 8 + 4);
            scales[scale + 2 * group] = scale(d, signs >>> 28);
            scales[scale + 2 * group + 1] = scale(d, signs >>> 28);
            for (int i = 0; i < 4; i++) {
                putEven(book.point(four >>> (8 * i) & 255), signs >> (7 * i), codes, to + group * GROUP + i * 8);
            }
        }
    }

    /** d·(2s + 1)/8, exact. */
    static float scale(float d, int s) {
        return d * (2 * s + 1) * 0.125f;
    }
}
