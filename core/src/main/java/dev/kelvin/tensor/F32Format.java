// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/** F32: the float itself. */
final class F32Format extends BlockFormat {
    F32Format() {
        super(1, Float.BYTES, Float.MAX_VALUE);
    }

    @Override
    public void decode(byte[] blocks, int byteOffset, float[] values, int offset, int count) {
        for (int i = 0; i < count; i++) {
            values[offset + i] = Float.intBitsToFloat(bits32(blocks, byteOffset + i * Float.BYTES));
        }
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        values[offset] = Float.intBitsToFloat(bits32(block, at));
    }

    @Override
    public void encode(float[] values, int offset, byte[] blocks, int byteOffset, int count) {
        for (int i = 0; i < count; i++) {
            encodeBlock(values, offset + i, blocks, byteOffset + i * Float.BYTES);
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        put32(block, at, Float.floatToRawIntBits(values[offset]));
    }
}
