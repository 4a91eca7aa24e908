// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.simd.CodeBits.B;
import static dev.kelvin.kernel.simd.CodeBits.B16;
import static dev.kelvin.kernel.simd.CodeBits.STEP;
import static dev.kelvin.kernel.simd.CodeBits.bits32;
import static dev.kelvin.kernel.simd.CodeBits.half;
import static dev.kelvin.kernel.simd.CodeBits.put64;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Codes and scales of the types with blocks of 256 elements and a single scale; layouts are those of the formats in
 * {@code dev.kelvin.tensor}.
 */
final class OneScaleBlocks {
    private static final int SIZE = 256;
    private static final int GROUPS = SIZE / 32;

    private OneScaleBlocks() {}

    static void q8K(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        for (int block = 0; block < blocks; block++, at += 292, to += SIZE, scale += GROUPS) {
            Arrays.fill(out.scales, scale, scale + GROUPS, Float.intBitsToFloat(bits32(bytes, at)));
            System.arraycopy(bytes, at + 4, out.codes, to, SIZE);
        }
    }

    static void tq2_0(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        for (int block = 0; block < blocks; block++, at += 66, to += SIZE, scale += GROUPS) {
            Arrays.fill(out.scales, scale, scale + GROUPS, half(bytes, at + 64));
            CodeBits.twoBits(bytes, at, 1, out.codes, to);
        }
    }

    static void tq1_0(byte[] bytes, int at, int blocks, BlockCodes out, int to, int scale) {
        byte[] codes = out.codes;
        for (int block = 0; block < blocks; block++, at += 54, to += SIZE, scale += GROUPS) {
            Arrays.fill(out.scales, scale, scale + GROUPS, half(bytes, at + 52));
            digits(bytes, at, codes, to);
            digits16(bytes, at + 32, codes, to + 160);
            lastDigits(bits32(bytes, at + 48), codes, to + 240);
        }
    }

    /** Five digits, less one, of each of 32 bytes; those of digit n from {@code to + 32n} on. */
    private static void digits(byte[] bytes, int at, byte[] codes, int to) {
        for (int i = 0; i < 32; i += STEP) {
            ByteVector fraction = ByteVector.fromArray(B, bytes, at + i);
            for (int n = 0; n < 5; n++) {
                // The integer part of 3·fraction/256 is 1 from 86 on, and 2 from 171 on.
                ByteVector.broadcast(B, -1)
                        .lanewise(VectorOperators.ADD, (byte) 1, fraction.compare(VectorOperators.UGE, (byte) 86))
                        .lanewise(VectorOperators.ADD, (byte) 1, fraction.compare(VectorOperators.UGE, (byte) 171))
                        .intoArray(codes, to + i + 32 * n);
                fraction = fraction.add(fraction).add(fraction);
            }
        }
    }

    /** The same of 16 bytes; those of digit n from {@code to + 16n} on. */
    private static void digits16(byte[] bytes, int at, byte[] codes, int to) {
        ByteVector fraction = ByteVector.fromArray(B16, bytes, at);
        for (int n = 0; n < 5; n++) {
            ByteVector.broadcast(B16, -1)
                    .lanewise(VectorOperators.ADD, (byte) 1, fraction.compare(VectorOperators.UGE, (byte) 86))
                    .lanewise(VectorOperators.ADD, (byte) 1, fraction.compare(VectorOperators.UGE, (byte) 171))
                    .intoArray(codes, to + 16 * n);
            fraction = fraction.add(fraction).add(fraction);
        }
    }

    /** Four digits, less one, of each of four bytes: too few for a vector. */
    private static void lastDigits(int fractions, byte[] codes, int to) {
        int second = timesThree(fractions);
        int third = timesThree(second);
        put64(codes, to, firstDigits(fractions) | firstDigits(second) << 32);
        put64(codes, to + 8, firstDigits(third) | firstDigits(timesThree(third)) << 32);
    }

    /** Each of four bytes times three, modulo 256. */
    private static int timesThree(int bytes) {
        return ((bytes & 0x00ff_00ff) * 3 & 0x00ff_00ff) | ((bytes >>> 8 & 0x00ff_00ff) * 3 & 0x00ff_00ff) << 8;
    }

    /** The first digit, less one, of each of four bytes. */
    private static long firstDigits(int bytes) {
        int even = ((bytes & 0x00ff_00ff) * 3) >>> 8 & 0x0003_0003;
        int odd = ((bytes >>> 8 & 0x00ff_00ff) * 3) >>> 8 & 0x0003_0003;
        // Bit 7 keeps each byte from borrowing from the next.
        int lessOne = ((even | odd << 8 | 0x8080_8080) - 0x0101_0101) ^ 0x8080_8080;
        return lessOne & 0xffff_ffffL;
    }
}
