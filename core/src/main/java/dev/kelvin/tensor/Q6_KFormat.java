// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * Q6_K: 256 elements q·(d·scale) with q in [−32, 31]; a scale, a byte, serves 16 elements.
 *
 * <p>Bytes: 128 bytes of the lower four bits of q + 32, byte 64h + i (i < 64) holding elements 128h + i (low) and 128h
 * + 64 + i (high); 64 bytes of the upper two bits, byte 32h + i holding elements 128h + i, + 32, + 64, + 96 from the
 * lowest bits up; 16 scales; d (f16).
 */
final class Q6_KFormat extends BlockFormat {
    private static final int SIZE = 256;
    private static final int GROUP = 16;
    private static final int HIGH_BITS = SIZE / 2;
    private static final int SCALES = HIGH_BITS + SIZE / 4;
    private static final int SCALE = SCALES + SIZE / GROUP;

    private static final int LOWEST_SCALE = -128;
    private static final Levels LEVELS = Levels.integers(-32, 31);

    Q6_KFormat() {
        super(SIZE, SCALE + 2, 31 * (-LOWEST_SCALE - 1) * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at + SCALE);
        for (int group = 0; group < SIZE / GROUP; group++) {
            float scale = d * block[at + SCALES + group];
            int inHalf = group % 8;
            int codes = at + group / 8 * 64 + inHalf % 4 * GROUP;
            int shift = inHalf / 4 * 4;
            int high = at + HIGH_BITS + group / 8 * 32 + inHalf % 2 * GROUP;
            int highShift = inHalf / 2 * 2;
            for (int i = 0; i < GROUP; i++) {
                int code = ((block[codes + i] >> shift) & 15) | ((block[high + i] >> highShift) & 3) << 4;
                values[offset + group * GROUP + i] = (code - 32) * scale;
            }
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float[] scales = new float[SIZE / GROUP];
        // The code of the largest scale is the lowest, the one without a counterpart.
        float d = putScale(block, at + SCALE, LEVELS.scales(values, offset, GROUP, scales) / LOWEST_SCALE);
        Arrays.fill(block, at, at + SCALES, (byte) 0);
        for (int group = 0; group < SIZE / GROUP; group++) {
            int first = offset + group * GROUP;
            int scale = LEVELS.scaleCode(values, first, GROUP, scales[group], d, LOWEST_SCALE);
            block[at + SCALES + group] = (byte) scale;
            int inHalf = group % 8;
            int codes = at + group / 8 * 64 + inHalf % 4 * GROUP;
            int shift = inHalf / 4 * 4;
            int high = at + HIGH_BITS + group / 8 * 32 + inHalf % 2 * GROUP;
            int highShift = inHalf / 2 * 2;
            for (int i = 0; i < GROUP; i++) {
                int code = LEVELS.code(values[first + i], d * scale);
                block[codes + i] |= (byte) ((code & 15) << shift);
                block[high + i] |= (byte) ((code >> 4) << highShift);
            }
        }
    }
}
