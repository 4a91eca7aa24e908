// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * Q3_K: 256 elements q·(d·scale) with q in [−4, 3]; a scale, in [−32, 31], serves 16 elements.
 *
 * <p>Bytes: 32 bytes of bit 2 of each q + 4, byte i holding elements i + 32j in bit j; 64 bytes of the lower two bits,
 * byte 32h + i holding elements 128h + i, + 32, + 64, + 96 from the lowest bits up; 12 bytes of scale + 32: the lower
 * four bits of scale j at byte j mod 8 (low for j < 8, else high), the upper two at byte 8 + j mod 4 in bits 2(j / 4)
 * and up; d (f16).
 */
final class Q3_KFormat extends BlockFormat {
    private static final int SIZE = 256;
    private static final int GROUP = 16;
    private static final int CODES = SIZE / 8;
    private static final int SCALES = CODES + SIZE / 4;
    private static final int SCALE = SCALES + 12;

    private static final int LOWEST_SCALE = -32;
    private static final Levels LEVELS = Levels.integers(-4, 3);

    Q3_KFormat() {
        super(SIZE, SCALE + 2, 3 * (-LOWEST_SCALE - 1) * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at + SCALE);
        for (int group = 0; group < SIZE / GROUP; group++) {
            float scale = d * scale(block, at + SCALES, group);
            int high = at + group % 2 * GROUP;
            int codes = high + CODES + group / 8 * 32;
            int shift = group / 2 % 4 * 2;
            for (int i = 0; i < GROUP; i++) {
                int code = ((block[codes + i] >> shift) & 3) | ((block[high + i] >> (group / 2)) & 1) << 2;
                values[offset + group * GROUP + i] = (code - 4) * scale;
            }
        }
    }

    /** The scale of a group of 16, in [−32, 31]; scales is where the bytes of all begin. */
    static int scale(byte[] block, int scales, int group) {
        int low = (block[scales + group % 8] >> (group / 8 * 4)) & 15;
        int high = (block[scales + 8 + group % 4] >> (group / 4 * 2)) & 3;
        return (low | high << 4) - 32;
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float[] scales = new float[SIZE / GROUP];
        // The code of the largest scale is the lowest, the one without a counterpart.
        float d = putScale(block, at + SCALE, LEVELS.scales(values, offset, GROUP, scales) / LOWEST_SCALE);
        Arrays.fill(block, at, at + SCALE, (byte) 0);
        for (int group = 0; group < SIZE / GROUP; group++) {
            int first = offset + group * GROUP;
            int scale = LEVELS.scaleCode(values, first, GROUP, scales[group], d, LOWEST_SCALE);
            putScale(block, at + SCALES, group, scale + 32);
            int high = at + group % 2 * GROUP;
            int codes = high + CODES + group / 8 * 32;
            int shift = group / 2 % 4 * 2;
            for (int i = 0; i < GROUP; i++) {
                int code = LEVELS.code(values[first + i], d * scale);
                block[codes + i] |= (byte) ((code & 3) << shift);
                block[high + i] |= (byte) ((code >> 2) << (group / 2));
            }
        }
    }

    private static void putScale(byte[] block, int scales, int group, int code) {
        block[scales + group % 8] |= (byte) ((code & 15) << (group / 8 * 4));
        block[scales + 8 + group % 4] |= (byte) ((code >> 4) << (group / 4 * 2));
    }
}
