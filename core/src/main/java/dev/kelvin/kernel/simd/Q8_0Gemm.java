// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Y = X·Wᵀ with W of type Q8_0, in the order of the dot product with decoded weights. A decoded weight q·d has at most
 * 18 significant bits, so decoding rounds nothing.
 *
 * <p>A single row of X meets the bytes as they come from memory, and so do a few with vectors of 16; for more, W is
 * decoded once into a panel.
 *
 * <p>There is no vector of four bytes: vectors of four floats take first one half of eight bytes, then the other.
 */
final class Q8_0Gemm extends Gemm {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);

    /** As many bytes as there are floats in a vector, but eight at least. */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, COUNT * Byte.SIZE)));

    /** Lanes that a pass over a row adds up: of narrow vectors two at once, so that those of eight read it once. */
    private static final int TURN = Math.min(LANES, 2 * COUNT);

    /** Which part of the bytes the second vector of a turn takes: those of eight have bytes of their own. */
    private static final int SECOND = B.length() / COUNT - 1;

    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = 34;
    private static final int CODES = 2;

    /** Rows of W that share the loads of x. More of them make a method that C2 no longer inlines its vectors into. */
    private static final int ROWS = 2;

    /**
     * So many rows of X are few: a tile decodes W again for each four of them, but waits for memory while it
     * multiplies.
     */
    private static final int FEW_ROWS = 12;

    private final float[] sums = new float[Q8_0Row.ROWS * LANES];
    private MappedTensor w;
    private boolean few;

    void run(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        if (x.rows() == 1) {
            int begin = COUNT == LANES ? fours(x, w.segment(), y, rowBegin, rowEnd) : rowBegin;
            row(x, w.segment(), y, begin, rowEnd);
        } else {
            this.w = w;
            few = COUNT == LANES && x.rows() <= FEW_ROWS;
            multiply(x, y, rowBegin, rowEnd);
            this.w = null;
        }
    }

    /** The four rows of a tile lie a quarter of the range apart, as below; returns the first row that is left. */
    private int fours(HeapTensor x, MemorySegment w, HeapTensor y, int rowBegin, int rowEnd) {
        int blocks = x.columns() / BLOCK;
        long rowBytes = (long) blocks * BLOCK_BYTES;
        int quarter = (rowEnd - rowBegin) / Q8_0Row.ROWS;
        for (int n = rowBegin; n < rowBegin + quarter; n++) {
            Q8_0Row.tile(x.data(), x.offset(), w, n * rowBytes, quarter * rowBytes, blocks, sums);
            for (int i = 0; i < Q8_0Row.ROWS; i++) {
                y.data()[y.offset() + n + i * quarter] = fold(sums, i * LANES);
            }
        }
        return rowBegin + Q8_0Row.ROWS * quarter;
    }

    /** The two rows of a tile lie half the range apart, so that each is a stream that no tile interrupts. */
    private void row(HeapTensor x, MemorySegment w, HeapTensor y, int rowBegin, int rowEnd) {
        int blocks = x.columns() / BLOCK;
        long rowBytes = (long) blocks * BLOCK_BYTES;
        int half = (rowEnd - rowBegin) / ROWS;
        for (int n = rowBegin; n < rowBegin + half; n++) {
            tile1x2(x.data(), x.offset(), w, n * rowBytes, (n + half) * rowBytes, blocks);
            y.data()[y.offset() + n] = fold(sums, 0);
            y.data()[y.offset() + n + half] = fold(sums, LANES);
        }
        for (int n = rowBegin + ROWS * half; n < rowEnd; n++) {
            tile1x1(x.data(), x.offset(), w, n * rowBytes, blocks);
            y.data()[y.offset() + n] = fold(sums, 0);
        }
    }

    private void tile1x2(float[] x, int xOffset, MemorySegment w, long w0, long w1, int blocks) {
        for (int group = 0; group < LANES; group += TURN) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = FloatVector.zero(F);
            FloatVector t0 = FloatVector.zero(F);
            FloatVector t1 = FloatVector.zero(F);
            int lowCodes = CODES + group;
            int highCodes = CODES + LANES + group;
            for (int block = 0; block < blocks; block++) {
                int k = xOffset + block * BLOCK + group;
                FloatVector low = FloatVector.fromArray(F, x, k);
                FloatVector high = FloatVector.fromArray(F, x, k + LANES);
                long at = (long) BLOCK_BYTES * block;
                float d0 = Float.float16ToFloat(w.get(HALF, w0 + at));
                float d1 = Float.float16ToFloat(w.get(HALF, w1 + at));
                ByteVector low0 = ByteVector.fromMemorySegment(B, w, w0 + at + lowCodes, ORDER);
                ByteVector high0 = ByteVector.fromMemorySegment(B, w, w0 + at + highCodes, ORDER);
                ByteVector low1 = ByteVector.fromMemorySegment(B, w, w1 + at + lowCodes, ORDER);
                ByteVector high1 = ByteVector.fromMemorySegment(B, w, w1 + at + highCodes, ORDER);
                s0 = low.fma(((FloatVector) low0.castShape(F, 0)).mul(d0), s0);
                s0 = high.fma(((FloatVector) high0.castShape(F, 0)).mul(d0), s0);
                s1 = low.fma(((FloatVector) low1.castShape(F, 0)).mul(d1), s1);
                s1 = high.fma(((FloatVector) high1.castShape(F, 0)).mul(d1), s1);
                if (COUNT < LANES) {
                    low = FloatVector.fromArray(F, x, k + COUNT);
                    high = FloatVector.fromArray(F, x, k + COUNT + LANES);
                    if (COUNT == B.length()) {
                        low0 = ByteVector.fromMemorySegment(B, w, w0 + at + lowCodes + COUNT, ORDER);
                        high0 = ByteVector.fromMemorySegment(B, w, w0 + at + highCodes + COUNT, ORDER);
                        low1 = ByteVector.fromMemorySegment(B, w, w1 + at + lowCodes + COUNT, ORDER);
                        high1 = ByteVector.fromMemorySegment(B, w, w1 + at + highCodes + COUNT, ORDER);
                    }
                    t0 = low.fma(((FloatVector) low0.castShape(F, SECOND)).mul(d0), t0);
                    t0 = high.fma(((FloatVector) high0.castShape(F, SECOND)).mul(d0), t0);
                    t1 = low.fma(((FloatVector) low1.castShape(F, SECOND)).mul(d1), t1);
                    t1 = high.fma(((FloatVector) high1.castShape(F, SECOND)).mul(d1), t1);
                }
            }
            s0.intoArray(sums, group);
            s1.intoArray(sums, LANES + group);
            if (COUNT < LANES) {
                t0.intoArray(sums, group + COUNT);
                t1.intoArray(sums, LANES + group + COUNT);
            }
        }
    }

    private void tile1x1(float[] x, int xOffset, MemorySegment w, long byteOffset, int blocks) {
        for (int group = 0; group < LANES; group += B.length()) {
            FloatVector s = FloatVector.zero(F);
            FloatVector t = FloatVector.zero(F);
            long at = byteOffset + CODES + group;
            for (int block = 0; block < blocks; block++) {
                int k = xOffset + block * BLOCK + group;
                float d = Float.float16ToFloat(w.get(HALF, at - CODES - group));
                ByteVector low = ByteVector.fromMemorySegment(B, w, at, ORDER);
                ByteVector high = ByteVector.fromMemorySegment(B, w, at + LANES, ORDER);
                s = FloatVector.fromArray(F, x, k).fma(((FloatVector) low.castShape(F, 0)).mul(d), s);
                s = FloatVector.fromArray(F, x, k + LANES).fma(((FloatVector) high.castShape(F, 0)).mul(d), s);
                if (COUNT < B.length()) {
                    FloatVector xk = FloatVector.fromArray(F, x, k + COUNT);
                    t = xk.fma(((FloatVector) low.castShape(F, 1)).mul(d), t);
                    xk = FloatVector.fromArray(F, x, k + COUNT + LANES);
                    t = xk.fma(((FloatVector) high.castShape(F, 1)).mul(d), t);
                }
                at += BLOCK_BYTES;
            }
            s.intoArray(sums, group);
            if (COUNT < B.length()) {
                t.intoArray(sums, group + COUNT);
            }
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
        return few;
    }

    @Override
    void copyRow(int n, float[] to, int offset) {
        MemorySegment segment = w.segment();
        int blocks = w.columns() / BLOCK;
        long row = (long) n * blocks * BLOCK_BYTES;
        for (int block = 0; block < blocks; block++) {
            long at = row + (long) BLOCK_BYTES * block;
            float d = Float.float16ToFloat(segment.get(HALF, at));
            for (int i = 0; i < BLOCK; i += B.length()) {
                ByteVector codes = ByteVector.fromMemorySegment(B, segment, at + CODES + i, ORDER);
                int first = offset + block * BLOCK + i;
                ((FloatVector) codes.castShape(F, 0)).mul(d).intoArray(to, first);
                if (COUNT < B.length()) {
                    ((FloatVector) codes.castShape(F, 1)).mul(d).intoArray(to, first + COUNT);
                }
            }
        }
    }

    /** Decodes to where {@link SlicedTile#pack} would bring rows: a panel of floats passes through the caches once. */
    @Override
    void packSlices(int n, int width, int padded, float[] to) {
        int steps = padded / LANES;
        int blocks = padded / BLOCK;
        for (int j = 0; j < width; j++) {
            long row = (long) (n + j) * blocks * BLOCK_BYTES;
            decode(w.segment(), row, blocks, to, SlicedTile.rowOffset(j, steps), SlicedTile.slice(steps));
        }
    }

    private static void decode(MemorySegment w, long row, int blocks, float[] to, int offset, int slice) {
        int other = B.length() / COUNT * slice;
        for (int block = 0; block < blocks; block++) {
            long at = row + (long) BLOCK_BYTES * block;
            int first = offset + 2 * SlicedTile.STEP * block;
            int second = first + SlicedTile.STEP;
            float d = Float.float16ToFloat(w.get(HALF, at));
            ByteVector a = ByteVector.fromMemorySegment(B, w, at + CODES, ORDER);
            ByteVector b = ByteVector.fromMemorySegment(B, w, at + CODES + 8, ORDER);
            ByteVector c = ByteVector.fromMemorySegment(B, w, at + CODES + 16, ORDER);
            ByteVector e = ByteVector.fromMemorySegment(B, w, at + CODES + 24, ORDER);
            ((FloatVector) a.castShape(F, 0)).mul(d).intoArray(to, first);
            ((FloatVector) b.castShape(F, 0)).mul(d).intoArray(to, first + other);
            ((FloatVector) c.castShape(F, 0)).mul(d).intoArray(to, second);
            ((FloatVector) e.castShape(F, 0)).mul(d).intoArray(to, second + other);
            if (COUNT < B.length()) {
                ((FloatVector) a.castShape(F, 1)).mul(d).intoArray(to, first + slice);
                ((FloatVector) b.castShape(F, 1)).mul(d).intoArray(to, first + other + slice);
                ((FloatVector) c.castShape(F, 1)).mul(d).intoArray(to, second + slice);
                ((FloatVector) e.castShape(F, 1)).mul(d).intoArray(to, second + other + slice);
            }
        }
    }

    @Override
    int panel(float[] x, int x0, int n, int width, int apart, float[] quads, int ahead, int spread, int step) {
        long rowBytes = (long) inner / BLOCK * BLOCK_BYTES;
        long stride = apart * rowBytes;
        long w0 = n * rowBytes;
        long last = w0 + (width - 1) * stride;
        int steps = inner / LANES;
        Q8_0Tile.tile4x6(x, x0, w.segment(), w0, stride, last, steps, quads, 0);
        if (width > 6) {
            Q8_0Tile.tile4x6(x, x0, w.segment(), w0 + 6 * stride, stride, last, steps, quads, 6 * COUNT);
        }
        return 0;
    }
}
