// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/**
 * Bits that are a pure function of an index and a key of 64 bits: masks of dropout and the choice of batches need many
 * of them, carry no state, and have to come out alike on lanes.
 *
 * <p>Two rounds of a 32-bit finaliser of xor-shifts and odd multiplications, each of them a bijection, so that the
 * indices of one key collide no more than chance would have it. Not for cryptography. Constants: C. Wellons,
 * "Prospecting for hash functions", 2018.
 */
public final class CounterHash {
    /** 2³²/φ, odd. */
    public static final int INDEX_MULTIPLIER = 0x9E3779B9;

    public static final int MULTIPLIER_1 = 0x21F0AAAD;
    public static final int MULTIPLIER_2 = 0xD35A2D97;
    public static final int SHIFT_1 = 16;
    public static final int SHIFT_2 = 15;

    private CounterHash() {}

    /**
     * 32 bits.
     *
     * @param index which of the key's values
     * @param key any number
     * @return the value
     */
    public static int bits(int index, long key) {
        return mix(mix(index * INDEX_MULTIPLIER + (int) key) ^ (int) (key >>> 32));
    }

    /**
     * A key for one of several uses of another key.
     *
     * @param key any number
     * @param use which use
     * @return a key
     */
    public static long derive(long key, int use) {
        return Integer.toUnsignedLong(bits(2 * use, key)) << 32 | Integer.toUnsignedLong(bits(2 * use + 1, key));
    }

    private static int mix(int bits) {
        int h = bits;
        h ^= h >>> SHIFT_1;
        h *= MULTIPLIER_1;
        h ^= h >>> SHIFT_2;
        h *= MULTIPLIER_2;
        h ^= h >>> SHIFT_2;
        return h;
    }
}
