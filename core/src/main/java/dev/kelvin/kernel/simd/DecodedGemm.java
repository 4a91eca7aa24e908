// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.RowDecoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Y = X·Wᵀ for weight types that have no tiles of their own, in the order of the dot product with decoded weights.
 *
 * <p>For many rows of X, a panel of W is decoded to scratch, and all rows of a block of X meet it there. A single row
 * meets the weights of four rows of W as they are decoded, piece by piece, none of which leaves the first-level cache.
 * Bytes are copied to an array first: the loops of a type then meet one kind of storage, and four rows of W come from
 * memory as one stream.
 */
final class DecodedGemm extends Gemm {
    private static final int ROWS = BlockCodes.ROWS;
    private static final int PIECE = BlockCodes.PIECE;

    private final HeapGemv gemv = new HeapGemv();
    private final RowDecoder decoder = new RowDecoder();
    private final BlockCodes codes = new BlockCodes();
    private final float[] sums = new float[ROWS * LANES];
    private byte[] bytes = new byte[0];
    private float[] row = new float[0];
    private MappedTensor w;
    private boolean unpacked;

    void run(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        this.w = w;
        unpacked = BlockCodes.isSupported(w.dtype());
        if (unpacked) {
            codes.begin(w.dtype());
        }
        if (x.rows() != 1) {
            multiply(x, y, rowBegin, rowEnd);
        } else if (unpacked) {
            multiplyUnpacked(x, y, rowBegin, rowEnd);
        } else {
            multiplyRow(x, y, rowBegin, rowEnd);
        }
        this.w = null;
    }

    private void multiplyUnpacked(HeapTensor x, HeapTensor y, int rowBegin, int rowEnd) {
        DType type = w.dtype();
        int columns = x.columns();
        int rowBytes = Math.toIntExact(type.byteSize(columns));
        int pieceBytes = Math.toIntExact(type.byteSize(PIECE));
        int group = codes.group();
        for (int n = rowBegin; n < rowEnd; n += ROWS) {
            int count = Math.min(ROWS, rowEnd - n);
            copyBytes(n, count, rowBytes);
            Arrays.fill(sums, 0);
            for (int k = 0, at = 0; k < columns; k += PIECE, at += pieceBytes) {
                int weights = Math.min(PIECE, columns - k);
                for (int i = 0; i < count; i++) {
                    codes.unpack(bytes, i * rowBytes + at, weights, i);
                }
                // Of a last tile with fewer rows, the others hold what was there before; their sums go nowhere.
                if (group == 16) {
                    CodeLanes.dot16(x.data(), x.offset() + k, codes, sums, weights / 16);
                } else {
                    CodeLanes.dot32(x.data(), x.offset() + k, codes, sums, weights / 32);
                }
            }
            for (int i = 0; i < count; i++) {
                y.data()[y.offset() + n + i] = fold(sums, i * LANES);
            }
        }
    }

    private void multiplyRow(HeapTensor x, HeapTensor y, int rowBegin, int rowEnd) {
        int columns = x.columns();
        if (row.length < columns) {
            row = new float[columns];
        }
        for (int n = rowBegin; n < rowEnd; n++) {
            copyRow(n, row, 0);
            y.data()[y.offset() + n] = gemv.dot(x.data(), x.offset(), row, 0, columns);
        }
    }

    /** W is decoded in any case, and by slices no slower than as rows. */
    @Override
    int slicedRows() {
        return 2;
    }

    /** More rows than fit the second-level cache: reading X from the third costs less than decoding W again. */
    @Override
    int blockFloats() {
        return 1 << 20;
    }

    @Override
    boolean inPlace() {
        return false;
    }

    @Override
    void copyRow(int n, float[] to, int offset) {
        DType type = w.dtype();
        int columns = w.columns();
        if (type == DType.BF16) {
            copyBytes(n, 1, Short.BYTES * columns);
            CodeLanes.decodeBf16(bytes, to, offset, columns);
            return;
        }
        if (!unpacked) {
            // F16: C2 makes vectors of the plain loop.
            decoder.decode(w, n, to, offset);
            return;
        }
        int pieceBytes = Math.toIntExact(type.byteSize(PIECE));
        copyBytes(n, 1, Math.toIntExact(type.byteSize(columns)));
        for (int k = 0, at = 0; k < columns; k += PIECE, at += pieceBytes) {
            int weights = Math.min(PIECE, columns - k);
            codes.unpack(bytes, at, weights, 0);
            if (codes.group() == 16) {
                CodeLanes.decode16(codes, to, offset + k, weights / 16);
            } else {
                CodeLanes.decode32(codes, to, offset + k, weights / 32);
            }
        }
    }

    private void copyBytes(int n, int count, int rowBytes) {
        int length = Math.multiplyExact(count, rowBytes);
        if (bytes.length < length) {
            bytes = new byte[length];
        }
        MemorySegment.copy(w.segment(), ValueLayout.JAVA_BYTE, (long) n * rowBytes, bytes, 0, length);
    }

    @Override
    int panel(float[] x, int x0, int n, int width, int apart, float[] quads, int ahead, int spread, int step) {
        throw new AssertionError("weights of type " + w.dtype() + " are not multiplied in place");
    }
}
