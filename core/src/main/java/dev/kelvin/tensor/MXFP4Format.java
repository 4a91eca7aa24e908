// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * MXFP4: 32 elements v·2^(e − 127), with v a float of four bits ({@link E2M1}). Bytes: e; 16 pairs of v, element i low,
 * element i + 16 high.
 *
 * <p>e = 255 is NaN in the OCP specification and 2^128 in ggml, which this follows.
 */
final class MXFP4Format extends BlockFormat {
    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;
    private static final int CODES = 1;

    /** Above, 6 times the scale is infinite. */
    private static final int LARGEST_EXPONENT = 252;

    MXFP4Format() {
        super(SIZE, CODES + HALF, E2M1.LARGEST * halfScale(LARGEST_EXPONENT));
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float scale = halfScale(block[at] & 255);
        for (int i = 0; i < HALF; i++) {
            int pair = block[at + CODES + i];
            values[offset + i] = E2M1.doubled(pair) * scale;
            values[offset + HALF + i] = E2M1.doubled(pair >> 4) * scale;
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
        while (e < LARGEST_EXPONENT && largest > E2M1.REACH * halfScale(e)) {
            e++;
        }
        float scale = halfScale(e);
        block[at] = (byte) e;
        for (int i = 0; i < HALF; i++) {
            int low = E2M1.code(values[offset + i] / scale);
            int high = E2M1.code(values[offset + HALF + i] / scale);
            block[at + CODES + i] = (byte) (low | high << 4);
        }
    }
}
