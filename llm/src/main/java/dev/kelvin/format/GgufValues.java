// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.IOException;
import java.math.BigInteger;

/** Reads metadata values into the Java types that {@link GgufType} describes. */
final class GgufValues {
    /** Four times the pieces and merges of the largest vocabularies of today. */
    private static final int MOST_TEXTS = 1 << 22;

    /** What an array, and a number beyond a long, take of the heap beside the reference to them. */
    private static final int OBJECT_HEAP_BYTES = 72;

    private GgufValues() {}

    /** Reads the value whose type has just been read. */
    static GgufMetadata.Entry readEntry(GgufCursor cursor, String item, GgufType type) throws IOException {
        long start = cursor.position();
        if (type != GgufType.ARRAY) {
            Object value = readScalar(cursor, item, type);
            return new GgufMetadata.Entry(type, null, value, start, cursor.position());
        }
        GgufType elementType = GgufHeader.readType(cursor, item);
        Object value = readElements(cursor, item, elementType, 1);
        return new GgufMetadata.Entry(type, elementType, value, start, cursor.position());
    }

    private static Object readScalar(GgufCursor cursor, String item, GgufType type) throws IOException {
        return switch (type) {
            case UINT8 -> (short) (cursor.readByte(item) & 0xff);
            case INT8 -> cursor.readByte(item);
            case UINT16 -> cursor.readShort(item) & 0xffff;
            case INT16 -> cursor.readShort(item);
            case UINT32 -> cursor.readInt(item) & 0xffff_ffffL;
            case INT32 -> cursor.readInt(item);
            case FLOAT32 -> Float.intBitsToFloat(cursor.readInt(item));
            case BOOL -> readBoolean(cursor, item);
            case STRING -> cursor.readText(item);
            case UINT64 -> {
                long bits = cursor.readLong(item);
                yield bits >= 0 ? (Object) bits : unsigned(bits);
            }
            case INT64 -> cursor.readLong(item);
            case FLOAT64 -> Double.longBitsToDouble(cursor.readLong(item));
            case ARRAY -> throw new AssertionError("arrays are read by readElements");
        };
    }

    /** Reads count and elements of an array that is {@code depth} arrays deep. */
    private static Object readElements(GgufCursor cursor, String item, GgufType type, int depth) throws IOException {
        long start = cursor.position();
        if (depth > GgufHeader.DEEPEST_ARRAY) {
            throw cursor.bad(
                    item, start, "arrays nested at most " + GgufHeader.DEEPEST_ARRAY + " deep", "a deeper one");
        }
        long claimed = cursor.readLong(item);
        if (claimed < 0) {
            throw cursor.bad(item, start, "a count of elements below 2^63", Long.toUnsignedString(claimed));
        }
        cursor.require(claimed, type.smallestBytes(), item);
        if (type == GgufType.STRING && claimed > MOST_TEXTS) {
            throw cursor.bad(item, start, "at most " + MOST_TEXTS + " texts", Long.toString(claimed));
        }
        // What remains is at most GgufCursor.LONGEST_HEADER, so the count now fits an int.
        int count = Math.toIntExact(claimed);
        cursor.charge(OBJECT_HEAP_BYTES + count * (long) heapBytes(type), item);
        return switch (type) {
            case INT8 -> {
                byte[] array = new byte[count];
                for (int i = 0; i < count; i++) {
                    array[i] = cursor.readByte(item);
                }
                yield array;
            }
            case UINT8 -> {
                short[] array = new short[count];
                for (int i = 0; i < count; i++) {
                    array[i] = (short) (cursor.readByte(item) & 0xff);
                }
                yield array;
            }
            case INT16 -> {
                short[] array = new short[count];
                for (int i = 0; i < count; i++) {
                    array[i] = cursor.readShort(item);
                }
                yield array;
            }
            case UINT16 -> {
                int[] array = new int[count];
                for (int i = 0; i < count; i++) {
                    array[i] = cursor.readShort(item) & 0xffff;
                }
                yield array;
            }
            case INT32 -> {
                int[] array = new int[count];
                for (int i = 0; i < count; i++) {
                    array[i] = cursor.readInt(item);
                }
                yield array;
            }
            case UINT32 -> {
                long[] array = new long[count];
                for (int i = 0; i < count; i++) {
                    array[i] = cursor.readInt(item) & 0xffff_ffffL;
                }
                yield array;
            }
            case INT64, UINT64 -> readLongs(cursor, item, count, type == GgufType.UINT64);
            case FLOAT32 -> {
                float[] array = new float[count];
                for (int i = 0; i < count; i++) {
                    array[i] = Float.intBitsToFloat(cursor.readInt(item));
                }
                yield array;
            }
            case FLOAT64 -> {
                double[] array = new double[count];
                for (int i = 0; i < count; i++) {
                    array[i] = Double.longBitsToDouble(cursor.readLong(item));
                }
                yield array;
            }
            case BOOL -> {
                boolean[] array = new boolean[count];
                for (int i = 0; i < count; i++) {
                    array[i] = readBoolean(cursor, item);
                }
                yield array;
            }
            case STRING -> {
                String[] array = new String[count];
                for (int i = 0; i < count; i++) {
                    array[i] = cursor.readText(item);
                }
                yield array;
            }
            case ARRAY -> {
                Object[] array = new Object[count];
                for (int i = 0; i < count; i++) {
                    GgufType elementType = GgufHeader.readType(cursor, item);
                    array[i] = readElements(cursor, item, elementType, depth + 1);
                }
                yield array;
            }
        };
    }

    /** What an element takes in an array. */
    private static int heapBytes(GgufType type) {
        return switch (type) {
            case INT8, BOOL -> Byte.BYTES;
            case UINT8, INT16 -> Short.BYTES;
            case UINT16, INT32, FLOAT32, STRING, ARRAY -> Integer.BYTES;
            case UINT32, INT64, UINT64, FLOAT64 -> Long.BYTES;
        };
    }

    private static Object readLongs(GgufCursor cursor, String item, int count, boolean unsigned) throws IOException {
        long[] array = new long[count];
        long signs = 0;
        for (int i = 0; i < count; i++) {
            array[i] = cursor.readLong(item);
            signs |= array[i];
        }
        if (!unsigned || signs >= 0) {
            return array;
        }
        cursor.charge(OBJECT_HEAP_BYTES * (long) count, item);
        BigInteger[] wide = new BigInteger[count];
        for (int i = 0; i < count; i++) {
            wide[i] = unsigned(array[i]);
        }
        return wide;
    }

    private static boolean readBoolean(GgufCursor cursor, String item) throws IOException {
        byte octet = cursor.readByte(item);
        if (octet != 0 && octet != 1) {
            throw cursor.bad(item, cursor.position() - 1, "a BOOL, 0 or 1", Integer.toString(octet & 0xff));
        }
        return octet == 1;
    }

    private static BigInteger unsigned(long bits) {
        BigInteger value = BigInteger.valueOf(bits);
        return bits >= 0 ? value : value.add(BigInteger.ONE.shiftLeft(Long.SIZE));
    }
}
