// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.Arrays;

/** How often guesses were right, those for which little spoke and those for which much did apart. */
final class GuessRecord {
    /** Tokens that are taken to have been right before any was guessed, to one that was wrong: by evidence. */
    private static final double[] TRUST = {1, 2, 8, 32};

    /** Kinds of evidence, from little to much. */
    static final int EVIDENCES = TRUST.length;

    /** What is left of all that was seen, once another guess is wrong. */
    private static final double FADING = 0.9;

    private static final double MOST_COUNTED = 32;

    private final double[] rights = TRUST.clone();
    private final double[] wrongs = new double[EVIDENCES];

    /** Nothing seen. */
    GuessRecord() {
        Arrays.fill(wrongs, 1);
    }

    /** That of a text of which nothing was seen, which is taken to be as others were. */
    GuessRecord ofAnother() {
        GuessRecord another = new GuessRecord();
        for (int evidence = 0; evidence < EVIDENCES; evidence++) {
            double all = 1 + TRUST[evidence];
            another.rights[evidence] = all * right(evidence);
            another.wrongs[evidence] = all - another.rights[evidence];
        }
        return another;
    }

    /** How probable it is that a token is right, if all before it are. */
    double right(int evidence) {
        return rights[evidence] / (rights[evidence] + wrongs[evidence]);
    }

    /** Learns how many tokens of a guess were right, before one was wrong or the guess had no more. */
    void learn(int evidence, int right, int guessed) {
        double fading = right == guessed ? 1 : FADING;
        rights[evidence] = Math.min(MOST_COUNTED, fading * rights[evidence] + right);
        wrongs[evidence] = fading * wrongs[evidence] + (right == guessed ? 0 : 1);
    }
}
