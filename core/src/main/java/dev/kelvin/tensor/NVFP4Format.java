// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * NVFP4: 64 elements v·d, with v a float of four bits ({@link E2M1}) and d one of eight without sign (four of exponent,
 * bias 7, three of mantissa), which serves 16 elements. Bytes: the four d; 8 bytes of pairs of v a group, element i
 * low, element i + 8 high.
 *
 * <p>As in ggml, d = 127 is 0, not NaN, and the highest bit of d has no meaning. A second scale, one a tensor, that
 * other formats of this name have, is none of the block's.
 */
final class NVFP4Format extends BlockFormat {
    private static final int SIZE = 64;
    private static final int GROUP = 16;
    private static final int HALF = GROUP / 2;
    private static final int CODES = SIZE / GROUP;

    /** Half of each scale, since the values of codes are doubled. */
    private static final float[] HALF_SCALES = new float[128];

    private static final int LARGEST_SCALE = 126;

    static {
        for (int d = 0; d <= LARGEST_SCALE; d++) {
            int mantissa = d & 7;
            int exponent = d >> 3;
            HALF_SCALES[d] = exponent == 0 ? mantissa * 0x1p-10f : Math.scalb(1 + mantissa / 8f, exponent - 7) / 2;
        }
    }

    NVFP4Format() {
        super(SIZE, CODES + SIZE / 2, E2M1.LARGEST * HALF_SCALES[LARGEST_SCALE]);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        for (int group = 0; group < SIZE / GROUP; group++) {
            float scale = HALF_SCALES[block[at + group] & 127];
            int to = offset + group * GROUP;
            for (int i = 0; i < HALF; i++) {
                int pair = block[at + CODES + group * HALF + i];
                values[to + i] = E2M1.doubled(pair) * scale;
                values[to + HALF + i] = E2M1.doubled(pair >> 4) * scale;
            }
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        for (int group = 0; group < SIZE / GROUP; group++) {
            int from = offset + group * GROUP;
            int d = scaleOf(values, from);
            float scale = HALF_SCALES[d];
            block[at + group] = (byte) d;
            for (int i = 0; i < HALF; i++) {
                int low = code(values[from + i], scale);
                int high = code(values[from + HALF + i], scale);
                block[at + CODES + group * HALF + i] = (byte) (low | high << 4);
            }
        }
    }

    /**
     * The scale with the least squared error, from the smallest that reaches the largest element within half a step to
     * the first that holds it.
     */
    private static int scaleOf(float[] values, int offset) {
        float largest = 0;
        for (int i = offset; i < offset + GROUP; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        int d = 0;
        while (d < LARGEST_SCALE && largest > E2M1.REACH * HALF_SCALES[d]) {
            d++;
        }
        int best = d;
        double bestError = squaredError(values, offset, HALF_SCALES[d]);
        while (d < LARGEST_SCALE && largest > E2M1.LARGEST * HALF_SCALES[d]) {
            d++;
            double error = squaredError(values, offset, HALF_SCALES[d]);
            if (error < bestError) {
                bestError = error;
                best = d;
            }
        }
        return best;
    }

    private static double squaredError(float[] values, int offset, float scale) {
        double sum = 0;
        for (int i = offset; i < offset + GROUP; i++) {
            double difference = (double) values[i] - E2M1.doubled(code(values[i], scale)) * scale;
            sum += difference * difference;
        }
        return sum;
    }

    private static int code(float value, float scale) {
        return scale == 0 ? 0 : E2M1.code(value / scale);
    }
}
