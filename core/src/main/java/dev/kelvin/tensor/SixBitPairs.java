// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * The eight pairs of scale and min, six bits each, in twelve bytes of Q4_K and Q5_K: scale j < 4 in the lower six bits
 * of byte j, min j < 4 in those of byte j + 4; of the others the lower four bits in byte j + 4 (scale low, min high),
 * the upper two in the highest of byte j − 4 (scale) and byte j (min).
 */
final class SixBitPairs {
    /** Bytes of the eight pairs. */
    static final int BYTES = 12;

    /** The largest scale or min. */
    static final int LARGEST = 63;

    private SixBitPairs() {}

    static int scale(byte[] block, int at, int j) {
        return j < 4 ? block[at + j] & 63 : (block[at + j + 4] & 15) | ((block[at + j - 4] >> 6) & 3) << 4;
    }

    static int min(byte[] block, int at, int j) {
        return j < 4 ? block[at + j + 4] & 63 : ((block[at + j + 4] >> 4) & 15) | ((block[at + j] >> 6) & 3) << 4;
    }

    /** Puts pair j into bytes that were 0; pairs may come in any order. */
    static void put(byte[] block, int at, int j, int scale, int min) {
        if (j < 4) {
            block[at + j] |= (byte) scale;
            block[at + j + 4] |= (byte) min;
        } else {
            block[at + j + 4] = (byte) ((scale & 15) | (min & 15) << 4);
            block[at + j - 4] |= (byte) ((scale >> 4) << 6);
            block[at + j] |= (byte) ((min >> 4) << 6);
        }
    }
}
