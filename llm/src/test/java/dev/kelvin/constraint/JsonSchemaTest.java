// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSchemaTest {
    private static Grammar grammar(String schema) throws GrammarException {
        try {
            return JsonSchema.grammar(JsonReader.read(schema));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean accepts(String schema, String text) throws GrammarException {
        return grammar(schema).check(text).accepted();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"contains\": {}}",
                "{\"uniqueItems\": true}",
                "{\"not\": {\"type\": \"string\"}}",
                "{\"if\": {}, \"then\": {}}",
                "{\"dependentRequired\": {}}",
                "{\"unevaluatedProperties\": false}",
                "{\"$dynamicRef\": \"#\"}",
                "{\"properties\": {\"a\": {\"minimun\": 3}}}",
                "{\"type\": \"string\", \"format\": \"moon-phase\"}",
                "{\"pattern\": \"^(?!a)\"}",
                "{\"pattern\": \"(a)\\\\1\"}",
                "{\"pattern\": \"(\"}",
                "{\"$ref\": \"http://example.com/s.json\"}",
                "{\"$ref\": \"#\"}",
                "{\"$ref\": \"#/$defs/none\"}",
                "{\"$defs\": {\"a\": {\"anyOf\": [{\"$ref\": \"#/$defs/a\"}, {}]}}, \"$ref\": \"#/$defs/a\"}",
                "{\"type\": \"text\"}",
                "{\"type\": 3}",
                "{\"minLength\": -1}",
                "{\"minLength\": 1.5}",
                "{\"multipleOf\": 0}",
                "{\"multipleOf\": 1.000001}",
                "{\"minimum\": \"3\"}",
                "{\"required\": \"a\"}",
                "{\"properties\": {\"a\": 1}}",
                "{\"minProperties\": 2}",
                "{\"type\": \"integer\", \"minimum\": 3, \"maximum\": 2}",
                "{\"enum\": []}",
                "{\"type\": \"array\", \"items\": false, \"minItems\": 1}",
                "{\"required\": [\"a\"], \"properties\": {\"a\": {\"$ref\": \"#\"}}, \"type\": \"object\"}",
                "3"
            })
    void whatCannotBeKeptIsRefused(String schema) {
        assertTrue(assertThrows(GrammarException.class, () -> grammar(schema), schema)
                .getMessage()
                .matches("(schema|pattern|grammar)[: ].*"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'minimum': -0.5} ; 0 -0.5 -0 0.0 12.75 ; -0.51 -1 -0.500001",
                "{'exclusiveMaximum': 12.5} ; 12.49 12 -100 12.4999 ; 12.5 12.50 13 112",
                "{'minimum': 99, 'maximum': 100.25} ; 99 100 100.25 99.999 100.250 ; 98.9 100.26 100.2501 1000",
                "{'type': 'number', 'multipleOf': 0.25} ; 0 1.5 -2.75 10.250 ; 0.3 1.125",
                "{'type': 'integer', 'multipleOf': 7} ; 0 7 -14 777 ; 1 15 7.0",
                "{'type': 'string', 'pattern': '^a|b$'} ; 'axx' 'xxb' 'a' ; 'xa' 'bx' ''",
                "{'type': 'string', 'pattern': '^[a-c]+$', 'maxLength': 2} ; 'a' 'bc' ; 'abc' '' 'd'",
                "{'allOf': [{'pattern': '^a'}, {'pattern': 'z$'}], 'type': 'string'} ; 'az' 'abz' ; 'a' 'z'",
                "{'type': 'string', 'minLength': 1, 'maxLength': 1} ; '\\u00e9' '\\ud83d\\ude00' 'é' '\\/' ; '' 'ab'",
                "{'type': 'string', 'pattern': '^\\p{Lu}\\d{2,}$'} ; 'Ä12' '\\u00c412' ; 'ä12' 'A1'",
                "{'type': 'string', 'format': 'date'} ; '2024-02-29' '2026-04-30' ; '2023-02-29' '2026-04-31'",
                "{'type': 'string', 'format': 'ipv4'} ; '0.0.0.0' '255.1.20.3' ; '256.1.1.1' '1.2.3' '01.2.3.4'",
                "{'type': 'string', 'format': 'ipv6'} ; '::' '::1' '1:2:3:4:5:6:7:8' '1::8' '::1.2.3.4' ; '1' '1:::2'",
                "{'type': 'string', 'format': 'email'} ; 'a.b@example.org' ; 'a@' '@b' 'a b@c'",
                "{'type': 'string', 'format': 'date-time'} ; '2026-11-29T10:00:00.5Z' ; '2026-11-29 10:00:00Z'"
            })
    void valuesWithinBounds(String schema, String valid, String invalid) throws GrammarException {
        Grammar grammar = grammar(schema.replace("\\", "\\\\").replace('\'', '"'));
        for (String text : valid.replace('\'', '"').split(" ", -1)) {
            assertTrue(grammar.check(text).accepted(), text);
        }
        for (String text : invalid.replace('\'', '"').split(" ", -1)) {
            assertFalse(grammar.check(text).accepted(), text);
        }
    }

    @Test
    void namesOfPropertiesFollowPatterns() throws GrammarException {
        String schema =
                "{\"type\": \"object\", \"properties\": {\"ax\": {\"maximum\": 9}}, \"patternProperties\": {\"^a\":"
                        + " {\"type\": \"integer\"}, \"z$\": {\"minimum\": 5}}, \"additionalProperties\": false}";
        assertTrue(accepts(schema, "{\"ax\":3,\"ab\":17,\"az\":7,\"yz\":5.5}"));
        assertFalse(accepts(schema, "{\"ax\":10}"));
        assertFalse(accepts(schema, "{\"ax\":\"3\"}"), "both say something of ax");
        assertFalse(accepts(schema, "{\"az\":3}"));
        assertFalse(accepts(schema, "{\"b\":3}"));
        String names = "{\"propertyNames\": {\"pattern\": \"^[a-z]+$\", \"maxLength\": 3}, \"type\": \"object\"}";
        assertTrue(accepts(names, "{\"abc\":1}"));
        assertFalse(accepts(names, "{\"abcd\":1}"));
        assertFalse(accepts(names, "{\"A\":1}"));
    }

    @Test
    void numbersOfPropertiesAreKept() throws GrammarException {
        String schema =
                "{\"type\": \"object\", \"properties\": {\"a\": {}, \"b\": {}, \"c\": {}}, \"minProperties\": 2,"
                        + " \"maxProperties\": 3}";
        assertFalse(accepts(schema, "{\"a\":1}"));
        assertTrue(accepts(schema, "{\"a\":1,\"c\":1}"));
        assertTrue(accepts(schema, "{\"a\":1,\"x\":1}"));
        assertFalse(accepts(schema, "{\"a\":1,\"b\":1,\"c\":1,\"d\":1}"));
        assertFalse(accepts(schema, "{}"));
    }

    @Test
    void aDeclaredNameIsNoOtherName() throws GrammarException {
        String schema = "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"integer\"}}}";
        assertFalse(accepts(schema, "{\"b\":1,\"a\":\"x\"}"));
        assertFalse(accepts(schema, "{\"\\u0061\":\"x\"}"), "in disguise");
        assertTrue(accepts(schema, "{\"\\u00e9\":\"x\"}"));
    }

    @Test
    @SuppressWarnings("unchecked")
    void eachInstanceIsAcceptedOrNotAsTheSuiteSays() throws IOException {
        List<Map<String, Object>> cases = (List<Map<String, Object>>)
                JsonReader.read(Files.readAllBytes(SharedData.require("grammar/json-schema.json")));
        List<String> wrong = new ArrayList<>();
        for (Map<String, Object> each : cases) {
            Grammar grammar;
            try {
                grammar = JsonSchema.grammar(each.get("schema"));
            } catch (GrammarException e) {
                if (!Boolean.TRUE.equals(each.get("unsatisfiable"))) {
                    wrong.add(each.get("name") + ": " + e.getMessage());
                }
                continue;
            }
            if (Boolean.TRUE.equals(each.get("unsatisfiable"))) {
                wrong.add(each.get("name") + ": not refused");
            }
            for (boolean valid : new boolean[] {true, false}) {
                for (Object instance : (List<?>) each.get(valid ? "valid" : "invalid")) {
                    for (String text : List.of(JsonWriter.write(instance), JsonWriter.write(instance, 2))) {
                        if (grammar.check(text).accepted() != valid) {
                            wrong.add(each.get("name") + ": " + JsonWriter.write(each.get("schema")) + " of " + text
                                    + ": " + !valid + " up to "
                                    + grammar.check(text).byteOffset());
                        }
                    }
                }
            }
        }
        assertEquals("", String.join("\n", wrong));
    }
}
