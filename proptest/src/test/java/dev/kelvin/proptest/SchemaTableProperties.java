// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import dev.kelvin.constraint.Grammar;
import dev.kelvin.constraint.GrammarException;
import dev.kelvin.constraint.JsonSchema;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;

/**
 * A table of schemas, keyword by keyword, each with instances that it allows and that it does not, or with a word of
 * the message by which it is refused. The validator confirms the table ({@code judge}), unless it knows a format of it
 * not or less well, and judges what is drawn ({@code draws}), unless it takes a format in a narrower sense.
 */
class SchemaTableProperties {
    private static final int DRAWN = 20;

    private final List<String> wrong = new ArrayList<>();

    @Example
    @SuppressWarnings("unchecked")
    void eachSchemaIsKeptOrRefusedByName() throws IOException {
        List<Map<String, Object>> table;
        try (InputStream file = SchemaTableProperties.class.getResourceAsStream("schemas.json")) {
            table = (List<Map<String, Object>>) JsonReader.read(file.readAllBytes());
        }
        for (Map<String, Object> row : table) {
            if (row.containsKey("refused")) {
                refuses((String) row.get("refused"), row.get("schema"));
            } else {
                keeps(row);
            }
        }
        Law.holds(wrong.isEmpty(), () -> String.join("\n", wrong));
    }

    private void refuses(String word, Object schema) {
        try {
            JsonSchema.grammar(schema);
            wrong.add("not refused: " + JsonWriter.write(schema));
        } catch (GrammarException e) {
            if (!e.getMessage().contains(word)) {
                wrong.add(JsonWriter.write(schema) + " is refused by: " + e.getMessage());
            }
        }
    }

    private void keeps(Map<String, Object> row) throws IOException {
        String name = (String) row.get("name");
        Object schema = row.get("schema");
        boolean judged = !Boolean.FALSE.equals(row.get("judge"));
        try {
            Grammar grammar = JsonSchema.grammar(schema);
            var validator = SchemaDocuments.validator(schema);
            for (boolean valid : new boolean[] {true, false}) {
                for (Object instance : (List<?>) row.get(valid ? "valid" : "invalid")) {
                    String text = JsonWriter.write(instance);
                    if (judged && SchemaDocuments.isValid(validator, text) != valid) {
                        wrong.add(name + ": the validator disagrees with the table on " + text);
                    }
                    if (grammar.check(text).accepted() != valid) {
                        wrong.add(name + ": " + text + " should be " + (valid ? "accepted" : "refused"));
                    }
                }
            }
            if (judged && !Boolean.FALSE.equals(row.get("draws"))) {
                new SchemaDocuments().check(name, schema, DRAWN);
            }
        } catch (GrammarException | AssertionError e) {
            wrong.add(name + ": " + e.getMessage());
        }
    }
}
