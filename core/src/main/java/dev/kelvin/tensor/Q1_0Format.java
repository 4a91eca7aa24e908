// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/** Q1_0: 128 elements d or −d. Bytes: d (f16); a bit an element, from the lowest bit up, 1 for d. */
final class Q1_0Format extends BlockFormat {
    private static final int SIZE = 128;
    private static final int CODES = 2;

    private static final Levels LEVELS = Levels.of(new byte[] {-1, 1});

    Q1_0Format() {
        super(SIZE, CODES + SIZE / Byte.SIZE, LARGEST_HALF);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        for (int i = 0; i < SIZE; i++) {
            values[offset + i] = ((block[at + CODES + i / Byte.SIZE] >> (i % Byte.SIZE)) & 1) == 1 ? d : -d;
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float d = putScale(block, at, LEVELS.scale(values, offset, SIZE));
        Arrays.fill(block, at + CODES, at + CODES + SIZE / Byte.SIZE, (byte) 0);
        for (int i = 0; i < SIZE; i++) {
            block[at + CODES + i / Byte.SIZE] |= (byte) (LEVELS.code(values[offset + i], d) << (i % Byte.SIZE));
        }
    }
}
