// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the unpacking of several types shares.
 *
 * <p>Nothing here takes or gives a vector: C2 leaves calls of methods that it has compiled to much code alone, and a
 * vector that crosses a call is boxed.
 */
final class CodeBits {
    /** Half of a small block. */
    static final VectorSpecies<Byte> B16 = ByteVector.SPECIES_128;

    private static final boolean WIDE = Lanes.COUNT >= 8;

    /** A unit of the large blocks, 32 bytes, or half of one. */
    static final VectorSpecies<Byte> B = WIDE ? ByteVector.SPECIES_256 : B16;

    /** Bytes in a vector of {@link #B}. */
    static final int STEP = B.length();

    private static final VectorSpecies<Byte> B8 = ByteVector.SPECIES_64;
    private static final VectorSpecies<Float> F = WIDE ? FloatVector.SPECIES_256 : Lanes.F;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private CodeBits() {}

    static float half(byte[] bytes, int at) {
        return Float.float16ToFloat((short) SHORT.get(bytes, at));
    }

    static int unsigned16(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at) & 0xffff;
    }

    static int bits32(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static long bits64(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static void put64(byte[] bytes, int at, long bits) {
        LONG.set(bytes, at, bits);
    }

    /** Eight scales, (code − less)·factor. */
    static void eightScales(byte[] codes, int at, int less, float factor, float[] scales, int to) {
        ByteVector eight = ByteVector.fromArray(B8, codes, at).sub((byte) less);
        ((FloatVector) eight.castShape(F, 0)).mul(factor).intoArray(scales, to);
        if (!WIDE) {
            ((FloatVector) eight.castShape(F, 1)).mul(factor).intoArray(scales, to + 4);
        }
    }

    /**
     * The four codes of two bits in each of 64 bytes, less a number: byte 32h + i holds elements 128h + i, + 32, + 64,
     * + 96 from the lowest bits up.
     */
    static void twoBits(byte[] block, int at, int less, byte[] codes, int to) {
        ByteVector minus = ByteVector.broadcast(B, -less);
        for (int i = 0; i < 64; i += STEP) {
            ByteVector fours = ByteVector.fromArray(B, block, at + i);
            int out = to + i / 32 * 128 + i % 32;
            fours.and((byte) 3).add(minus).intoArray(codes, out);
            ByteVector shifted = fours.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 2)
                    .reinterpretAsBytes();
            shifted.and((byte) 3).add(minus).intoArray(codes, out + 32);
            shifted = fours.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes();
            shifted.and((byte) 3).add(minus).intoArray(codes, out + 64);
            shifted = fours.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 6)
                    .reinterpretAsBytes();
            shifted.and((byte) 3).add(minus).intoArray(codes, out + 96);
        }
    }
}
