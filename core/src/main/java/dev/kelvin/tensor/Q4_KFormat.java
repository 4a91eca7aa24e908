// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * Q4_K: 256 elements q·(d·scale) − dmin·min with q in [0, 15]; scale and min, each in [0, 63], serve 32 elements.
 *
 * <p>Bytes: d, dmin (f16); the {@link SixBitPairs}; 128 bytes of two q each, byte 32h + i holding elements 64h + i
 * (low) and 64h + 32 + i (high).
 */
final class Q4_KFormat extends BlockFormat {
    private static final int SIZE = 256;
    private static final int GROUP = 32;
    private static final int MIN = 2;
    private static final int PAIRS = 4;
    private static final int CODES = PAIRS + SixBitPairs.BYTES;

    Q4_KFormat() {
        super(SIZE, CODES + SIZE / 2, SixBitPairs.LARGEST * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        float dmin = half(block, at + MIN);
        for (int group = 0; group < SIZE / GROUP; group++) {
            float scale = d * SixBitPairs.scale(block, at + PAIRS, group);
            float min = dmin * SixBitPairs.min(block, at + PAIRS, group);
            int codes = at + CODES + group / 2 * GROUP;
            int shift = group % 2 * 4;
            for (int i = 0; i < GROUP; i++) {
                values[offset + group * GROUP + i] = ((block[codes + i] >> shift) & 15) * scale - min;
            }
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        AffineFit fit = new AffineFit(15, true);
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
                block[codes + i] |= (byte) (code << shift);
            }
        }
    }
}
