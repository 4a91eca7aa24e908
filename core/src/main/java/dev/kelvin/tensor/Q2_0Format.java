// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/** Q2_0: 64 elements q·d with q in [−1, 2]. Bytes: d (f16); four q + 1 a byte, from the lowest bits up. */
final class Q2_0Format extends BlockFormat {
    private static final int SIZE = 64;
    private static final int CODES = 2;
    private static final int CODES_PER_BYTE = 4;
    private static final int LARGEST_CODE = 3;

    /** Those of −d: the side that reaches farther is the negative one. */
    private static final Levels MIRRORED = Levels.integers(-2, 1);

    Q2_0Format() {
        super(SIZE, CODES + SIZE / CODES_PER_BYTE, LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        for (int i = 0; i < SIZE; i++) {
            int code = (block[at + CODES + i / CODES_PER_BYTE] >> (i % CODES_PER_BYTE * 2)) & LARGEST_CODE;
            values[offset + i] = (code - 1) * d;
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float d = putScale(block, at, -MIRRORED.scale(values, offset, SIZE));
        Arrays.fill(block, at + CODES, at + CODES + SIZE / CODES_PER_BYTE, (byte) 0);
        for (int i = 0; i < SIZE; i++) {
            int code = LARGEST_CODE - MIRRORED.code(values[offset + i], -d);
            block[at + CODES + i / CODES_PER_BYTE] |= (byte) (code << (i % CODES_PER_BYTE * 2));
        }
    }
}
