// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Guesses from what a text has said before: where its last tokens stood earlier, the tokens that followed them there
 * (prompt lookup, Saxena 2023), and where these end with the text, the same again. The longest match counts, of equal
 * ones the last.
 */
final class PromptLookup implements Proposer {
    /** Fewer tokens that stood before say little. */
    private static final int LEAST_MATCH = 2;

    /** More of them make a guess no better. */
    private static final int MOST_MATCH = 16;

    @Override
    public void propose(List<ActiveGeneration> texts, BooleanSupplier calledOff) {
        for (ActiveGeneration text : texts) {
            guess(text.tokens(), text.count(), text.draft());
        }
    }

    /**
     * Guesses what follows.
     *
     * @param tokens of which the first {@code count} are the text
     */
    static void guess(int[] tokens, int count, Draft draft) {
        int end = 0;
        int longest = LEAST_MATCH - 1;
        for (int i = count - 1; i > longest && longest < MOST_MATCH; i--) {
            int match = match(tokens, i, count);
            if (match > longest) {
                longest = match;
                end = i;
            }
        }
        for (int i = 0; end > 0 && draft.wanted() > 0; i++) {
            draft.add(tokens[end + i % (count - end)]);
        }
    }

    /** How many tokens before {@code end} are those at the end of the text. */
    private static int match(int[] tokens, int end, int count) {
        int match = 0;
        while (match < MOST_MATCH && match < end && tokens[end - 1 - match] == tokens[count - 1 - match]) {
            match++;
        }
        return match;
    }
}
