// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/** BF16: the upper half of a float. */
final class BF16Format extends BlockFormat {
    /** The next float lies halfway to infinity. */
    private static final float LARGEST = 0x1.fefffep127f;

    BF16Format() {
        super(1, Short.BYTES, LARGEST);
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

    @Override
    public void encode(float[] values, int offset, byte[] blocks, int byteOffset, int count) {
        for (int i = 0; i < count; i++) {
            encodeBlock(values, offset + i, blocks, byteOffset + i * Short.BYTES);
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        put16(block, at, rounded(values[offset]));
    }

    /** The upper half of the float, rounded to nearest, ties to even; NaN stays NaN. */
    private static short rounded(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> Short.SIZE | 0x40);
        }
        return (short) ((bits + 0x7fff + (bits >>> Short.SIZE & 1)) >>> Short.SIZE);
    }
}
