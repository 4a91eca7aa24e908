// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/** What a text must look like, pick by pick: a grammar, a list of answers. For one text and one thread. */
public interface TokenConstraint {
    /** The tokens that may come next; valid until the next {@link #accept}. */
    TokenMask mask();

    /**
     * Takes the token that came.
     *
     * @param id one of those that the mask allows
     */
    void accept(int id);

    /** Whether nothing can follow any more. */
    boolean hasEnded();

    /**
     * The token to take without asking a model, because only one text can follow.
     *
     * @return its id, or −1 if there is a choice
     */
    default int forced() {
        return -1;
    }

    /**
     * The constraint of a text that goes on from here on its own, for whoever guesses what comes next.
     *
     * @return null if there is none to be had
     */
    default TokenConstraint fork() {
        return null;
    }
}
