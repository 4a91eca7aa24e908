// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.simd.CodeBits.B;
import static dev.kelvin.kernel.simd.CodeBits.STEP;
import static dev.kelvin.kernel.simd.CodeBits.bits32;
import static dev.kelvin.kernel.simd.CodeBits.bits64;
import static dev.kelvin.kernel.simd.CodeBits.eightScales;
import static dev.kelvin.kernel.simd.CodeBits.half;
import static dev.kelvin.kernel.simd.CodeBits.put64;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Codes and scales of the types with blocks of 256 elements and scales of scales; layouts are those of the formats in
 * {@code dev.kelvin.tensor}.
 */
final class LargeBlocks {
    private static final int SIZE = 256;
    private static final int PER_16 = SIZE / 16;
    private static final int PER_32 = SIZE / 32;

    private LargeBlocks() {}

    static void q2K(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] scaleCodes = out.scaleCodes;
        for (int block = 0; block < blocks; block++, at += 84, to += SIZE, scale += PER_16) {
            long first = bits64(bytes, at);
            long second = bits64(bytes, at + 8);
            put64(scaleCodes, 0, first & 0x0f0f_0f0f_0f0f_0f0fL);
            put64(scaleCodes, 8, second & 0x0f0f_0f0f_0f0f_0f0fL);
            put64(scaleCodes, 16, first >>> 4 & 0x0f0f_0f0f_0f0f_0f0fL);
            put64(scaleCodes, 24, second >>> 4 & 0x0f0f_0f0f_0f0f_0f0fL);
            float d = half(bytes, at + 80);
            float minus = -half(bytes, at + 82);
            eightScales(scaleCodes, 0, 0, d, out.scales, scale);
            eightScales(scaleCodes, 8, 0, d, out.scales, scale + 8);
            eightScales(scaleCodes, 16, 0, minus, out.bases, scale);
            eightScales(scaleCodes, 24, 0, minus, out.bases, scale + 8);
            CodeBits.twoBits(bytes, at + 16, 0, out.codes, to);
        }
    }

    static void q3K(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] scaleCodes = out.scaleCodes;
        for (int block = 0; block < blocks; block++, at += 110, to += SIZE, scale += PER_16) {
            long low = bits64(bytes, at + 96);
            int high = bits32(bytes, at + 104);
            long upper = (high & 0x0303_0303L) | (high >>> 2 & 0x0303_0303L) << 32;
            put64(scaleCodes, 0, (low & 0x0f0f_0f0f_0f0f_0f0fL) | upper << 4);
            upper = (high >>> 4 & 0x0303_0303L) | (high >>> 6 & 0x0303_0303L) << 32;
            put64(scaleCodes, 8, (low >>> 4 & 0x0f0f_0f0f_0f0f_0f0fL) | upper << 4);
            float d = half(bytes, at + 108);
            eightScales(scaleCodes, 0, 32, d, out.scales, scale);
            eightScales(scaleCodes, 8, 32, d, out.scales, scale + 8);
            threeBits(bytes, at, out.codes, to);
        }
    }

    /** The four codes of each byte lie 32 apart; bit j of byte i of the first 32 belongs to element i + 32j. */
    private static void threeBits(byte[] bytes, int at, byte[] codes, int to) {
        for (int i = 0; i < 64; i += STEP) {
            int out = to + i / 32 * 128 + i % 32;
            ByteVector bits = ByteVector.fromArray(B, bytes, at + i % 32)
                    .reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, (short) (i / 32 * 4))
                    .reinterpretAsBytes();
            ShortVector fours = ByteVector.fromArray(B, bytes, at + 32 + i).reinterpretAsShorts();
            fours.reinterpretAsBytes()
                    .and((byte) 3)
                    .sub((byte) 4)
                    .lanewise(VectorOperators.ADD, (byte) 4, bits.and((byte) 1).compare(VectorOperators.NE, (byte) 0))
                    .intoArray(codes, out);
            fours.lanewise(VectorOperators.LSHR, 2)
                    .reinterpretAsBytes()
                    .and((byte) 3)
                    .sub((byte) 4)
                    .lanewise(VectorOperators.ADD, (byte) 4, bits.and((byte) 2).compare(VectorOperators.NE, (byte) 0))
                    .intoArray(codes, out + 32);
            fours.lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 3)
                    .sub((byte) 4)
                    .lanewise(VectorOperators.ADD, (byte) 4, bits.and((byte) 4).compare(VectorOperators.NE, (byte) 0))
                    .intoArray(codes, out + 64);
            fours.lanewise(VectorOperators.LSHR, 6)
                    .reinterpretAsBytes()
                    .and((byte) 3)
                    .sub((byte) 4)
                    .lanewise(VectorOperators.ADD, (byte) 4, bits.and((byte) 8).compare(VectorOperators.NE, (byte) 0))
                    .intoArray(codes, out + 96);
        }
    }

    /** The eight pairs of scale and min of Q4_K and Q5_K: {@code SixBitPairs} in {@code dev.kelvin.tensor}. */
    private static void sixBitPairs(byte[] bytes, int at, BlockCodes out, int scale) {
        byte[] scaleCodes = out.scaleCodes;
        int scaleBits = bits32(bytes, at + 4);
        int minBits = bits32(bytes, at + 8);
        int both = bits32(bytes, at + 12);
        long upper = (both & 0x0f0f_0f0fL) | (scaleBits >>> 2 & 0x3030_3030L);
        put64(scaleCodes, 0, (scaleBits & 0x3f3f_3f3fL) | upper << 32);
        upper = (both >>> 4 & 0x0f0f_0f0fL) | (minBits >>> 2 & 0x3030_3030L);
        put64(scaleCodes, 8, (minBits & 0x3f3f_3f3fL) | upper << 32);
        eightScales(scaleCodes, 0, 0, half(bytes, at), out.scales, scale);
        eightScales(scaleCodes, 8, 0, -half(bytes, at + 2), out.bases, scale);
    }

    static void q4K(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        for (int block = 0; block < blocks; block++, at += 144, to += SIZE, scale += PER_32) {
            sixBitPairs(bytes, at, out, scale);
            fourBits(bytes, at + 16, out.codes, to);
        }
    }

    /** The pairs of codes in 128 bytes: byte 32h + i holds elements 64h + i (low) and 64h + 32 + i (high). */
    private static void fourBits(byte[] bytes, int at, byte[] codes, int to) {
        for (int i = 0; i < 128; i += STEP) {
            int out = to + i / 32 * 64 + i % 32;
            ByteVector pairs = ByteVector.fromArray(B, bytes, at + i);
            pairs.and((byte) 15).intoArray(codes, out);
            pairs.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .intoArray(codes, out + 32);
        }
    }

    static void q5K(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        for (int block = 0; block < blocks; block++, at += 176, to += SIZE, scale += PER_32) {
            sixBitPairs(bytes, at, out, scale);
            fiveBits(bytes, at, out.codes, to);
        }
    }

    /** The elements of a byte of lower bits lie 32 apart. */
    private static void fiveBits(byte[] bytes, int at, byte[] codes, int to) {
        for (int i = 0; i < 128; i += STEP) {
            int out = to + i / 32 * 64 + i % 32;
            ByteVector pairs = ByteVector.fromArray(B, bytes, at + 48 + i);
            ShortVector bits = ByteVector.fromArray(B, bytes, at + 16 + i % 32)
                    .reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, (short) (i / 32 * 2));
            ByteVector upper =
                    bits.lanewise(VectorOperators.LSHL, 4).reinterpretAsBytes().and((byte) 16);
            pairs.and((byte) 15).or(upper).intoArray(codes, out);
            upper = bits.lanewise(VectorOperators.LSHL, 3).reinterpretAsBytes().and((byte) 16);
            pairs.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .or(upper)
                    .intoArray(codes, out + 32);
        }
    }

    static void q6K(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] codes = out.codes;
        for (int block = 0; block < blocks; block++, at += 210, to += SIZE, scale += PER_16) {
            float d = half(bytes, at + 208);
            eightScales(bytes, at + 192, 0, d, out.scales, scale);
            eightScales(bytes, at + 200, 0, d, out.scales, scale + 8);
            sixBits(bytes, at, codes, to);
        }
    }

    /** The elements of a byte of lower bits lie 64 apart. */
    private static void sixBits(byte[] bytes, int at, byte[] codes, int to) {
        for (int i = 0; i < 128; i += STEP) {
            int out = to + i / 64 * 128 + i % 64;
            ByteVector pairs = ByteVector.fromArray(B, bytes, at + i);
            ShortVector bits = ByteVector.fromArray(B, bytes, at + 128 + i / 64 * 32 + i % 32)
                    .reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, (short) (i / 32 % 2 * 2));
            ByteVector upper =
                    bits.lanewise(VectorOperators.LSHL, 4).reinterpretAsBytes().and((byte) 48);
            pairs.and((byte) 15).or(upper).sub((byte) 32).intoArray(codes, out);
            upper = bits.reinterpretAsBytes().and((byte) 48);
            pairs.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .or(upper)
                    .sub((byte) 32)
                    .intoArray(codes, out + 64);
        }
    }
}
