// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

/** Which pairs of symbols merge. Immutable. */
interface Merges {
    /** The pair does not merge; its rank comes after all others. */
    long NONE = Long.MAX_VALUE;

    /**
     * Rank and result of a pair, in the high and the low half; {@link #NONE} if it does not merge, and for negative
     * symbols.
     */
    long find(int left, int right);

    /** An answer: pairs of lower rank merge first, the leftmost of equal rank; the result is not negative. */
    static long found(int rank, int result) {
        return (long) rank << 32 | result;
    }

    static int rank(long found) {
        return (int) (found >> 32);
    }

    static int result(long found) {
        return (int) found;
    }
}
