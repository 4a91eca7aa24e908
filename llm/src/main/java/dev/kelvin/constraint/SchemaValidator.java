// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which of a schema's constants satisfy the rest of it. */
final class SchemaValidator {
    private final SchemaChoices choices;
    private final StringRules strings;

    SchemaValidator(SchemaDocument document, StringRules strings) {
        this.choices = new SchemaChoices(document);
        this.strings = strings;
    }

    /** The values that {@code enum} and {@code const} leave, or null if there is neither. */
    List<Object> constants(List<SchemaNode> nodes) throws GrammarException {
        List<Object> constants = null;
        for (SchemaNode node : nodes) {
            if (constants == null && node.has("const")) {
                constants = new ArrayList<>();
                constants.add(node.fields().get("const"));
            } else if (constants == null && node.has("enum")) {
                constants = new ArrayList<>(node.list("enum"));
            }
        }
        if (constants == null) {
            return null;
        }
        List<Object> left = new ArrayList<>();
        for (Object constant : constants) {
            if (satisfies(constant, nodes)) {
                left.add(constant);
            }
        }
        return left;
    }

    private boolean valid(Object instance, List<Object> schemas) throws GrammarException {
        for (List<SchemaNode> nodes : choices.of(schemas)) {
            if (satisfies(instance, nodes)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the assertions of all nodes hold. */
    private boolean satisfies(Object instance, List<SchemaNode> nodes) throws GrammarException {
        if (!SchemaCompiler.types(nodes).contains(type(instance))) {
            return false;
        }
        for (SchemaNode node : nodes) {
            boolean among = !node.has("enum") || node.list("enum").stream().anyMatch(each -> equal(each, instance));
            if (!among || (node.has("const") && !equal(node.fields().get("const"), instance))) {
                return false;
            }
        }
        return switch (instance) {
            case Number number -> numberHolds(JsonRules.decimal(number), nodes);
            case String text -> strings.dfa(nodes) == null || strings.dfa(nodes).accepts(text);
            case List<?> list -> arrayHolds(list, nodes);
            case Map<?, ?> map -> objectHolds(map, nodes);
            case null, default -> true;
        };
    }

    private static String type(Object instance) {
        return switch (instance) {
            case null -> "null";
            case Boolean _ -> "boolean";
            case Number number -> JsonRules.decimal(number).scale() <= 0 ? "integer" : "number";
            case String _ -> "string";
            case List<?> _ -> "array";
            default -> "object";
        };
    }

    private static boolean equal(Object a, Object b) {
        if (a instanceof Number left && b instanceof Number right) {
            return JsonRules.decimal(left).compareTo(JsonRules.decimal(right)) == 0;
        }
        if (a instanceof List<?> left && b instanceof List<?> right) {
            boolean equal = left.size() == right.size();
            for (int i = 0; equal && i < left.size(); i++) {
                equal = equal(left.get(i), right.get(i));
            }
            return equal;
        }
        if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
            return left.keySet().equals(right.keySet())
                    && left.keySet().stream().allMatch(key -> equal(left.get(key), right.get(key)));
        }
        return a == null ? b == null : a.equals(b);
    }

    private static boolean numberHolds(BigDecimal number, List<SchemaNode> nodes) throws GrammarException {
        for (SchemaNode node : nodes) {
            boolean holds = (!node.has("minimum") || number.compareTo(node.number("minimum")) >= 0)
                    && (!node.has("maximum") || number.compareTo(node.number("maximum")) <= 0)
                    && (!node.has("exclusiveMinimum") || number.compareTo(node.number("exclusiveMinimum")) > 0)
                    && (!node.has("exclusiveMaximum") || number.compareTo(node.number("exclusiveMaximum")) < 0)
                    && (!node.has("multipleOf")
                            || number.remainder(node.number("multipleOf")).signum() == 0);
            Formats.Whole whole = node.has("format") ? Formats.whole(node.string("format")) : null;
            if (!holds || (whole != null && !whole.contains(number))) {
                return false;
            }
        }
        return true;
    }

    private boolean arrayHolds(List<?> list, List<SchemaNode> nodes) throws GrammarException {
        for (SchemaNode node : nodes) {
            if (list.size() < node.count("minItems", 0) || list.size() > node.count("maxItems", Integer.MAX_VALUE)) {
                return false;
            }
            List<?> prefix = node.list("prefixItems");
            for (int i = 0; i < list.size(); i++) {
                Object schema =
                        i < prefix.size() ? prefix.get(i) : node.fields().getOrDefault("items", true);
                if (!valid(list.get(i), List.of(SchemaCompiler.schema(schema, node.pointer())))) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean objectHolds(Map<?, ?> map, List<SchemaNode> nodes) throws GrammarException {
        for (SchemaNode node : nodes) {
            boolean sized = map.size() >= node.count("minProperties", 0)
                    && map.size() <= node.count("maxProperties", Integer.MAX_VALUE);
            if (!sized || !map.keySet().containsAll(node.strings("required"))) {
                return false;
            }
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (!propertyHolds(node, (String) entry.getKey(), entry.getValue())) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean propertyHolds(SchemaNode node, String name, Object value) throws GrammarException {
        List<Object> schemas = new ArrayList<>();
        if (node.map("properties").containsKey(name)) {
            schemas.add(node.map("properties").get(name));
        }
        for (Map.Entry<String, Object> pattern : node.map("patternProperties").entrySet()) {
            if (strings.pattern(pattern.getKey()).accepts(name)) {
                schemas.add(pattern.getValue());
            }
        }
        if (schemas.isEmpty()) {
            schemas.add(node.fields().getOrDefault("additionalProperties", true));
        }
        for (Object schema : schemas) {
            if (!valid(value, List.of(SchemaCompiler.schema(schema, node.pointer())))) {
                return false;
            }
        }
        Object names = node.fields().getOrDefault("propertyNames", true);
        return valid(name, List.of(SchemaCompiler.schema(names, node.pointer())));
    }
}
