// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.nio.charset.StandardCharsets;

/** A language that texts may be held to: sound, free of left recursion, and not empty. Immutable. */
public final class Grammar {
    private final Automaton automaton;

    private Grammar(Automaton automaton) {
        this.automaton = automaton;
    }

    static Grammar of(Rules rules) throws GrammarException {
        return new Grammar(Automaton.of(rules));
    }

    Automaton automaton() {
        return automaton;
    }

    /**
     * What a grammar says of a text.
     *
     * @param accepted whether it is a whole text of the grammar
     * @param byteOffset how many bytes of it can begin one; all of them if it is only cut short
     */
    public record Verdict(boolean accepted, int byteOffset) {}

    /** Whether, and up to where, a text keeps to the grammar. */
    public Verdict check(String text) {
        return check(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether, and up to where, a text in UTF-8 keeps to the grammar. */
    public Verdict check(byte[] text) {
        Configurations configurations = new Configurations(automaton);
        Configuration at = configurations.start();
        for (int i = 0; i < text.length; i++) {
            Configuration next = configurations.step(at, text[i]);
            if (next.isDead()) {
                return new Verdict(false, i);
            }
            at = next;
        }
        return new Verdict(at.isComplete(), text.length);
    }
}
