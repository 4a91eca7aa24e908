// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * TQ1_0: 256 elements q·d with q in {−1, 0, 1}, five to a byte.
 *
 * <p>A byte holds the base-3 digits q + 1 as a fraction of 256, rounded up, the first digit the most significant: digit
 * n is the integer part of 3·(byte·3ⁿ mod 256)/256. Bytes: 32 bytes of elements i + 32n, 16 of elements 160 + i + 16n,
 * 4 of elements 240 + i + 4n with four digits only; d (f16).
 */
final class TQ1_0Format extends BlockFormat {
    private static final int SIZE = 256;
    private static final int SCALE = 52;

    private static final Levels LEVELS = Levels.integers(-1, 1);

    TQ1_0Format() {
        super(SIZE, SCALE + 2, LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at + SCALE);
        decodeDigits(block, at, 32, 5, d, values, offset);
        decodeDigits(block, at + 32, 16, 5, d, values, offset + 160);
        decodeDigits(block, at + 48, 4, 4, d, values, offset + 240);
    }

    private static void decodeDigits(byte[] block, int at, int bytes, int digits, float d, float[] values, int offset) {
        int power = 1;
        for (int n = 0; n < digits; n++) {
            for (int i = 0; i < bytes; i++) {
                int digit = (((block[at + i] * power) & 255) * 3) >> 8;
                values[offset + n * bytes + i] = (digit - 1) * d;
            }
            power *= 3;
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float d = putScale(block, at + SCALE, LEVELS.scale(values, offset, SIZE));
        encodeDigits(values, offset, 32, 5, d, block, at);
        encodeDigits(values, offset + 160, 16, 5, d, block, at + 32);
        encodeDigits(values, offset + 240, 4, 4, d, block, at + 48);
    }

    private static void encodeDigits(float[] values, int offset, int bytes, int digits, float d, byte[] block, int at) {
        for (int i = 0; i < bytes; i++) {
            int number = 0;
            for (int n = 0; n < 5; n++) {
                number = number * 3 + (n < digits ? LEVELS.code(values[offset + n * bytes + i], d) : 0);
            }
            block[at + i] = (byte) ((number * 256 + 242) / 243);
        }
    }
}
