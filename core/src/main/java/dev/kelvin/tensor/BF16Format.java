// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/** BF16: the upper half of a float. */
final class BF16Format extends BlockFormat {
    BF16Format() {
        super(1, Short.BYTES);
    }

    @Override
    public void decode(byte[] blocks, int byteOffset, float[] values, int offset, int count) {
        for (int i = 0; i < count; i++) {
            values[offset + i] = Float.intBitsToFloat(bits16(blocks, byteOffset + i * Short.BYTES) << Short.SIZE);
        }
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        values[offset] = Float.intBitsToFloat(bits16(block, at) << Short.SIZE);
    }
}
