// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

/**
 * The tokens that a text is guessed to go on with, and how far guesses are trusted: by how often they were right
 * ({@link GuessRecord}). As many are made as are worth their rows ({@link PassCosts}).
 */
final class Draft {
    /** After each trial in a row of which nothing was right, twice as many steps go without one. */
    private static final int REST_DOUBLINGS = 6;

    /** Trials are as large as guesses that are right so often. */
    private static final double HOPE = 0.8;

    private final PassCosts costs;
    private final int[] ids;
    private final GuessRecord all;
    private final GuessRecord own;
    private int size;
    private int most;
    private int wanted;
    private int evidence;
    private double price;
    private int misses;
    private int rest;

    /**
     * Nothing guessed yet.
     *
     * @param most the most tokens of a guess
     * @param all how often guesses of all texts were right
     */
    Draft(int most, PassCosts costs, GuessRecord all) {
        this.costs = costs;
        this.all = all;
        own = all.ofAnother();
        ids = new int[most];
    }

    /** Begins a guess of at most so many tokens. */
    void begin(int most) {
        clear();
        this.most = Math.min(most, ids.length);
    }

    /** Wants as many tokens as are worth guessing by what speaks for them. */
    void trust(int evidence) {
        this.evidence = evidence;
        double right = own.right(evidence);
        wanted = costs.worth(right, most);
        if (wanted == 0 && rest > 0) {
            rest--;
        } else if (wanted == 0) {
            wanted = costs.worthTrying(Math.max(right, HOPE), most);
        }
        price = costs.plan(wanted, right);
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
        most = 0;
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
        costs.settle(right, price);
        misses = right > 0 ? 0 : misses + 1;
        rest = right > 0 ? 0 : 1 << Math.min(misses, REST_DOUBLINGS);
        own.learn(evidence, right, size);
        all.learn(evidence, right, size);
    }
}
