// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * IQ1_M: 256 elements (t ± 1/8)·(d·(2s + 1)) with the points of {@link IQ1_SFormat}; s, in [0, 7], serves 16 elements,
 * the sign 8.
 *
 * <p>Bytes: 32 bytes, the lower 8 bits of the numbers of points of 8 elements; 16 bytes of two halves, of each the
 * upper 3 bits of a number and above them the sign, set where 1/8 is taken off; 4 shorts of four s, the first lowest,
 * above which stand the bits of d (f16), the lowest four in the first.
 */
final class IQ1_MFormat extends CodebookFormat {
    private static final int HIGHS = SIZE / 8;
    private static final int SCALES = HIGHS + SIZE / 16;

    IQ1_MFormat() {
        super(SCALES + 8, IQ1_SFormat.LARGEST);
    }

    @Override
    void unpackBlock(byte[] block, int at, byte[] codes, int to, float[] scales, int scale) {
        int bits = 0;
        for (int i = 0; i < 4; i++) {
            bits |= ((bits16(block, at + SCALES + 2 * i) >> 12) & 15) << (4 * i);
        }
        float d = Float.float16ToFloat((short) bits);
        for (int i = 0; i < SIZE / SCALED; i++) {
            int s = (bits16(block, at + SCALES + i / 4 * 2) >> (i % 4 * 3)) & 7;
            scales[scale + i] = d * (2 * s + 1) * IQ1_SFormat.EIGHTH;
        }
        for (int point = 0; point < SIZE / 8; point++) {
            int high = block[at + HIGHS + point / 2] >> (point % 2 * 4);
            Codebook book = (high & 8) == 0 ? IQ1_SFormat.Points.ABOVE : IQ1_SFormat.Points.BELOW;
            put(book.point(code(block, at + point) | (high & 7) << 8), codes, to + point * 8);
        }
    }
}
