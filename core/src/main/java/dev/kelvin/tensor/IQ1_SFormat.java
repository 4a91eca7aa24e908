// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * IQ1_S: 256 elements (t ± 1/8)·(d·(2s + 1)), t in {−1, 0, 1}; s, in [0, 7], and the sign serve 32 elements.
 *
 * <p>Bytes: d (f16); 32 bytes, the lower 8 bits of the numbers of points of 8 elements; for each 32 elements a short of
 * the upper 3 bits of four numbers, the first lowest, s, and the sign, set where 1/8 is taken off.
 */
final class IQ1_SFormat extends CodebookFormat {
    /** Elements are integers times this. */
    static final float EIGHTH = 0.125f;

    /** (1 + 1/8)·(2·7 + 1). */
    static final float LARGEST = 16.875f * LARGEST_HALF;

    private static final int CODES = 2;
    private static final int HIGHS = CODES + SIZE / 8;

    /** Shared with IQ1_M. */
    static final class Points {
        /** 8·(t + 1/8). */
        static final Codebook ABOVE = Codebook.read("IQ1", 2048, 8, -7, 1, 9);

        /** 8·(t − 1/8). */
        static final Codebook BELOW = Codebook.read("IQ1", 2048, 8, -9, -1, 7);

        private Points() {}
    }

    IQ1_SFormat() {
        super(HIGHS + SIZE / GROUP * 2, LARGEST);
    }

    @Override
    void unpackBlock(byte[] block, int at, byte[] codes, int to, float[] scales, int scale) {
        float d = half(block, at);
        for (int group = 0; group < SIZE / GROUP; group++) {
            int highs = bits16(block, at + HIGHS + group * 2);
            scales[scale + 2 * group] = d * (2 * ((highs >> 12) & 7) + 1) * EIGHTH;
            scales[scale + 2 * group + 1] = scales[scale + 2 * group];
            Codebook book = highs < 0 ? Points.BELOW : Points.ABOVE;
            for (int i = 0; i < 4; i++) {
                int code = code(block, at + CODES + group * 4 + i) | ((highs >> (3 * i)) & 7) << 8;
                put(book.point(code), codes, to + group * GROUP + i * 8);
            }
        }
    }
}
