// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * IQ4_XS: 256 elements level(q)·(d·scale), with the levels of {@link IQ4_NLFormat}; a scale, in [−32, 31], serves 32
 * elements.
 *
 * <p>Bytes: d (f16); the upper two bits of each scale + 32, scale j in bits 2j and up of a short; 4 bytes of the lower
 * four, even j low, odd j high; 16 bytes of pairs of q a group, element i low, element i + 16 high.
 */
final class IQ4_XSFormat extends BlockFormat {
    private static final int SIZE = 256;
    private static final int GROUP = 32;
    private static final int HIGH_SCALES = 2;
    private static final int LOW_SCALES = 4;
    static final int CODES = 8;
    private static final int LOWEST_SCALE = -32;

    IQ4_XSFormat() {
        super(SIZE, CODES + SIZE / 2, IQ4_NLFormat.LARGEST_LEVEL * (-LOWEST_SCALE - 1) * LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        for (int group = 0; group < SIZE / GROUP; group++) {
            float scale = scale(block, at, group);
            IQ4_NLFormat.decodePairs(block, at + CODES + group * GROUP / 2, scale, values, offset + group * GROUP);
        }
    }

    /** What the levels of a group are multiplied by. */
    static float scale(byte[] block, int at, int group) {
        int low = (block[at + LOW_SCALES + group / 2] >> (group % 2 * 4)) & 15;
        int high = (bits16(block, at + HIGH_SCALES) >> (group * 2)) & 3;
        return half(block, at) * ((low | high << 4) - 32);
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float[] scales = new float[SIZE / GROUP];
        // The code of the largest scale is the lowest, the one without a counterpart.
        float d = putScale(block, at, IQ4_NLFormat.TABLE.scales(values, offset, GROUP, scales) / LOWEST_SCALE);
        Arrays.fill(block, at + LOW_SCALES, at + CODES, (byte) 0);
        int highs = 0;
        for (int group = 0; group < SIZE / GROUP; group++) {
            int first = offset + group * GROUP;
            int scale = IQ4_NLFormat.TABLE.scaleCode(values, first, GROUP, scales[group], d, LOWEST_SCALE);
            block[at + LOW_SCALES + group / 2] |= (byte) (((scale + 32) & 15) << (group % 2 * 4));
            highs |= ((scale + 32) >> 4) << (group * 2);
            IQ4_NLFormat.encodePairs(values, first, d * scale, block, at + CODES + group * GROUP / 2);
        }
        put16(block, at + HIGH_SCALES, (short) highs);
    }
}
