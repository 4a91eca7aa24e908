// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import dev.kelvin.head.TokenMask;
import java.util.Arrays;
import java.util.Set;

/**
 * All that a grammar's machine can be in the middle of after some text: a state of the automaton that grows as it is
 * used. It remembers where each byte led, and which tokens may follow.
 */
@SuppressWarnings("ReferenceEquality") // frames exist once
final class Configuration {
    /**
     * A state that takes a byte, in a rule that was begun somewhere.
     *
     * @param state with at least one edge that takes a byte
     * @param frame where its rule returns to
     */
    record Item(int state, Frame frame) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Item item && state == item.state && frame == item.frame;
        }

        @Override
        public int hashCode() {
            return 31 * state + System.identityHashCode(frame);
        }
    }

    private final Set<Item> items;
    private final boolean complete;
    private final Configuration[] next;
    private Continuations continuations;

    /**
     * What may follow.
     *
     * @param mask the tokens
     * @param forced the one token that is taken without asking a model, or −1
     * @param isEmpty whether there is none at all
     */
    record Continuations(TokenMask mask, int forced, boolean isEmpty) {}

    Configuration(Set<Item> items, boolean complete, int classes) {
        this.items = items;
        this.complete = complete;
        this.next = new Configuration[classes];
    }

    Set<Item> items() {
        return items;
    }

    /** Whether the text so far is a whole one. */
    boolean isComplete() {
        return complete;
    }

    /** Whether no text begins like this. */
    boolean isDead() {
        return items.isEmpty() && !complete;
    }

    /** Where a byte of a class led, or null if nobody asked yet. */
    Configuration next(int byteClass) {
        return next[byteClass];
    }

    void next(int byteClass, Configuration configuration) {
        next[byteClass] = configuration;
    }

    /** Forgets where bytes led. */
    void forget() {
        Arrays.fill(next, null);
    }

    /** What may follow, or null if it was not computed yet. */
    Continuations continuations() {
        return continuations;
    }

    void continuations(Continuations computed) {
        continuations = computed;
    }
}
