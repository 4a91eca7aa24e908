// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.simd.CodeBits.B16;
import static dev.kelvin.kernel.simd.CodeBits.bits32;
import static dev.kelvin.kernel.simd.CodeBits.eightScales;
import static dev.kelvin.kernel.simd.CodeBits.half;
import static dev.kelvin.kernel.simd.CodeBits.put64;
import static dev.kelvin.kernel.simd.CodeBits.unsigned16;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Codes and scales of the types whose four bits stand for a level in a table; layouts are those of the formats in
 * {@code dev.kelvin.tensor}.
 */
final class TableBlocks {
    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;

    private static final ByteVector IQ4_LEVELS =
            table(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
    static final ByteVector MXFP4_LEVELS = table(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

    private TableBlocks() {}

    private static ByteVector table(int... levels) {
        byte[] bytes = new byte[levels.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) levels[i];
        }
        return ByteVector.fromArray(B16, bytes, 0);
    }

    static void iq4Nl(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] codes = out.codes;
        for (int block = 0; block < blocks; block++, at += 18, to += SIZE) {
            out.scales[scale + block] = half(bytes, at);
            ByteVector pairs = ByteVector.fromArray(B16, bytes, at + 2);
            pairs.and((byte) 15).selectFrom(IQ4_LEVELS).intoArray(codes, to);
            pairs.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .selectFrom(IQ4_LEVELS)
                    .intoArray(codes, to + HALF);
        }
    }

    static void iq4Xs(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] codes = out.codes;
        for (int block = 0; block < blocks; block++, at += 136, to += 8 * SIZE, scale += 8) {
            // Eight pieces of four bits and eight of two, moved to a byte each.
            long low = bits32(bytes, at + 4) & 0xffff_ffffL;
            low = (low | low << 16) & 0x0000_ffff_0000_ffffL;
            low = (low | low << 8) & 0x00ff_00ff_00ff_00ffL;
            low = (low | low << 4) & 0x0f0f_0f0f_0f0f_0f0fL;
            long high = unsigned16(bytes, at + 2);
            high = (high | high << 24) & 0x0000_00ff_0000_00ffL;
            high = (high | high << 12) & 0x000f_000f_000f_000fL;
            high = (high | high << 6) & 0x0303_0303_0303_0303L;
            put64(out.scaleCodes, 0, low | high << 4);
            eightScales(out.scaleCodes, 0, 32, half(bytes, at), out.scales, scale);
            for (int i = 0; i < 128; i += HALF) {
                ByteVector pairs = ByteVector.fromArray(B16, bytes, at + 8 + i);
                pairs.and((byte) 15).selectFrom(IQ4_LEVELS).intoArray(codes, to + 2 * i);
                pairs.reinterpretAsShorts()
                        .lanewise(VectorOperators.LSHR, 4)
                        .reinterpretAsBytes()
                        .and((byte) 15)
                        .selectFrom(IQ4_LEVELS)
                        .intoArray(codes, to + 2 * i + HALF);
            }
        }
    }

    /** Half of two to an exponent of MXFP4, whose levels are twice what they stand for. */
    static float halfPower(byte exponent) {
        int e = exponent & 255;
        return Float.intBitsToFloat(e < 2 ? 0x0020_0000 << e : (e - 1) << 23);
    }

    static void mxfp4(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] codes = out.codes;
        for (int block = 0; block < blocks; block++, at += 17, to += SIZE) {
            out.scales[scale + block] = halfPower(bytes[at]);
            ByteVector pairs = ByteVector.fromArray(B16, bytes, at + 1);
            pairs.and((byte) 15).selectFrom(MXFP4_LEVELS).intoArray(codes, to);
            pairs.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .selectFrom(MXFP4_LEVELS)
                    .intoArray(codes, to + HALF);
        }
    }
}
