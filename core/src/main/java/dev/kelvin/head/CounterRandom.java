// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Draws that are pure functions of (seed, sequence, position): no state is carried, so nothing that happens between two
 * tokens can change a draw.
 *
 * <p>Philox4x32 with 10 rounds, the seed as key and (sequence, position) as counter. Source: Salmon, Moraes, Dror,
 * Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
public final class CounterRandom {
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private CounterRandom() {}

    /**
     * The draw of a position.
     *
     * @param seed any number
     * @param sequence which of several sequences of one seed
     * @param position the index of the token that is drawn
     * @return uniform in [0, 1), a multiple of 2⁻⁵³
     */
    public static double uniform(long seed, long sequence, long position) {
        int[] words = {(int) sequence, (int) (sequence >>> 32), (int) position, (int) (position >>> 32)};
        philox(words, (int) seed, (int) (seed >>> 32));
        long bits = Integer.toUnsignedLong(words[0]) << 32 | Integer.toUnsignedLong(words[1]);
        return (bits >>> 11) * 0x1p-53;
    }

    /**
     * Philox4x32-10.
     *
     * @param counter [4], overwritten by the result
     * @param key0 the first word of the key
     * @param key1 the second
     */
    static void philox(int[] counter, int key0, int key1) {
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(counter[0]);
            long product1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(counter[2]);
            int word0 = (int) (product1 >>> 32) ^ counter[1] ^ (key0 + round * WEYL_0);
            int word2 = (int) (product0 >>> 32) ^ counter[3] ^ (key1 + round * WEYL_1);
            counter[0] = word0;
            counter[1] = (int) product1;
            counter[2] = word2;
            counter[3] = (int) product0;
        }
    }
}
