// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.TokenConstraint;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Guesses from what a text has said before: where its last tokens stood earlier, the tokens that followed them there
 * (prompt lookup, Saxena 2023), and where these end with the text, the same again. The longest match counts, of equal
 * ones the last. Where a constraint leaves no choice, its token is guessed; where it does not allow one, the guess
 * ends.
 */
final class PromptLookup implements Proposer {
    /** Fewer tokens that stood before say little. */
    private static final int LEAST_MATCH = 2;

    /** More of them make a guess no better. */
    private static final int MOST_MATCH = 16;

    private static final int NONE = -1;

    @Override
    public void propose(List<ActiveGeneration> texts, BooleanSupplier calledOff) {
        for (ActiveGeneration text : texts) {
            TokenConstraint asked = text.request().constraint();
            guess(text.tokens(), text.count(), asked == null ? null : asked.fork(), text.draft());
        }
    }

    /**
     * Guesses what follows.
     *
     * @param tokens of which the first {@code count} are the text
     * @param constraint of what follows, a fork of the text's; null for none
     */
    static void guess(int[] tokens, int count, TokenConstraint constraint, Draft draft) {
        int end = 0;
        int longest = LEAST_MATCH - 1;
        for (int i = count - 1; i > longest && longest < MOST_MATCH; i--) {
            int match = match(tokens, i, count);
            if (match > longest) {
                longest = match;
                end = i;
            }
        }
        boolean repeats = end > 0;
        if (repeats) {
            draft.trust(evidence(longest));
        } else if (constraint != null && constraint.forced() >= 0) {
            draft.trust(GuessRecord.EVIDENCES - 1);
        }
        boolean goesOn = true;
        for (int i = 0; goesOn && draft.wanted() > 0; i++) {
            int said = repeats ? tokens[end + i % (count - end)] : NONE;
            int id = constraint == null ? said : allowed(said, constraint);
            repeats &= id == said;
            goesOn = id != NONE && add(id, constraint, draft);
        }
    }

    /** What a constraint leaves of a guess: its own token where there is no choice, none where the guess is wrong. */
    private static int allowed(int said, TokenConstraint constraint) {
        int forced = constraint.forced();
        if (forced >= 0) {
            return forced;
        }
        return said != NONE && constraint.mask().allows(said) ? said : NONE;
    }

    /** False where the text ends with the token, which is not worth a row. */
    private static boolean add(int id, TokenConstraint constraint, Draft draft) {
        if (constraint != null) {
            constraint.accept(id);
            if (constraint.hasEnded()) {
                return false;
            }
        }
        draft.add(id);
        return true;
    }

    /** 2, 3 and 4, 5 to 8, or more tokens. */
    private static int evidence(int match) {
        return Math.min(GuessRecord.EVIDENCES - 1, Integer.SIZE - Integer.numberOfLeadingZeros(match - 1) - 1);
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
