// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * How a weight type keeps numbers: blocks of equally many elements and bytes, little-endian, one after the other.
 *
 * <p>Decoding is exact, rounded once to f32 where the exact value has more bits. Every pattern of bits decodes: a scale
 * that is NaN or infinite gives numbers that are, and nothing throws. Instances have no state, and any thread may use
 * them. There is one a type, at {@link DType#format()}; its file is all that a new type needs to be computed with.
 *
 * <p>Source of all layouts: {@code ggml-common.h} and {@code ggml-quants.c} of ggml-org/ggml.
 */
public abstract class BlockFormat {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** The largest finite f16, and so the largest scale of the types that have such scales. */
    static final float LARGEST_HALF = 65504;

    private final int blockSize;
    private final int blockBytes;
    private final float largest;

    BlockFormat(int blockSize, int blockBytes, float largest) {
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.largest = largest;
    }

    /** Elements in a block; 1 for the plain types. */
    public final int blockSize() {
        return blockSize;
    }

    /** Bytes in a block. */
    public final int blockBytes() {
        return blockBytes;
    }

    /**
     * The largest magnitude that is kept in any company. A larger one comes out as this or, of the plain types, as an
     * infinity.
     */
    public final float largest() {
        return largest;
    }

    /** Whether numbers can be encoded; those of some types, made with other programs, are only decoded. */
    public boolean isEncodable() {
        return true;
    }

    /**
     * Decodes whole blocks.
     *
     * @param blocks holds the bytes
     * @param byteOffset the first byte of the first block
     * @param values receives the elements
     * @param offset where the first element goes
     * @param count the number of elements, a multiple of the block size
     */
    public void decode(byte[] blocks, int byteOffset, float[] values, int offset, int count) {
        int at = byteOffset;
        for (int done = 0; done < count; done += blockSize) {
            decodeBlock(blocks, at, values, offset + done);
            at += blockBytes;
        }
    }

    /**
     * Encodes whole blocks: each number to within half a step, the scales chosen for the least squared error. NaN is
     * encoded as 0, and what is beyond {@link #largest} as that, so that neither spoils its block; the same numbers
     * give the same bytes, always. The plain types round each number by itself: NaN stays NaN, the quiet one of its
     * type in F16, and infinities stay infinite.
     *
     * @param values holds the elements
     * @param offset the first element
     * @param blocks receives the bytes
     * @param byteOffset where the first byte goes
     * @param count the number of elements, a multiple of the block size
     * @throws IllegalArgumentException if the type is not {@linkplain #isEncodable() encodable}
     */
    public void encode(float[] values, int offset, byte[] blocks, int byteOffset, int count) {
        int at = byteOffset;
        for (int done = 0; done < count; done += blockSize) {
            int from = offset + done;
            if (fits(values, from)) {
                encodeBlock(values, from, blocks, at);
            } else {
                encodeBlock(fitting(values, from), 0, blocks, at);
            }
            at += blockBytes;
        }
    }

    /** Whether a block has no NaN and nothing beyond the largest. */
    private boolean fits(float[] values, int offset) {
        boolean fits = true;
        for (int i = offset; i < offset + blockSize; i++) {
            fits &= Math.abs(values[i]) <= largest;
        }
        return fits;
    }

    /** A copy of a block in which NaN is 0, and what is too large the largest. */
    private float[] fitting(float[] values, int offset) {
        float[] fitting = new float[blockSize];
        for (int i = 0; i < blockSize; i++) {
            float value = values[offset + i];
            fitting[i] = Float.isNaN(value) ? 0 : Math.clamp(value, -largest, largest);
        }
        return fitting;
    }

    /** Decodes the block that begins at byte {@code at} to {@code values} from {@code offset} on. */
    abstract void decodeBlock(byte[] block, int at, float[] values, int offset);

    /** Encodes the elements from {@code offset} on to the block that begins at byte {@code at}. */
    abstract void encodeBlock(float[] values, int offset, byte[] block, int at);

    /** The f16 at a byte. */
    static float half(byte[] block, int at) {
        return Float.float16ToFloat(bits16(block, at));
    }

    /** The two bytes from {@code at} on. */
    static short bits16(byte[] block, int at) {
        return (short) SHORT.get(block, at);
    }

    /** The four bytes from {@code at} on. */
    static int bits32(byte[] block, int at) {
        return (int) INT.get(block, at);
    }

    /**
     * Writes a scale as an f16, its magnitude rounded up, so that what the scale reached it still reaches.
     *
     * @return the f16 as it decodes, finite for every number
     */
    static float putScale(byte[] block, int at, float scale) {
        short bits = Float.floatToFloat16(Math.clamp(scale, -LARGEST_HALF, LARGEST_HALF));
        if (Math.abs(Float.float16ToFloat(bits)) < Math.min(Math.abs(scale), LARGEST_HALF)) {
            bits++;
        }
        SHORT.set(block, at, bits);
        return Float.float16ToFloat(bits);
    }

    /** Writes the finite f16 nearest to a number, and returns it. */
    static float putHalf(byte[] block, int at, float value) {
        short bits = Float.floatToFloat16(Math.clamp(value, -LARGEST_HALF, LARGEST_HALF));
        SHORT.set(block, at, bits);
        return Float.float16ToFloat(bits);
    }

    static void put16(byte[] block, int at, short bits) {
        SHORT.set(block, at, bits);
    }

    static void put32(byte[] block, int at, int bits) {
        INT.set(block, at, bits);
    }
}
