// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.lang.foreign.MemorySegment;

/**
 * Decodes rows of mapped tensors. The bytes go through an array that stays in the first-level cache: a format's loops
 * then meet one kind of storage only. For one thread at a time.
 */
public final class RowDecoder {
    /** Elements that are decoded together; whole blocks of every type. */
    private static final int PIECE = 4096;

    private final byte[] bytes = new byte[PIECE * Float.BYTES];
    private final MemorySegment piece = MemorySegment.ofArray(bytes);

    /** A decoder. */
    public RowDecoder() {}

    /**
     * Decodes one row.
     *
     * @param tensor of a type that {@linkplain DType#isDecodable() can be decoded}
     * @param row in [0, tensor.rows())
     * @param values receives the row
     * @param offset where its first element goes
     */
    public void decode(MappedTensor tensor, int row, float[] values, int offset) {
        MemorySegment segment = tensor.segment();
        BlockFormat format = tensor.dtype().format();
        int columns = tensor.columns();
        long byteOffset = tensor.dtype().byteSize(columns) * row;
        for (int done = 0; done < columns; done += PIECE) {
            int count = Math.min(PIECE, columns - done);
            int length = count / format.blockSize() * format.blockBytes();
            MemorySegment.copy(segment, byteOffset, piece, 0, length);
            format.decode(bytes, 0, values, offset + done, count);
            byteOffset += length;
        }
    }
}
