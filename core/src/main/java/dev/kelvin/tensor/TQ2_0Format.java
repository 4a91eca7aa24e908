// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * TQ2_0: 256 elements q·d with q in {−1, 0, 1}; the fourth code decodes as 2. Bytes: 64 bytes of four q + 1 each, byte
 * 32h + i holding elements 128h + i, + 32, + 64, + 96 from the lowest bits up; d (f16).
 */
final class TQ2_0Format extends BlockFormat {
    private static final int SIZE = 256;
    private static final int GROUP = 32;
    private static final int SCALE = SIZE / 4;

    private static final Levels LEVELS = Levels.integers(-1, 1);

    TQ2_0Format() {
        super(SIZE, SCALE + 2, LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at + SCALE);
        for (int group = 0; group < SIZE / GROUP; group++) {
            int codes = at + group / 4 * GROUP;
            int shift = group % 4 * 2;
            for (int i = 0; i < GROUP; i++) {
                values[offset + group * GROUP + i] = (((block[codes + i] >> shift) & 3) - 1) * d;
            }
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float d = putScale(block, at + SCALE, LEVELS.scale(values, offset, SIZE));
        Arrays.fill(block, at, at + SCALE, (byte) 0);
        for (int group = 0; group < SIZE / GROUP; group++) {
            int codes = at + group / 4 * GROUP;
            int shift = group % 4 * 2;
            for (int i = 0; i < GROUP; i++) {
                int code = LEVELS.code(values[offset + group * GROUP + i], d);
                block[codes + i] |= (byte) (code << shift);
            }
        }
    }
}
