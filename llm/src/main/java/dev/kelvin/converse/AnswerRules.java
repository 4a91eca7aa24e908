// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.constraint.Gbnf;
import dev.kelvin.constraint.Grammar;
import dev.kelvin.constraint.GrammarBuilder;
import dev.kelvin.constraint.GrammarException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The rules of an answer while they are put together, in GBNF with schemas and grammars under names. Equal rules make
 * equal grammars. For one thread.
 */
final class AnswerRules {
    private final StringBuilder rules = new StringBuilder();
    private final Map<String, Object> schemas = new LinkedHashMap<>();
    private final Map<String, String> grammars = new LinkedHashMap<>();
    private int names;

    /** What a grammar is made of: its key among others. */
    record Sources(String rules, Map<String, Object> schemas, Map<String, String> grammars) {
        Grammar grammar() throws GrammarException {
            GrammarBuilder builder = new GrammarBuilder().rules(rules);
            for (Map.Entry<String, Object> schema : schemas.entrySet()) {
                builder.schema(schema.getKey(), schema.getValue());
            }
            for (Map.Entry<String, String> grammar : grammars.entrySet()) {
                builder.grammar(grammar.getKey(), grammar.getValue());
            }
            return builder.build();
        }
    }

    Sources sources() {
        return new Sources(rules.toString(), Map.copyOf(schemas), Map.copyOf(grammars));
    }

    private String name() {
        return "r" + names++;
    }

    /** Adds the rule of this name. */
    void root(String body) {
        rules.append("root ::= ").append(body).append('\n');
    }

    /** Adds a rule and returns its name. */
    String rule(String body) {
        String name = name();
        rules.append(name).append(" ::= ").append(body).append('\n');
        return name;
    }

    /** Adds a rule of JSON and returns its name. */
    String schema(Object schema) {
        String name = name();
        schemas.put(name, schema);
        return name;
    }

    /** Adds a rule that is a grammar in GBNF and returns its name. */
    String grammar(String source) {
        String name = name();
        grammars.put(name, source);
        return name;
    }

    /**
     * Adds the rule of any text up to where a mark comes first, the mark included, and returns its name. The rules are
     * the states of an automaton that looks for it: how many of its characters were just seen.
     */
    String upTo(String mark) {
        String base = name();
        for (int seen = 0; seen < mark.length(); seen++) {
            StringBuilder rule = new StringBuilder(base + (seen == 0 ? "" : "-" + seen) + " ::= ");
            StringBuilder others = new StringBuilder("[^");
            for (char c : mark.chars().distinct().mapToObj(each -> (char) each).toList()) {
                int next = seen(mark, mark.substring(0, seen) + c);
                rule.append(Gbnf.literal(String.valueOf(c)))
                        .append(next == mark.length() ? "" : " " + base + (next == 0 ? "" : "-" + next))
                        .append(" | ");
                others.append(String.format("\\u%04x", (int) c));
            }
            rules.append(rule).append(others).append("] ").append(base).append('\n');
        }
        return base;
    }

    /** How many characters of the mark end a text. */
    private static int seen(String mark, String text) {
        int seen = Math.min(mark.length(), text.length());
        while (!text.endsWith(mark.substring(0, seen))) {
            seen--;
        }
        return seen;
    }
}
