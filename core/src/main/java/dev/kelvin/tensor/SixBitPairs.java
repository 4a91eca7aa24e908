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

    private SixBitPairs() {}

    static int scale(byte[] block, int at, int j) {
        return j < 4 ? block[at + j] & 63 : (block[at + j + 4] & 15) | ((block[at + j - 4] >> 6) & 3) << 4;
    }

    static int min(byte[] block, int at, int j) {
        return j < 4 ? block[at + j + 4] & 63 : ((block[at + j + 4] >> 4) & 15) | ((block[at + j] >> 6) & 3) << 4;
    }
}
