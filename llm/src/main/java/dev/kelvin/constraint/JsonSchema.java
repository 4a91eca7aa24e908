// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.Map;

/**
 * JSON Schemas (draft 2020-12) as grammars: of the texts of JSON, those whose value satisfies the schema.
 *
 * <p>Kept are {@code type enum const $ref $defs allOf anyOf oneOf}; of objects {@code properties required
 * additionalProperties patternProperties propertyNames minProperties maxProperties}; of arrays {@code items prefixItems
 * minItems maxItems}; of strings {@code minLength maxLength pattern format}; of numbers {@code minimum maximum
 * exclusiveMinimum exclusiveMaximum multipleOf}. Any other keyword that is no annotation is refused by name.
 *
 * <p>A text of the grammar is always valid. Of the valid ones these are left out: objects whose properties come in
 * another order than {@code properties}, then {@code required} name them; whole numbers written with a fraction, where
 * an integer is asked for; exponents, where a number has bounds; escapes of ASCII characters in names and in strings
 * with a pattern; more than 40 blanks in a row between tokens. A {@code oneOf} is taken as an {@code anyOf}: a value
 * may match several branches.
 */
public final class JsonSchema {
    private JsonSchema() {}

    /**
     * The grammar of a schema.
     *
     * @param schema a boolean or a map, as {@link dev.kelvin.format.json.JsonReader} gives it
     * @return its grammar
     * @throws GrammarException if it is malformed, has a keyword that is not kept, or if nothing satisfies it
     */
    public static Grammar grammar(Object schema) throws GrammarException {
        Rules rules = new Rules();
        int root = rules.index("root");
        Expression value = value(schema, rules);
        rules.define(root, Expression.sequence(JsonRules.SPACE, value, JsonRules.SPACE));
        return Grammar.of(rules);
    }

    /** Adds the rules of a schema to others, and returns what its values are. */
    static Expression value(Object schema, Rules rules) throws GrammarException {
        if (!(schema instanceof Boolean) && !(schema instanceof Map<?, ?>)) {
            throw new GrammarException("schema: neither an object nor a boolean");
        }
        return new SchemaCompiler(new SchemaDocument(schema), rules).root();
    }

    /** The grammar of JSON: of any value at all. */
    public static Grammar any() {
        try {
            return grammar(true);
        } catch (GrammarException e) {
            throw new AssertionError(e);
        }
    }
}
