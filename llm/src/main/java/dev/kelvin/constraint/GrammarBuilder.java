// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

/**
 * A grammar put together of rules in GBNF, of JSON Schemas and of whole grammars, each under a name that the rules may
 * use: for JSON inside of something else. For one thread.
 */
public final class GrammarBuilder {
    private final Rules rules = new Rules();
    private final int root = rules.index("root");

    /** Begins with no rules. */
    public GrammarBuilder() {}

    /**
     * Adds rules in GBNF. One of all that are added must be {@code root}.
     *
     * @param source as {@link Gbnf#parse} takes it
     * @throws GrammarException if it is malformed, naming line and column
     */
    public GrammarBuilder rules(String source) throws GrammarException {
        Gbnf.read(source, rules, "");
        return this;
    }

    /**
     * Adds a rule of the JSON texts, without white space around them, whose value satisfies a schema.
     *
     * @param name of the rule
     * @param schema as {@link JsonSchema#grammar} takes it
     * @throws GrammarException if the schema is malformed or has a keyword that is not kept
     */
    public GrammarBuilder schema(String name, Object schema) throws GrammarException {
        rules.define(rules.index(name), JsonSchema.value(schema, rules));
        return this;
    }

    /**
     * Adds a rule that is a whole grammar. The names of its rules are its own.
     *
     * @param name of the rule
     * @param source as {@link Gbnf#parse} takes it
     * @throws GrammarException if it is malformed or has no {@code root}
     */
    public GrammarBuilder grammar(String name, String source) throws GrammarException {
        // No name in GBNF has a space.
        String prefix = name + " ";
        Gbnf.read(source, rules, prefix);
        int inner = rules.index(prefix + "root");
        requireRoot(inner);
        rules.define(rules.index(name), new Expression.Reference(inner));
        return this;
    }

    /**
     * The grammar.
     *
     * @throws GrammarException if it lacks a rule, can begin with itself, or allows nothing
     */
    public Grammar build() throws GrammarException {
        requireRoot(root);
        return Grammar.of(rules);
    }

    private void requireRoot(int rule) throws GrammarException {
        if (!rules.isDefined(rule)) {
            throw new GrammarException("grammar: there is no rule 'root'");
        }
    }
}
