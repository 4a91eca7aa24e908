// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.constraint.Gbnf;
import dev.kelvin.constraint.Grammar;
import dev.kelvin.constraint.GrammarException;
import dev.kelvin.constraint.JsonSchema;
import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.io.Serializable;

/**
 * What an answer has to look like.
 *
 * @param jsonSchema a schema, as JSON; null for none
 * @param gbnf a grammar; null for none
 */
record TextForm(String jsonSchema, String gbnf) implements Serializable {
    /**
     * Its grammar.
     *
     * @return null for any text
     * @throws IllegalArgumentException if it is malformed, or asks for what is not kept
     */
    Grammar grammar() {
        try {
            if (jsonSchema != null) {
                return JsonSchema.grammar(JsonReader.read(jsonSchema));
            }
            return gbnf == null ? null : Gbnf.parse(gbnf);
        } catch (JsonSyntaxException e) {
            throw new IllegalArgumentException("kelvin: the schema is no JSON: " + e.getMessage(), e);
        } catch (GrammarException e) {
            throw new IllegalArgumentException("kelvin: " + e.getMessage(), e);
        }
    }

    /**
     * The same for a conversation.
     *
     * @throws IllegalArgumentException if the schema is no JSON
     */
    ResponseFormat format() {
        if (jsonSchema == null) {
            return gbnf == null ? ResponseFormat.TEXT : ResponseFormat.gbnf(gbnf);
        }
        try {
            return ResponseFormat.schema(JsonReader.read(jsonSchema));
        } catch (JsonSyntaxException e) {
            throw new IllegalArgumentException("kelvin: the schema is no JSON: " + e.getMessage(), e);
        }
    }
}
