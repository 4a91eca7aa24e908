// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * A type whose codes are points of a {@link Codebook}: 256 elements a block. Such a type is decoded, not encoded: its
 * points are too few for each number to come out within half a step, and which point serves best depends on what the
 * numbers are multiplied with, which an encoder of one tensor does not see.
 */
abstract sealed class CodebookFormat extends BlockFormat
        permits IQ1_MFormat, IQ1_SFormat, IQ2_SFormat, IQ2_XSFormat, IQ2_XXSFormat, IQ3_SFormat, IQ3_XXSFormat {
    static final int SIZE = 256;

    /** Elements that share four bytes of codes, or two of them. */
    static final int GROUP = 32;

    CodebookFormat(int blockBytes, float largest) {
        super(SIZE, blockBytes, largest);
    }

    @Override
    public final boolean isEncodable() {
        return false;
    }

    @Override
    final void encodeBlock(float[] values, int offset, byte[] block, int at) {
        throw new IllegalArgumentException("encode: numbers of this type can only be decoded");
    }

    /** The unsigned value of a byte. */
    static int code(byte[] block, int at) {
        return block[at] & 255;
    }
}
