// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * Q5_K: 256 elements q·(d·scale) − dmin·min with q in [0, 31]; scale and min, each in [0, 63], serve 32 elements.
 *
 * <p>Bytes: d, dmin (f16); the {@link SixBitPairs}; 32 bytes of bit 4 of each q, byte i holding elements i + 32j in bit
 * j; 128 bytes of the lower four bits, byte 32h + i holding elements 64h + i (low) and 64h + 32 + i (high).
 */
final class Q5_KFormat extends BlockFormat {
    private static final int SIZE = 256;
    private static final int GROUP = 32;
    private static final int MIN = 2;
    private static final int PAIRS = 4;
    private static final int HIGH_BITS = PAIRS + SixBitPairs.BYTES;
    private static final int CODES = HIGH_BITS + SIZE / 8;

    Q5_KFormat() {
        super(SIZE, CODES + SIZE / 2, SixBitPairs.LARGEST * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        float dmin = half(block, at + MIN);
        for (int group = 0; group < SIZE / GROUP; group++) {
            float scale = d * SixBitPairs.scale(block, at + PAIRS, group);
            float min = dmin * SixBitPairs.min(block, at + PAIRS, group);
            int high = at + HIGH_BITS;
            int codes = at + CODES + group / 2 * GROUP;
            int shift = group % 2 * 4;
            for (int i = 0; i < GROUP; i++) {
                int code = ((block[codes + i] >> shift) & 15) | ((block[high + i] >> group) & 1) << 4;
                values[offset + group * GROUP + i] = code * scale - min;
            }
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        AffineFit fit = new AffineFit(31, true);
        float[] scales = new float[SIZE / GROUP];
        float[] mins = new float[SIZE / GROUP];
        fit.groups(values, offset, GROUP, scales, mins);
        float d = putScale(block, at, AffineFit.largest(scales) / SixBitPairs.LARGEST);
        float dmin = putScale(block, at + MIN, AffineFit.largest(mins) / SixBitPairs.LARGEST);
        Arrays.fill(block, at + PAIRS, at + blockBytes(), (byte) 0);
        for (int group = 0; group < SIZE / GROUP; group++) {
            int scale = AffineFit.scaleCode(scales[group], d, SixBitPairs.LARGEST);
            int min = AffineFit.scaleCode(mins[group], dmin, SixBitPairs.LARGEST);
            SixBitPairs.put(block, at + PAIRS, group, scale, min);
            int codes = at + CODES + group / 2 * GROUP;
            int shift = group % 2 * 4;
            for (int i = 0; i < GROUP; i++) {
                int code = fit.code(values[offset + group * GROUP + i], d * scale, -dmin * min);
                block[codes + i] |= (byte) ((code & 15) << shift);
                block[at + HIGH_BITS + i] |= (byte) ((code >> 4) << group);
            }
        }
    }
}
