// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

/**
 * A grammar bound to a vocabulary. Any number of sequences may be held to it; what one of them finds out about the
 * grammar serves the others. For one thread at a time, with all of its sequences.
 */
public final class Constraint {
    private final TokenTrie trie;
    private final Configurations configurations;
    private final TokenMasks masks;
    private final Configuration start;

    /** Binds a grammar to a vocabulary, and finds out what may come first. */
    public Constraint(Grammar grammar, TokenTrie trie) {
        this.trie = trie;
        configurations = new Configurations(grammar.automaton());
        masks = new TokenMasks(trie, configurations);
        start = configurations.start();
        masks.of(start);
    }

    /** A new text. */
    public ConstrainedText begin() {
        return new ConstrainedText(this, start);
    }

    TokenTrie trie() {
        return trie;
    }

    Configurations configurations() {
        return configurations;
    }

    TokenMasks masks() {
        return masks;
    }
}
