// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

/**
 * What a text may go on with, guessed from what it has said before: where its last tokens stood earlier, the tokens
 * that followed them there (prompt lookup, Saxena 2023). The pass that makes the next token checks them beside it,
 * since rows of one pass have the bits of rows of several; a guess that is wrong costs its row and changes nothing.
 *
 * <p>As many are guessed as were right lately, and one more, doubled where all were.
 */
final class Draft {
    /** Fewer tokens that stood before say little. */
    private static final int LEAST_MATCH = 2;

    /** More of them make a guess no better. */
    private static final int MOST_MATCH = 16;

    private final int[] ids;
    private int size;
    private int trusted;

    /**
     * Nothing guessed yet.
     *
     * @param most the most tokens of a guess
     */
    Draft(int most) {
        ids = new int[most];
        trusted = Math.min(4, most);
    }

    /**
     * Guesses what follows.
     *
     * @param tokens of which the first {@code count} are the text
     * @param most at most so many
     * @return how many tokens are guessed
     */
    int guess(int[] tokens, int count, int most) {
        size = 0;
        int end = 0;
        int longest = LEAST_MATCH - 1;
        for (int i = count - 1; i > longest && longest < MOST_MATCH; i--) {
            int match = match(tokens, i, count);
            if (match > longest) {
                longest = match;
                end = i;
            }
        }
        if (end > 0) {
            size = Math.min(Math.min(trusted, most), count - end);
            System.arraycopy(tokens, end, ids, 0, size);
        }
        return size;
    }

    /** How many tokens before {@code end} are those at the end of the text. */
    private static int match(int[] tokens, int end, int count) {
        int match = 0;
        while (match < MOST_MATCH && match < end && tokens[end - 1 - match] == tokens[count - 1 - match]) {
            match++;
        }
        return match;
    }

    /** Guesses nothing. */
    void clear() {
        size = 0;
    }

    /** How many tokens are guessed. */
    int size() {
        return size;
    }

    /** A token that is guessed. */
    int id(int index) {
        return ids[index];
    }

    /** How many of the first tokens from a place on are those that were guessed. */
    int matching(int[] tokens, int from, int count) {
        int most = Math.min(size, count - from);
        int matching = 0;
        while (matching < most && tokens[from + matching] == ids[matching]) {
            matching++;
        }
        return matching;
    }

    /** Learns how many of the guess were right. */
    void learn(int right) {
        if (size > 0) {
            trusted = Math.min(ids.length, right == size ? Math.max(trusted, 2 * size) : right + 1);
        }
    }
}
