// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Sums over vectors by hand, of every type and from offsets; the bits are those of VectorBitsTest. */
class VectorsTest {
    private static final float[] A = {9, 1, 2, 3};
    private static final float[] B = {4, 5, 6};

    @Test
    void byHand() {
        assertEquals(32, Vectors.dot(A, 1, B, 0, 3));
        assertEquals(77, Vectors.dot(B, B));
        assertEquals(27, Vectors.squaredDistance(A, 1, B, 0, 3));
        assertEquals(0, Vectors.squaredDistance(B, B));
        assertEquals((float) (32 / Math.sqrt(14 * 77)), Vectors.cosine(A, 1, B, 0, 3));
        assertEquals(1, Vectors.cosine(B, B));
        assertEquals(Float.NaN, Vectors.cosine(new float[2], new float[] {1, 2}));
        assertEquals(6, Vectors.sum(A, 1, 3));
        assertEquals(2, Vectors.mean(A, 1, 3));
        assertEquals(Float.NaN, Vectors.mean(A, 4, 0));
        assertEquals(6, Vectors.absoluteSum(new float[] {-1, 2, -3}, 0, 3));
        float[] y = {1, 1, 1};
        Vectors.axpy(2, A, 2, y, 1, 2);
        assertArrayEquals(new float[] {1, 5, 7}, y);
        Vectors.scale(3, y, 1, 1);
        assertArrayEquals(new float[] {1, 15, 7}, y);
        byte[] bytes = {-128, 127, 2};
        assertEquals(127 * 127 + 4, Vectors.dot(bytes, 1, bytes, 1, 2));
        assertEquals(255 * 255 + 125 * 125, Vectors.squaredDistance(bytes, 0, bytes, 1, 2));
        assertEquals(1, Vectors.cosine(bytes, 0, bytes, 0, 3));
    }

    @Test
    void normsNeitherOverflowNorUnderflow() {
        assertEquals(5, Vectors.norm(new float[] {9, 3, 4}, 1, 2));
        assertEquals(5e30f, Vectors.norm(new float[] {3e30f, -4e30f}), 1e24f);
        float tiny = 1000 * Float.MIN_VALUE;
        assertEquals(5 * tiny, Vectors.norm(new float[] {3 * tiny, -4 * tiny}));
        assertEquals(0, Vectors.norm(new float[0]));
        assertEquals(Float.POSITIVE_INFINITY, Vectors.norm(new float[] {1, Float.NEGATIVE_INFINITY}));
        assertEquals(Float.NaN, Vectors.norm(new float[] {1, Float.NaN}));
    }

    @Test
    void segments() {
        for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16, DType.I8}) {
            MemorySegment heap = MemorySegment.ofArray(new byte[5 * type.blockBytes()]);
            MemorySegment offHeap = Arena.ofAuto().allocate(5L * type.blockBytes());
            float[] values = {9, 1, 2, 3, -4};
            for (int i = 0; i < 5; i++) {
                for (MemorySegment segment : new MemorySegment[] {heap, offHeap}) {
                    switch (type) {
                        case F32 -> segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, values[i]);
                        case F16 ->
                            segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, Float.floatToFloat16(values[i]));
                        case BF16 ->
                            segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short)
                                    (Float.floatToRawIntBits(values[i]) >>> 16));
                        default -> segment.set(ValueLayout.JAVA_BYTE, i, (byte) values[i]);
                    }
                }
            }
            assertEquals(2 + 6 - 12, Vectors.dot(type, heap, 1, offHeap, 2, 3), type.name());
            assertEquals(1 + 1 + 49, Vectors.squaredDistance(type, heap, 1, offHeap, 2, 3), type.name());
            assertEquals((float) (-4 / Math.sqrt(14 * 29)), Vectors.cosine(type, heap, 1, offHeap, 2, 3), type.name());
        }
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void refusals() {
        refuses("dot: a has 4 elements and b 3", () -> Vectors.dot(A, B));
        refuses("dot: b has 3 elements, not 3 from 1 on", () -> Vectors.dot(A, 0, B, 1, 3));
        refuses("cosine: a has 4 elements, not 1 from -1 on", () -> Vectors.cosine(A, -1, B, 0, 1));
        refuses("axpy: x has 4 elements, not -1 from 0 on", () -> Vectors.axpy(1, A, 0, B, 0, -1));
        byte[] bytes = new byte[200_000];
        refuses(
                "dot: an int holds the sum of at most 131071 bytes, not 200000",
                () -> Vectors.dot(bytes, 0, bytes, 0, 200_000));
        refuses(
                "squaredDistance: an int holds the sum of at most 33025 bytes, not 40000",
                () -> Vectors.squaredDistance(bytes, 0, bytes, 0, 40_000));
        MemorySegment segment = MemorySegment.ofArray(new byte[8]);
        refuses(
                "dot: of type Q8_0, but F32, F16, BF16 or I8 is wanted",
                () -> Vectors.dot(DType.Q8_0, segment, 0, segment, 0, 1));
        refuses(
                "cosine: b has 4 elements of F16, not 2 from 3 on",
                () -> Vectors.cosine(DType.F16, segment, 0, segment, 3, 2));
    }
}
