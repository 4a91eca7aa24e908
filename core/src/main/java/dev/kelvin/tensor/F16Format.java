// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/** F16: IEEE binary16. */
final class F16Format extends BlockFormat {
    /** The next float lies halfway to infinity. */
    private static final float LARGEST = 0x1.ffdffep15f;

    private static final short QUIET_NAN = 0x7e00;

    F16Format() {
        super(1, Short.BYTES, LARGEST);
    }

    @Override
    public void decode(byte[] blocks, int byteOffset, float[] values, int offset, int count) {
        for (int i = 0; i < count; i++) {
            values[offset + i] = half(blocks, byteOffset + i * Short.BYTES);
        }
    }

    @Override
    void decodeBlock(byte[] block, int at, float[] values, int offset) {
        values[offset] = half(block, at);
    }

    @Override
    public void encode(float[] values, int offset, byte[] blocks, int byteOffset, int count) {
        for (int i = 0; i < count; i++) {
            encodeBlock(values, offset + i, blocks, byteOffset + i * Short.BYTES);
        }
    }

    @Override
    void encodeBlock(float[] values, int offset, byte[] block, int at) {
        float value = values[offset];
        // What is kept of the bits of a NaN is the processor's choice.
        put16(block, at, Float.isNaN(value) ? QUIET_NAN : Float.floatToFloat16(value));
    }
}
