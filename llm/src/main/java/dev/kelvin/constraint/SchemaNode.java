// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One schema within a document, with typed access to its keywords. Two nodes are the same if they are at the same
 * place.
 *
 * @param fields its keywords
 * @param pointer where it is, for messages
 */
@SuppressWarnings("ReferenceEquality") // nodes are the same if they are at the same place
record SchemaNode(Map<String, Object> fields, String pointer) {
    private static final Set<String> SUPPORTED = Set.of(
            "type",
            "enum",
            "const",
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "propertyNames",
            "minProperties",
            "maxProperties",
            "items",
            "prefixItems",
            "minItems",
            "maxItems",
            "minLength",
            "maxLength",
            "pattern",
            "format",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "$ref",
            "allOf",
            "anyOf",
            "oneOf",
            "not",
            "uniqueItems");

    /** What says nothing about instances, or names things. */
    private static final Set<String> ANNOTATIONS = Set.of(
            "$schema",
            "$id",
            "$anchor",
            "$defs",
            "definitions",
            "$comment",
            "$vocabulary",
            "title",
            "description",
            "default",
            "examples",
            "example",
            "deprecated",
            "readOnly",
            "writeOnly",
            "contentEncoding",
            "contentMediaType",
            "contentSchema");

    private static final int MAX_COUNT = 1_000_000;

    /** Refuses what cannot be kept. */
    void requireSupported() throws GrammarException {
        for (String keyword : fields.keySet()) {
            if (!SUPPORTED.contains(keyword) && !ANNOTATIONS.contains(keyword) && !keyword.startsWith("x-")) {
                throw error("the keyword '" + keyword + "' is not supported");
            }
        }
        if (Boolean.TRUE.equals(fields.get("uniqueItems")) && count("maxItems", Integer.MAX_VALUE) > 1) {
            throw error("the keyword 'uniqueItems' is not supported");
        }
        if (has("format") && !Formats.isKnown(string("format"))) {
            throw error("the format '" + string("format") + "' is not supported");
        }
        if (has("not") && !(fields.get("not") instanceof Boolean) && !Map.of().equals(fields.get("not"))) {
            throw error("the keyword 'not' is not supported");
        }
    }

    /** Whether {@code not} refuses everything. */
    boolean refusesAll() {
        return Boolean.TRUE.equals(fields.get("not")) || Map.of().equals(fields.get("not"));
    }

    GrammarException error(String problem) {
        return new GrammarException("schema: " + pointer + ": " + problem);
    }

    boolean has(String keyword) {
        return fields.containsKey(keyword);
    }

    private GrammarException wrong(String keyword, String expected) {
        return error("'" + keyword + "' must be " + expected);
    }

    @SuppressWarnings("unchecked") // JSON's maps have strings as keys
    Map<String, Object> map(String keyword) throws GrammarException {
        Object value = fields.getOrDefault(keyword, Map.of());
        if (!(value instanceof Map<?, ?>)) {
            throw wrong(keyword, "an object");
        }
        return (Map<String, Object>) value;
    }

    List<?> list(String keyword) throws GrammarException {
        if (!(fields.getOrDefault(keyword, List.of()) instanceof List<?> list)) {
            throw wrong(keyword, "an array");
        }
        return list;
    }

    String string(String keyword) throws GrammarException {
        if (!(fields.get(keyword) instanceof String text)) {
            throw wrong(keyword, "a string");
        }
        return text;
    }

    List<String> strings(String keyword) throws GrammarException {
        List<?> list = list(keyword);
        if (!list.stream().allMatch(String.class::isInstance)) {
            throw wrong(keyword, "an array of strings");
        }
        return list.stream().map(String.class::cast).toList();
    }

    BigDecimal number(String keyword) throws GrammarException {
        if (!(fields.get(keyword) instanceof Number number)) {
            throw wrong(keyword, "a number");
        }
        return JsonRules.decimal(number);
    }

    /** A keyword that counts; one beyond {@link #MAX_COUNT} is refused. */
    int count(String keyword, int otherwise) throws GrammarException {
        if (!has(keyword)) {
            return otherwise;
        }
        BigDecimal number = number(keyword);
        if (number.signum() < 0 || number.scale() > 0) {
            throw wrong(keyword, "a whole number that is not negative");
        }
        if (number.compareTo(BigDecimal.valueOf(MAX_COUNT)) > 0) {
            throw error("'" + keyword + "' of more than " + MAX_COUNT + " is not supported");
        }
        return number.intValueExact();
    }

    /** The child at a key and, within it, a name or index. */
    String at(String keyword, Object name) {
        return pointer + "/" + keyword + "/" + name;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SchemaNode node && fields == node.fields;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(fields);
    }
}
