// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.Sampling;
import dev.kelvin.head.TokenConstraint;
import dev.kelvin.nn.Batch;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/**
 * What a {@link DraftModel} has read of one text, and how it would go on: with the samplers, the constraint and the
 * draws of the answer, so that both agree wherever their distributions nearly do.
 */
final class DraftReader {
    private final ActiveGeneration text;
    private final Sampling sampling;
    private Sequence sequence;

    /** What was read of the text itself, where what is guessed could not be taken back from the sequence; else null. */
    private Sequence settled;

    private int[] ids;

    /** How many tokens there are: those of the text, then those that are guessed. */
    private int count;

    private TokenConstraint constraint;
    private boolean hasGivenUp;

    /**
     * A reader.
     *
     * @param sequence what was read of the text's beginning before
     */
    DraftReader(ActiveGeneration text, Sequence sequence, Compute compute) {
        this.text = text;
        this.sequence = sequence;
        Sampling answer = text.sampling();
        sampling = answer.chain().start(compute, answer.seed(), answer.sequence());
        ids = Arrays.copyOf(text.tokens(), Math.max(16, text.count()));
        count = sequence.length();
        sampling.accept(Arrays.copyOf(ids, count));
    }

    /** Forgets what was guessed wrong, and takes what the text says now. */
    void follow() {
        int[] tokens = text.tokens();
        int end = text.count();
        int most = Math.min(count, end);
        int mismatch = Arrays.mismatch(ids, 0, most, tokens, 0, most);
        int common = mismatch < 0 ? most : mismatch;
        makeRoom(end);
        System.arraycopy(tokens, common, ids, common, end - common);
        sampling.truncate(common);
        sampling.accept(Arrays.copyOfRange(ids, common, end));
        count = end;
        // The last token is read again, as what it makes was not kept.
        goBack(Math.min(sequence.length(), Math.min(common, end - 1)));
        TokenConstraint asked = text.request().constraint();
        constraint = asked == null ? null : asked.fork();
    }

    private void goBack(int length) {
        if (sequence.canTruncate(length)) {
            sequence.truncate(length);
        } else if (settled != null && settled.length() <= length) {
            sequence.close();
            sequence = settled;
            settled = null;
        } else {
            sequence.truncate(0);
        }
        forgetSettled();
    }

    private void forgetSettled() {
        if (settled != null) {
            settled.close();
            settled = null;
        }
    }

    private void makeRoom(int size) {
        if (ids.length < size) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
    }

    /** Whether it may guess another token, with so many positions of the draft model. */
    boolean goesOn(int contextLength) {
        return !hasGivenUp && text.draft().wanted() > 0 && count <= contextLength;
    }

    /** Tokens that the draft model has not seen. */
    int pending() {
        return count - sequence.length();
    }

    /** Adds the next rows, at most so many; the last token's is wanted. */
    void addTo(Batch batch, int most) {
        int from = sequence.length();
        int end = Math.min(count, from + most);
        batch.add(sequence, ids, from, end, end == count ? Batch.Wanted.LAST : Batch.Wanted.NONE);
    }

    /**
     * Guesses the next token, and those that the constraint leaves no choice of.
     *
     * @param logits [1, V] behind the last token
     * @return whether more can follow
     */
    boolean guess(HeapTensor logits) {
        if (settled == null && !sequence.canTruncate(sequence.length() - 1)) {
            settled = sequence.fork(); // recurrent states go forward only
        }
        int id = constraint == null ? sampling.pick(logits) : sampling.pick(logits, constraint.mask());
        boolean more = take(id);
        while (more && constraint != null && text.draft().wanted() > 0) {
            int forced = constraint.forced();
            if (forced < 0) {
                return true;
            }
            sampling.accept(forced);
            more = take(forced);
        }
        return more;
    }

    private boolean take(int id) {
        makeRoom(count + 1);
        ids[count++] = id;
        if (text.endsAt(id)) {
            return false;
        }
        text.draft().add(id);
        if (constraint != null) {
            constraint.accept(id);
            return !constraint.hasEnded();
        }
        return true;
    }

    /** Guesses nothing more for this text, and gives up what it holds. */
    void giveUp() {
        hasGivenUp = true;
        forgetSettled();
        sequence.truncate(0);
    }

    /** The text, of which the first were read: {@link #sequence}. */
    int[] ids() {
        return ids;
    }

    /** What was read. */
    Sequence sequence() {
        return sequence;
    }
}
