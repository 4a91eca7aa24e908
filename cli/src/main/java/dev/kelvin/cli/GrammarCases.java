// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.constraint.Gbnf;
import dev.kelvin.constraint.Grammar;
import dev.kelvin.constraint.GrammarException;
import dev.kelvin.constraint.JsonSchema;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Grammars with what they accept: a list of schemas with {@code valid} and {@code invalid} instances, or
 * {@code unsatisfiable}; or {@code grammars} with {@code accepted} and {@code rejected} texts, and {@code malformed}
 * ones that are to be refused.
 */
final class GrammarCases {
    private final CaseCount count;

    GrammarCases(Terminal terminal) {
        count = new CaseCount(terminal);
    }

    void run(Path file) throws IOException {
        Object cases = JsonReader.read(Files.readAllBytes(file));
        if (cases instanceof List<?> schemas) {
            schemas.forEach(each -> schema((Map<?, ?>) each));
        } else {
            Map<?, ?> lists = (Map<?, ?>) cases;
            list(lists, "grammars").forEach(each -> grammar((Map<?, ?>) each));
            list(lists, "malformed").forEach(each -> malformed((Map<?, ?>) each));
        }
        count.end();
    }

    private static List<?> list(Map<?, ?> fields, String key) {
        return fields.get(key) instanceof List<?> list ? list : List.of();
    }

    private void schema(Map<?, ?> fields) {
        String name = String.valueOf(fields.get("name"));
        Grammar grammar;
        try {
            grammar = JsonSchema.grammar(fields.get("schema"));
        } catch (GrammarException e) {
            count.count(Boolean.TRUE.equals(fields.get("unsatisfiable")), name, e::getMessage);
            return;
        }
        if (Boolean.TRUE.equals(fields.get("unsatisfiable"))) {
            count.failed(name, "expected that nothing satisfies it");
            return;
        }
        List<String> order = new ArrayList<>();
        declared(fields.get("schema"), order);
        for (Object instance : list(fields, "valid")) {
            Object inOrder = inOrder(instance, order);
            boolean accepted = Stream.of(JsonWriter.write(inOrder), JsonWriter.write(inOrder, 2))
                    .allMatch(text -> grammar.check(text).accepted());
            count.count(accepted, name, () -> "refused " + JsonWriter.write(inOrder));
        }
        for (Object instance : list(fields, "invalid")) {
            boolean refused = Stream.of(JsonWriter.write(instance), JsonWriter.write(inOrder(instance, order)))
                    .noneMatch(text -> grammar.check(text).accepted());
            count.count(refused, name, () -> "accepted " + JsonWriter.write(instance));
        }
    }

    /** The names of properties in the order in which a schema declares them anywhere. */
    private static void declared(Object schema, List<String> names) {
        if (schema instanceof Map<?, ?> map) {
            if (map.get("properties") instanceof Map<?, ?> properties) {
                properties.keySet().forEach(name -> names.add((String) name));
            }
            map.values().forEach(each -> declared(each, names));
        } else if (schema instanceof List<?> list) {
            list.forEach(each -> declared(each, names));
        }
    }

    /** An instance with its properties in the order of the schema, then the rest. */
    private static Object inOrder(Object instance, List<String> order) {
        if (instance instanceof List<?> list) {
            List<Object> elements = new ArrayList<>();
            list.forEach(each -> elements.add(inOrder(each, order)));
            return elements;
        }
        if (!(instance instanceof Map<?, ?> map)) {
            return instance;
        }
        Map<String, Object> ordered = new LinkedHashMap<>();
        map.keySet().stream()
                .map(String.class::cast)
                .sorted(Comparator.comparingInt(name -> order.contains(name) ? order.indexOf(name) : Integer.MAX_VALUE))
                .forEach(name -> ordered.put(name, inOrder(map.get(name), order)));
        return ordered;
    }

    private void grammar(Map<?, ?> fields) {
        String name = String.valueOf(fields.get("name"));
        Grammar grammar;
        try {
            grammar = Gbnf.parse((String) fields.get("grammar"));
        } catch (GrammarException e) {
            count.failed(name, e.getMessage());
            return;
        }
        for (String key : List.of("accepted", "rejected")) {
            for (Object text : list(fields, key)) {
                boolean accepted = grammar.check((String) text).accepted();
                count.count(accepted == key.equals("accepted"), name, () -> "should be " + key + ": " + text);
            }
        }
    }

    private void malformed(Map<?, ?> fields) {
        if (fields.get("grammar") instanceof String source) {
            boolean refused = false;
            try {
                Gbnf.parse(source);
            } catch (GrammarException e) {
                refused = true;
            }
            count.count(
                    refused || !"refuse".equals(fields.get("expect")),
                    String.valueOf(fields.get("name")),
                    () -> "not refused");
        }
    }
}
