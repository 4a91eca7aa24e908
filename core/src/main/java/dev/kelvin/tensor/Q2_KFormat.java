// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * Q2_K: 256 elements q·(d·scale) − dmin·min with q in [0, 3]; scale and min, each in [0, 15], serve 16 elements.
 *
 * <p>Bytes: 16 pairs of scale (low) and min (high); 64 bytes of four q each, byte 32h + i holding elements 128h + i, +
 * 32, + 64, + 96 from the lowest bits up; d, dmin (f16).
 */
final class Q2_KFormat extends BlockFormat {
    private static final int SIZE = 256;
    private static final int GROUP = 16;
    private static final int CODES = SIZE / GROUP;
    private static final int SCALE = CODES + SIZE / 4;
    private static final int MIN = SCALE + 2;

    private static final int LARGEST_SCALE = 15;

    Q2_KFormat() {
        super(SIZE, MIN + 2, LARGEST_SCALE * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at + SCALE);
        float dmin = half(block, at + MIN);
        for (int group = 0; group < SIZE / GROUP; group++) {
            int pair = block[at + group];
            float scale = d * (pair & 15);
            float min = dmin * ((pair >> 4) & 15);
            int codes = at + CODES + group / 8 * 32 + group % 2 * GROUP;
            int shift = group / 2 % 4 * 2;
            for (int i = 0; i < GROUP; i++) {
                values[offset + group * GROUP + i] = ((block[codes + i] >> shift) & 3) * scale - min;
            }
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        AffineFit fit = new AffineFit(3, true);
        float[] scales = new float[SIZE / GROUP];
        float[] mins = new float[SIZE / GROUP];
        fit.groups(values, offset, GROUP, scales, mins);
        float d = putScale(block, at + SCALE, AffineFit.largest(scales) / LARGEST_SCALE);
        float dmin = putScale(block, at + MIN, AffineFit.largest(mins) / LARGEST_SCALE);
        Arrays.fill(block, at + CODES, at + SCALE, (byte) 0);
        for (int group = 0; group < SIZE / GROUP; group++) {
            int scale = AffineFit.scaleCode(scales[group], d, LARGEST_SCALE);
            int min = AffineFit.scaleCode(mins[group], dmin, LARGEST_SCALE);
            block[at + group] = (byte) (scale | min << 4);
            int codes = at + CODES + group / 8 * 32 + group % 2 * GROUP;
            int shift = group / 2 % 4 * 2;
            for (int i = 0; i < GROUP; i++) {
                int code = fit.code(values[offset + group * GROUP + i], d * scale, -dmin * min);
                block[codes + i] |= (byte) (code << shift);
            }
        }
    }
}
