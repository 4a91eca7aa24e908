// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import dev.kelvin.head.TokenConstraint;
import dev.kelvin.head.TokenMask;

/**
 * A text that is made token by token and keeps a grammar. The mask of a place that was met before, in this text or
 * another of the same {@link Constraint}, takes no time and no memory.
 */
public final class ConstrainedText implements TokenConstraint {
    private final Constraint constraint;
    private Configuration at;
    private boolean ended;

    ConstrainedText(Constraint constraint, Configuration at) {
        this.constraint = constraint;
        this.at = at;
    }

    /** A text that goes on from here on its own. */
    @Override
    public ConstrainedText fork() {
        ConstrainedText fork = new ConstrainedText(constraint, at);
        fork.ended = ended;
        return fork;
    }

    /**
     * The tokens that may follow, the tokens that end a text among them where it is whole. It allows none if the
     * vocabulary has no token that goes on.
     *
     * @throws IllegalStateException if the text has ended
     */
    @Override
    public TokenMask mask() {
        requireOpen();
        return constraint.masks().of(at).mask();
    }

    /**
     * The token to take without asking a model, because only one text can follow; the longest of those that spell it.
     *
     * @return its id, or −1 if there is a choice
     * @throws IllegalStateException if the text has ended
     */
    @Override
    public int forced() {
        requireOpen();
        return constraint.masks().of(at).forced();
    }

    /** Whether the text so far is a whole one. */
    public boolean isComplete() {
        return at.isComplete();
    }

    /** Whether a token ended the text, or it is whole and the vocabulary has none that could follow. */
    @Override
    public boolean hasEnded() {
        return ended || (at.isComplete() && constraint.masks().of(at).isEmpty());
    }

    /**
     * Appends a token.
     *
     * @param id one that {@link #mask} allows
     * @throws IllegalArgumentException if it may not follow; the text is unchanged then
     * @throws IllegalStateException if the text has ended
     */
    @Override
    public void accept(int id) {
        requireOpen();
        if (id < 0 || id >= constraint.trie().vocabSize()) {
            throw new IllegalArgumentException("constraint: token " + id + " outside the vocabulary [0, "
                    + constraint.trie().vocabSize() + ")");
        }
        if (constraint.trie().ends().get(id)) {
            require(at.isComplete(), id);
            ended = true;
            return;
        }
        byte[] bytes = constraint.trie().bytes(id);
        require(bytes.length > 0, id);
        Configuration next = at;
        for (byte each : bytes) {
            next = constraint.configurations().step(next, each);
            require(!next.isDead(), id);
        }
        at = next;
    }

    private void requireOpen() {
        if (ended) {
            throw new IllegalStateException("constraint: the text has ended");
        }
    }

    private static void require(boolean allowed, int id) {
        if (!allowed) {
            throw new IllegalArgumentException("constraint: the grammar does not allow token " + id + " here");
        }
    }
}
