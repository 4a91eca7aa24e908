// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

/**
 * Where a word can be cut without changing its ids: between two characters that stand beside each other in no token. No
 * symbol ever reaches over such a place. So a text that no pre-tokenizer has cut falls into words all the same, which a
 * cache can remember. A set of hashes, whose mistakes only leave a seam unused.
 */
final class Seams {
    private static final int BITS = 20;

    private final long[] joined = new long[1 << (BITS - 6)];

    /** Notes which characters of a piece stand beside each other. */
    void add(String piece) {
        for (int i = 1; i < piece.length(); i++) {
            int hash = hash(piece.charAt(i - 1), piece.charAt(i));
            joined[hash >>> 6] |= 1L << hash;
        }
    }

    private static int hash(char left, char right) {
        return ((left << 16 | right) * 0x9E3779B1) >>> (32 - BITS);
    }

    /** Whether no token reaches from the char before an index to the one at it; never within a surrogate pair. */
    boolean isSeam(String text, int index) {
        char left = text.charAt(index - 1);
        char right = text.charAt(index);
        int hash = hash(left, right);
        return (joined[hash >>> 6] >>> hash & 1) == 0 && !Character.isSurrogatePair(left, right);
    }
}
