// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * MXFP4: 32 elements v·2^(e − 127), with v a float of four bits (sign, two of exponent, one of mantissa). Bytes: e; 16
 * pairs of v, element i low, element i + 16 high.
 *
 * <p>e = 255 is NaN in the OCP specification and 2^128 in ggml, which this follows.
 */
final class MXFP4Format extends BlockFormat {
    /** Twice the value of each four-bit float. */
    private static final byte[] DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;
    private static final int CODES = 1;

    MXFP4Format() {
        super(SIZE, CODES + HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float scale = halfScale(block[at] & 255);
        for (int i = 0; i < HALF; i++) {
            int pair = block[at + CODES + i];
            values[offset + i] = DOUBLED[pair & 15] * scale;
            values[offset + HALF + i] = DOUBLED[(pair >> 4) & 15] * scale;
        }
    }

    /** 2^(e − 128), which is subnormal below e = 2. */
    private static float halfScale(int e) {
        return Float.intBitsToFloat(e < 2 ? 0x0020_0000 << e : (e - 1) << 23);
    }
}
