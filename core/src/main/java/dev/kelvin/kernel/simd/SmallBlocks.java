// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.simd.CodeBits.B16;
import static dev.kelvin.kernel.simd.CodeBits.bits32;
import static dev.kelvin.kernel.simd.CodeBits.half;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Codes and scales of the types with blocks of 32 elements; layouts are those of the formats in
 * {@code dev.kelvin.tensor}.
 */
final class SmallBlocks {
    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;

    private SmallBlocks() {}

    static void q4_0(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] codes = out.codes;
        for (int block = 0; block < blocks; block++, at += 18, to += SIZE) {
            out.scales[scale + block] = half(bytes, at);
            ByteVector pairs = ByteVector.fromArray(B16, bytes, at + 2);
            pairs.and((byte) 15).sub((byte) 8).intoArray(codes, to);
            pairs.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .sub((byte) 8)
                    .intoArray(codes, to + HALF);
        }
    }

    static void q4_1(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] codes = out.codes;
        for (int block = 0; block < blocks; block++, at += 20, to += SIZE) {
            out.scales[scale + block] = half(bytes, at);
            out.bases[scale + block] = half(bytes, at + 2);
            ByteVector pairs = ByteVector.fromArray(B16, bytes, at + 4);
            pairs.and((byte) 15).intoArray(codes, to);
            pairs.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .intoArray(codes, to + HALF);
        }
    }

    static void q5_0(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] codes = out.codes;
        for (int block = 0; block < blocks; block++, at += 22, to += SIZE) {
            out.scales[scale + block] = half(bytes, at);
            // q = low + 16·bit − 16: where the bit is 0, the upper four are ones.
            int without = ~bits32(bytes, at + 2);
            ByteVector pairs = ByteVector.fromArray(B16, bytes, at + 6);
            pairs.and((byte) 15)
                    .lanewise(VectorOperators.ADD, (byte) -16, VectorMask.fromLong(B16, without & 0xffff))
                    .intoArray(codes, to);
            pairs.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .lanewise(VectorOperators.ADD, (byte) -16, VectorMask.fromLong(B16, without >>> 16))
                    .intoArray(codes, to + HALF);
        }
    }

    static void q5_1(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] codes = out.codes;
        for (int block = 0; block < blocks; block++, at += 24, to += SIZE) {
            out.scales[scale + block] = half(bytes, at);
            out.bases[scale + block] = half(bytes, at + 2);
            int with = bits32(bytes, at + 4);
            ByteVector pairs = ByteVector.fromArray(B16, bytes, at + 8);
            pairs.and((byte) 15)
                    .lanewise(VectorOperators.ADD, (byte) 16, VectorMask.fromLong(B16, with & 0xffff))
                    .intoArray(codes, to);
            pairs.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .lanewise(VectorOperators.ADD, (byte) 16, VectorMask.fromLong(B16, with >>> 16))
                    .intoArray(codes, to + HALF);
        }
    }

    static void q8_0(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        for (int block = 0; block < blocks; block++, at += 34, to += SIZE) {
            out.scales[scale + block] = half(bytes, at);
            System.arraycopy(bytes, at + 2, out.codes, to, SIZE);
        }
    }
}
