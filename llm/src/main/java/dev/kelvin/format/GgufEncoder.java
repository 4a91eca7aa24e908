// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.Array;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Encodes what stands before the tensors' bytes in a GGUF file, little-endian. */
final class GgufEncoder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Type and value, the type chosen as {@link GgufWriter#metadata(String, Object)} describes. */
    static byte[] encode(String key, Object value) {
        if (value.getClass().isArray()) {
            return encodeArray(key, elementType(key, value), value);
        }
        return encode(key, scalarType(key, value), value);
    }

    /** Type and value of anything but an array. */
    static byte[] encode(String key, GgufType type, Object value) {
        checkName("metadata", "key", key);
        if (type == GgufType.ARRAY) {
            throw new IllegalArgumentException("metadata: key " + key + " has type ARRAY; use array() for it");
        }
        GgufEncoder encoder = new GgufEncoder();
        encoder.putInt(type.id());
        encoder.putValue(key, type, value);
        return encoder.toByteArray();
    }

    /** Type and value of an array. */
    static byte[] encodeArray(String key, GgufType elementType, Object array) {
        checkName("metadata", "key", key);
        GgufEncoder encoder = new GgufEncoder();
        encoder.putInt(GgufType.ARRAY.id());
        encoder.putElements(key, elementType, array, 1);
        return encoder.toByteArray();
    }

    /** Throws unless the reader would take this name. */
    static void checkName(String operation, String parameter, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > GgufHeader.LONGEST_NAME) {
            throw new IllegalArgumentException(operation + ": " + parameter + " has " + bytes.length
                    + " bytes, must have 1 to " + GgufHeader.LONGEST_NAME);
        }
        if (!new String(bytes, StandardCharsets.UTF_8).equals(name)) {
            throw new IllegalArgumentException(
                    operation + ": " + parameter + " " + name + " has half a surrogate pair");
        }
    }

    void putInt(int value) {
        putLittleEndian(value, Integer.BYTES);
    }

    void putLong(long value) {
        putLittleEndian(value, Long.BYTES);
    }

    void putText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        putLong(bytes.length);
        putBytes(bytes);
    }

    void putBytes(byte[] bytes) {
        out.writeBytes(bytes);
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }

    private void putElements(String key, GgufType type, Object array, int depth) {
        if (!array.getClass().isArray()) {
            throw new IllegalArgumentException(
                    "metadata: key " + key + " is a " + array.getClass().getName() + ", must be an array");
        }
        if (depth > GgufHeader.DEEPEST_ARRAY) {
            throw new IllegalArgumentException(
                    "metadata: key " + key + " has arrays nested deeper than " + GgufHeader.DEEPEST_ARRAY);
        }
        int count = Array.getLength(array);
        putInt(type.id());
        putLong(count);
        for (int i = 0; i < count; i++) {
            Object element = Array.get(array, i);
            if (type == GgufType.ARRAY) {
                putElements(key, elementType(key, element), element, depth + 1);
            } else {
                putValue(key, type, element);
            }
        }
    }

    private void putValue(String key, GgufType type, Object value) {
        switch (type) {
            case UINT8 -> putLittleEndian(integer(key, type, value, 0, 0xff), Byte.BYTES);
            case INT8 -> putLittleEndian(integer(key, type, value, Byte.MIN_VALUE, Byte.MAX_VALUE), Byte.BYTES);
            case UINT16 -> putLittleEndian(integer(key, type, value, 0, 0xffff), Short.BYTES);
            case INT16 -> putLittleEndian(integer(key, type, value, Short.MIN_VALUE, Short.MAX_VALUE), Short.BYTES);
            case UINT32 -> putLittleEndian(integer(key, type, value, 0, 0xffff_ffffL), Integer.BYTES);
            case INT32 ->
                putLittleEndian(integer(key, type, value, Integer.MIN_VALUE, Integer.MAX_VALUE), Integer.BYTES);
            case INT64 -> putLong(integer(key, type, value, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT64 -> putLong(unsigned(key, value));
            case FLOAT32 ->
                putInt(Float.floatToRawIntBits(number(key, type, value).floatValue()));
            case FLOAT64 ->
                putLong(Double.doubleToRawLongBits(number(key, type, value).doubleValue()));
            case BOOL -> {
                if (!(value instanceof Boolean flag)) {
                    throw unfit(key, type, value);
                }
                putLittleEndian(flag ? 1 : 0, Byte.BYTES);
            }
            case STRING -> {
                if (!(value instanceof String text)) {
                    throw unfit(key, type, value);
                }
                putText(text);
            }
            case ARRAY -> throw unfit(key, type, value);
        }
    }

    private void putLittleEndian(long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >>> (i * Byte.SIZE)));
        }
    }

    /** The type that holds a value of this class. */
    static GgufType scalarType(String key, Object value) {
        return switch (value) {
            case Boolean _ -> GgufType.BOOL;
            case Byte _ -> GgufType.INT8;
            case Short _ -> GgufType.INT16;
            case Integer number -> number >= 0 ? GgufType.UINT32 : GgufType.INT32;
            case Long number -> number >= 0 ? GgufType.UINT64 : GgufType.INT64;
            case BigInteger _ -> GgufType.UINT64;
            case Float _ -> GgufType.FLOAT32;
            case Double _ -> GgufType.FLOAT64;
            case String _ -> GgufType.STRING;
            default ->
                throw new IllegalArgumentException(
                        "metadata: key " + key + " is a " + value.getClass().getName() + ", which no GGUF type holds");
        };
    }

    /** The type that holds the elements of an array of this class. */
    static GgufType elementType(String key, Object array) {
        return switch (array) {
            case byte[] _ -> GgufType.INT8;
            case short[] _ -> GgufType.INT16;
            case int[] _ -> GgufType.INT32;
            case long[] _ -> GgufType.INT64;
            case float[] _ -> GgufType.FLOAT32;
            case double[] _ -> GgufType.FLOAT64;
            case boolean[] _ -> GgufType.BOOL;
            case String[] _ -> GgufType.STRING;
            case BigInteger[] _ -> GgufType.UINT64;
            case Object[] _ -> GgufType.ARRAY;
            default ->
                throw new IllegalArgumentException("metadata: key " + key + " holds a "
                        + array.getClass().getName() + ", must be an array of arrays, numbers, booleans or strings");
        };
    }

    private static long integer(String key, GgufType type, Object value, long smallest, long largest) {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer || value instanceof Long) {
            long number = ((Number) value).longValue();
            if (number >= smallest && number <= largest) {
                return number;
            }
        }
        throw unfit(key, type, value);
    }

    private static long unsigned(String key, Object value) {
        if (value instanceof BigInteger number) {
            if (number.signum() >= 0 && number.bitLength() <= Long.SIZE) {
                return number.longValue();
            }
            throw unfit(key, GgufType.UINT64, value);
        }
        return integer(key, GgufType.UINT64, value, 0, Long.MAX_VALUE);
    }

    private static Number number(String key, GgufType type, Object value) {
        if (value instanceof Number number) {
            return number;
        }
        throw unfit(key, type, value);
    }

    private static IllegalArgumentException unfit(String key, GgufType type, Object value) {
        return new IllegalArgumentException("metadata: key " + key + " has the value " + value + " ("
                + value.getClass().getName() + "), which does not fit " + type);
    }
}
