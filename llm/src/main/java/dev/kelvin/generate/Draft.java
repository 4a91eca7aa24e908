// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

/**
 * The tokens that a text is guessed to go on with, and how far guesses are trusted: as many are made as were right
 * lately, and one more, doubled where all were. Where nothing was right for a while, some steps go without.
 */
final class Draft {
    /**
     * After so many guesses in a row of which nothing was right, steps go without; twice as many after each further.
     */
    private static final int PATIENCE = 3;

    private static final int REST_DOUBLINGS = 4;

    private final int[] ids;
    private int size;
    private int wanted;
    private int trusted;
    private int misses;
    private int rest;

    /**
     * Nothing guessed yet.
     *
     * @param most the most tokens of a guess
     */
    Draft(int most) {
        ids = new int[most];
        trusted = Math.min(4, most);
    }

    /** Begins a guess of at most so many tokens. */
    void begin(int most) {
        size = 0;
        wanted = rest > 0 ? 0 : Math.min(trusted, most);
        rest = Math.max(0, rest - 1);
    }

    /** How many more tokens may be guessed. */
    int wanted() {
        return wanted - size;
    }

    /** Guesses another token. */
    void add(int id) {
        ids[size++] = id;
    }

    /** Guesses nothing. */
    void clear() {
        size = 0;
        wanted = 0;
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
        if (size == 0) {
            return;
        }
        trusted = Math.min(ids.length, right == size ? Math.max(trusted, 2 * size) : right + 1);
        misses = right > 0 ? 0 : misses + 1;
        rest = misses < PATIENCE ? 0 : 1 << Math.min(misses - PATIENCE, REST_DOUBLINGS);
    }
}
