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

    private final int blockSize;
    private final int blockBytes;

    BlockFormat(int blockSize, int blockBytes) {
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
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

    /** Decodes the block that begins at byte {@code at} to {@code values} from {@code offset} on. */
    abstract void decodeBlock(byte[] block, int at, float[] values, int offset);

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
}
