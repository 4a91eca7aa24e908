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

    /** Above, 6 times the scale is infinite. */
    private static final int LARGEST_EXPONENT = 252;

    MXFP4Format() {
        super(SIZE, CODES + HALF, 12 * halfScale(LARGEST_EXPONENT));
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

    /**
     * The smallest scale that reaches the largest element within half a step, which is 1 at the end: 6 + 1 times 2^e.
     */
    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float largest = 0;
        for (int i = 0; i < SIZE; i++) {
            largest = Math.max(largest, Math.abs(values[offset + i]));
        }
        int e = 0;
        while (e < LARGEST_EXPONENT && largest > 14 * halfScale(e)) {
            e++;
        }
        float scale = halfScale(e);
        block[at] = (byte) e;
        for (int i = 0; i < HALF; i++) {
            int low = code(values[offset + i] / scale);
            int high = code(values[offset + HALF + i] / scale);
            block[at + CODES + i] = (byte) (low | high << 4);
        }
    }

    private static int code(float x) {
        float magnitude = Math.abs(x);
        int code = 0;
        while (code < 7 && magnitude > (DOUBLED[code] + DOUBLED[code + 1]) * 0.5f) {
            code++;
        }
        return x < 0 ? code | 8 : code;
    }
}
