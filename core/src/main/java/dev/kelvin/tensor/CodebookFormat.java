// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

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

    /** Elements that share a scale at least. */
    static final int SCALED = 16;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** 1 in each byte. */
    private static final long ONES = 0x0101_0101_0101_0101L;

    /** Of eight signs: all bits of byte i where bit i is set. */
    private static final long[] NEGATED = new long[256];

    /** The same of seven signs, of which an eighth makes the number even. */
    private static final long[] EVEN = new long[128];

    static {
        for (int signs = 0; signs < NEGATED.length; signs++) {
            for (int i = 0; i < 8; i++) {
                NEGATED[signs] |= (((signs >> i) & 1) * 0xffL) << (8 * i);
            }
        }
        for (int seven = 0; seven < EVEN.length; seven++) {
            EVEN[seven] = NEGATED[seven | (Integer.bitCount(seven) & 1) << 7];
        }
    }

    CodebookFormat(int blockBytes, float largest) {
        super(SIZE, blockBytes, largest);
    }

    /**
     * The integers and scales of a block: element i is codes[to + i]·scales[scale + i/16], exactly.
     *
     * @param codes receives 256 integers
     * @param scales receives 16 scales
     */
    abstract void unpackBlock(byte[] block, int at, byte[] codes, int to, float[] scales, int scale);

    @Override
    final void decodeBlock(byte[] block, int at, float[] values, int offset) {
        byte[] codes = new byte[SIZE];
        float[] scales = new float[SIZE / SCALED];
        unpackBlock(block, at, codes, 0, scales, 0);
        for (int i = 0; i < SIZE; i++) {
            values[offset + i] = codes[i] * scales[i / SCALED];
        }
    }

    /**
     * Writes eight elements.
     *
     * @param elements a byte each, none of which is 0 or negative
     * @param signs bit i set: element i is negated
     */
    static void put(long elements, int signs, byte[] codes, int to) {
        long negated = NEGATED[signs & 255];
        put((elements ^ negated) + (negated & ONES), codes, to);
    }

    /** Writes eight elements, a byte each. */
    static void put(long elements, byte[] codes, int to) {
        LONG.set(codes, to, elements);
    }

    /** The same with seven signs of eight, of which the last makes their number even. */
    static void putEven(long elements, int signs, byte[] codes, int to) {
        long negated = EVEN[signs & 127];
        put((elements ^ negated) + (negated & ONES), codes, to);
    }

    @Override
    public final boolean isEncodable() {
        return false;
    }

    @Override
    final void encodeBlock(float[] values, int offset, byte[] block, int at) {
        throw new IllegalArgumentException("encode: numbers of this type can only be decoded");
    }

    /** Eight bytes, the first lowest. */
    static long bits64(byte[] block, int at) {
        return (long) LONG.get(block, at);
    }

    /** The unsigned value of a byte. */
    static int code(byte[] block, int at) {
        return block[at] & 255;
    }
}
