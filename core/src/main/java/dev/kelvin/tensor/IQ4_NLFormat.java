// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/** IQ4_NL: 32 elements LEVELS[q]·d. Bytes: d (f16); 16 pairs of q, element i low, element i + 16 high. */
final class IQ4_NLFormat extends BlockFormat {
    /** Levels of q, denser around 0 as weights are; shared with IQ4_XS. */
    static final byte[] LEVELS = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** The last of them. */
    static final int LARGEST_LEVEL = 113;

    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;
    private static final int CODES = 2;

    /** {@link #LEVELS}, for encoders. */
    static final Levels TABLE = Levels.of(LEVELS);

    IQ4_NLFormat() {
        super(SIZE, CODES + HALF, LARGEST_LEVEL * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        decodePairs(block, at + CODES, half(block, at), values, offset);
    }

    /** Decodes 16 pairs of codes with one scale. */
    static void decodePairs(byte[] block, int codes, float scale, float[] values, int offset) {
        for (int i = 0; i < HALF; i++) {
            int pair = block[codes + i];
            values[offset + i] = LEVELS[pair & 15] * scale;
            values[offset + HALF + i] = LEVELS[(pair >> 4) & 15] * scale;
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        encodePairs(values, offset, putScale(block, at, TABLE.scale(values, offset, SIZE)), block, at + CODES);
    }

    /** Encodes 32 elements with one scale. */
    static void encodePairs(float[] values, int offset, float scale, byte[] block, int codes) {
        for (int i = 0; i < HALF; i++) {
            int low = TABLE.code(values[offset + i], scale);
            int high = TABLE.code(values[offset + HALF + i], scale);
            block[codes + i] = (byte) (low | high << 4);
        }
    }
}
