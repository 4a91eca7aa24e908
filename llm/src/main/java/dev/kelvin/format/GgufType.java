// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

/**
 * The types of GGUF metadata values, in the order of their ids.
 *
 * <p>A value is kept in the smallest Java type that holds every value of its GGUF type: {@code INT8} as byte,
 * {@code UINT8} and {@code INT16} as short, {@code UINT16} and {@code INT32} as int, {@code UINT32} and {@code INT64}
 * as long; {@code UINT64} as long, or as {@link java.math.BigInteger} where a value of 2^63 or more occurs. Arrays are
 * primitive arrays of the same types, {@code String[]}, {@code BigInteger[]}, or {@code Object[]} of arrays.
 *
 * <p>Source: the GGUF specification, docs/gguf.md of ggml, {@code gguf_metadata_value_type}.
 */
public enum GgufType {
    /** 8 bits, unsigned. */
    UINT8(0, 1),
    /** 8 bits, signed. */
    INT8(1, 1),
    /** 16 bits, unsigned. */
    UINT16(2, 2),
    /** 16 bits, signed. */
    INT16(3, 2),
    /** 32 bits, unsigned. */
    UINT32(4, 4),
    /** 32 bits, signed. */
    INT32(5, 4),
    /** IEEE binary32. */
    FLOAT32(6, 4),
    /** One byte, 0 or 1. */
    BOOL(7, 1),
    /** A length in bytes (64 bits), then that many bytes of UTF-8. */
    STRING(8, 8),
    /** An element type (32 bits), a count (64 bits), then the elements. */
    ARRAY(9, 12),
    /** 64 bits, unsigned. */
    UINT64(10, 8),
    /** 64 bits, signed. */
    INT64(11, 8),
    /** IEEE binary64. */
    FLOAT64(12, 8);

    private static final GgufType[] BY_ID = values();

    private final int id;
    private final int smallestBytes;

    GgufType(int id, int smallestBytes) {
        this.id = id;
        this.smallestBytes = smallestBytes;
    }

    /** The number that stands for this type in a file. */
    public int id() {
        return id;
    }

    /** The bytes that a value takes at least; for all but strings and arrays, exactly. */
    int smallestBytes() {
        return smallestBytes;
    }

    /** The type with this id, or null if there is none. */
    static GgufType ofId(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }
}
