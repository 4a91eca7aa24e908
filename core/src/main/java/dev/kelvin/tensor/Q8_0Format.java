// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/** Q8_0: 32 elements q·d with q in [−128, 127]. Bytes: d (f16); 32 bytes q. */
final class Q8_0Format extends BlockFormat {
    private static final int SIZE = 32;
    private static final int CODES = 2;

    Q8_0Format() {
        super(SIZE, CODES + SIZE);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = half(block, at);
        for (int i = 0; i < SIZE; i++) {
            values[offset + i] = block[at + CODES + i] * d;
        }
    }
}
