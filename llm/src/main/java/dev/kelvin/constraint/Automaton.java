// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.List;

/**
 * The rules of a grammar as a machine over bytes. Each rule is a graph of states with one beginning and one end; an
 * edge takes a byte out of a range, nothing, a whole other rule, or a counted number of repetitions of one.
 *
 * @param edges of each state
 * @param starts the state in which each rule begins
 * @param nullable whether each rule has the empty text
 * @param ends whether each state is the end of its rule
 * @param tails whether nothing but the end of the rule can follow a state
 * @param alphabet which bytes no state tells apart
 */
record Automaton(
        List<List<Edge>> edges, int[] starts, boolean[] nullable, boolean[] ends, boolean[] tails, Alphabet alphabet) {
    /** From one state to another. */
    sealed interface Edge {
        int target();
    }

    /** A byte from {@code low} to {@code high}. */
    record ByteEdge(int low, int high, int target) implements Edge {}

    record EmptyEdge(int target) implements Edge {}

    record CallEdge(int rule, int target) implements Edge {}

    /** A rule, from {@code min} to {@code max} times; −1 for any number. */
    record RepeatEdge(int rule, int min, int max, int target) implements Edge {}

    /**
     * Classes of bytes.
     *
     * @param classes of each byte
     * @param samples a byte of each class
     */
    record Alphabet(byte[] classes, int[] samples) {
        int size() {
            return samples.length;
        }
    }

    /**
     * Builds the machine.
     *
     * @throws GrammarException if a rule is missing, can begin with itself, or if no text keeps to the grammar
     */
    static Automaton of(Rules rules) throws GrammarException {
        for (int rule = 0; rule < rules.size(); rule++) {
            if (!rules.isDefined(rule)) {
                throw new GrammarException("grammar: the rule '" + rules.name(rule) + "' is not defined");
            }
        }
        RuleProperties properties = new RuleProperties(rules);
        String leftRecursive = properties.leftRecursive();
        if (leftRecursive != null) {
            throw new GrammarException("grammar: the rule '" + leftRecursive
                    + "' can begin with itself (left recursion): put the repeated part behind, or use *");
        }
        if (!properties.isProductive(rules.expression(0))) {
            throw new GrammarException("grammar: nothing satisfies it");
        }
        return new AutomatonBuilder(rules, properties).build();
    }
}
