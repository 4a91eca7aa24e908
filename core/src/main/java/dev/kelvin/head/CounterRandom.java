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
        return uniform(seed, sequence, position, 0);
    }

    /**
     * A further draw of a position.
     *
     * @param seed any number
     * @param sequence which of several sequences of one seed
     * @param position the index of the token that is drawn, below 2⁴⁸
     * @param stream which of the independent draws, below 2¹⁶; it takes the upper bits of the position's word. 0 is the
     *     draw that picks.
     * @return uniform in [0, 1), a multiple of 2⁻⁵³
     */
    static double uniform(long seed, long sequence, long position, int stream) {
        long bits = philox(
                (int) sequence,
                (int) (sequence >>> 32),
                (int) position,
                (int) (position >>> 32) ^ stream << 16,
                (int) seed,
                (int) (seed >>> 32));
        return (bits >>> 11) * 0x1p-53;
    }

    /**
     * Philox4x32-10, the first two words of its result.
     *
     * @return word 0 in the upper half, word 1 in the lower
     */
    static long philox(int counter0, int counter1, int counter2, int counter3, int key0, int key1) {
        int word0 = counter0;
        int word1 = counter1;
        int word2 = counter2;
        int word3 = counter3;
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(word0);
            long product1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(word2);
            word0 = (int) (product1 >>> 32) ^ word1 ^ (key0 + round * WEYL_0);
            word2 = (int) (product0 >>> 32) ^ word3 ^ (key1 + round * WEYL_1);
            word1 = (int) product1;
            word3 = (int) product0;
        }
        return Integer.toUnsignedLong(word0) << 32 | Integer.toUnsignedLong(word1);
    }
}
