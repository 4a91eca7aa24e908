// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Elements of plain types from a memory segment, little-endian, aligned or not. */
final class ElementReader {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private ElementReader() {}

    static boolean reads(DType type) {
        return type == DType.F32 || type == DType.F16 || type == DType.BF16 || type == DType.I8;
    }

    static void check(String operation, String name, DType type, MemorySegment segment, long offset, int length) {
        long available = segment.byteSize() / type.blockBytes();
        if (offset < 0 || length < 0 || length > available - offset) {
            throw new IllegalArgumentException(operation + ": " + name + " has " + available + " elements of " + type
                    + ", not " + length + " from " + offset + " on");
        }
    }

    static void bytes(MemorySegment from, long offset, byte[] to, int count) {
        MemorySegment.copy(from, ValueLayout.JAVA_BYTE, offset, to, 0, count);
    }

    static void floats(DType type, MemorySegment from, long offset, float[] to, int count) {
        switch (type) {
            case F32 -> MemorySegment.copy(from, FLOAT, Float.BYTES * offset, to, 0, count);
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    to[i] = Float.float16ToFloat(from.get(SHORT, Short.BYTES * (offset + i)));
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    to[i] = Float.intBitsToFloat(from.get(SHORT, Short.BYTES * (offset + i)) << Short.SIZE);
                }
            }
        }
    }
}
