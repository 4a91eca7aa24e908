// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * Q8_K: 256 elements q·d with q in [−128, 127]. Bytes: d (f32); 256 bytes q; the sums of q over each 16 (16 shorts).
 */
final class Q8_KFormat extends BlockFormat {
    private static final int SIZE = 256;
    private static final int GROUP = 16;
    private static final int CODES = 4;
    private static final int SUMS = CODES + SIZE;

    private static final int LARGEST_CODE = 127;
    private static final Levels LEVELS = Levels.integers(-LARGEST_CODE, LARGEST_CODE);

    Q8_KFormat() {
        // Not all of the range: 127 times a d that was rounded up must not be infinite.
        super(SIZE, SUMS + SIZE / GROUP * Short.BYTES, Float.MAX_VALUE / 2);
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        float d = Float.intBitsToFloat(bits32(block, at));
        for (int i = 0; i < SIZE; i++) {
            values[offset + i] = block[at + CODES + i] * d;
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float largest = 0;
        for (int i = 0; i < SIZE; i++) {
            largest = Math.max(largest, Math.abs(values[offset + i]));
        }
        float d = largest / LARGEST_CODE;
        put32(block, at, Float.floatToRawIntBits(d));
        for (int group = 0; group < SIZE / GROUP; group++) {
            int sum = 0;
            for (int i = group * GROUP; i < (group + 1) * GROUP; i++) {
                int code = LEVELS.value(values[offset + i], d);
                block[at + CODES + i] = (byte) code;
                sum += code;
            }
            put16(block, at + SUMS + group * Short.BYTES, (short) sum);
        }
    }
}
