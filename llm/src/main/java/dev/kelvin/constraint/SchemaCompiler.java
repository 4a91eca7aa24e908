// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns schemas into rules. A rule stands for schemas that hold together of one instance, so that what {@code allOf},
 * {@code $ref} and a schema's own keywords say of a property is one rule of its own.
 */
final class SchemaCompiler {
    private static final int MAX_RULES = 50_000;
    private static final List<String> TYPES =
            List.of("null", "boolean", "number", "integer", "string", "array", "object");

    private final Rules rules;
    private final SchemaChoices choices;
    private final SchemaValidator validator;
    private final StringRules strings = new StringRules();
    private final Map<List<Object>, Integer> known = new HashMap<>();
    /** Rules that are named and not yet written. */
    private final Deque<List<Object>> open = new ArrayDeque<>();

    private final JsonRules json;
    private final ObjectRules objects;
    private final Expression root;

    /** Adds the rules of a schema to others; {@link #root} is what its values are. */
    SchemaCompiler(SchemaDocument document, Rules rules) throws GrammarException {
        this.rules = rules;
        choices = new SchemaChoices(document);
        validator = new SchemaValidator(document, strings);
        json = new JsonRules(rules);
        objects = new ObjectRules(this);
        root = rule(List.of(schema(document.root(), "#")));
        while (!open.isEmpty()) {
            List<Object> schemas = open.poll();
            rules.define(known.get(schemas), expression(schemas));
        }
    }

    Rules rules() {
        return rules;
    }

    Expression root() {
        return root;
    }

    JsonRules json() {
        return json;
    }

    StringRules strings() {
        return strings;
    }

    SchemaChoices choices() {
        return choices;
    }

    /** A schema as rules keep it: a node, or a boolean. */
    static Object schema(Object schema, String pointer) throws GrammarException {
        if (schema instanceof Boolean) {
            return schema;
        }
        if (schema instanceof Map<?, ?>) {
            return SchemaChoices.node(schema, pointer);
        }
        throw new GrammarException("schema: " + pointer + ": not a schema");
    }

    /** A new rule's index, for parts of a value. */
    int part(String name) throws GrammarException {
        if (rules.size() > MAX_RULES) {
            throw new GrammarException("schema: larger than " + MAX_RULES + " rules");
        }
        return rules.index(name + " " + rules.size());
    }

    /** The rule of values of which all schemas hold. */
    Expression rule(List<Object> schemas) throws GrammarException {
        Set<Object> distinct = new LinkedHashSet<>(schemas);
        if (distinct.contains(false)) {
            return Expression.NEVER;
        }
        distinct.remove(true);
        if (distinct.isEmpty()) {
            return json.value();
        }
        List<Object> key = List.copyOf(distinct);
        Integer rule = known.get(key);
        if (rule == null) {
            rule = part("schema");
            known.put(key, rule);
            open.add(key);
        }
        return new Expression.Reference(rule);
    }

    private Expression expression(List<Object> schemas) throws GrammarException {
        List<Expression> alternatives = new ArrayList<>();
        for (List<SchemaNode> nodes : choices.of(schemas)) {
            alternatives.add(alternative(nodes));
        }
        return Expression.choice(alternatives);
    }

    private Expression alternative(List<SchemaNode> nodes) throws GrammarException {
        List<Object> constants = validator.constants(nodes);
        if (constants != null) {
            return Expression.choice(constants.stream().map(JsonRules::constant).toList());
        }
        Set<String> types = types(nodes);
        List<Expression> parts = new ArrayList<>();
        for (String type : types) {
            parts.add(
                    switch (type) {
                        case "null" -> Expression.literal("null");
                        case "boolean" -> Expression.choice(Expression.literal("true"), Expression.literal("false"));
                        case "number" -> number(nodes, false);
                        case "integer" -> types.contains("number") ? Expression.NEVER : number(nodes, true);
                        case "string" -> strings.expression(nodes, json);
                        case "array" -> new ArrayRules(this, nodes).expression();
                        default -> objects.expression(nodes);
                    });
        }
        return Expression.choice(parts);
    }

    /** The types that all nodes allow; one that allows numbers allows whole ones. */
    static Set<String> types(List<SchemaNode> nodes) throws GrammarException {
        Set<String> types = new LinkedHashSet<>(TYPES);
        for (SchemaNode node : nodes) {
            if (node.has("type")) {
                List<String> named =
                        node.fields().get("type") instanceof String type ? List.of(type) : node.strings("type");
                Set<String> allowed = new LinkedHashSet<>(named);
                if (!TYPES.containsAll(allowed)) {
                    throw node.error("'type' must be among " + TYPES);
                }
                if (allowed.contains("number")) {
                    allowed.add("integer");
                }
                types.retainAll(allowed);
            }
        }
        return types;
    }

    private static Expression number(List<SchemaNode> nodes, boolean integral) throws GrammarException {
        NumberLanguage language = new NumberLanguage();
        boolean free = true;
        for (SchemaNode node : nodes) {
            for (String keyword : List.of("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")) {
                if (node.has(keyword)) {
                    free = false;
                    bound(language, keyword, node.number(keyword));
                }
            }
            if (node.has("multipleOf")) {
                if (node.number("multipleOf").signum() <= 0) {
                    throw node.error("'multipleOf' must be positive");
                }
                free = false;
                language.multipleOf(node.number("multipleOf"));
            }
            Formats.Whole whole = node.has("format") ? Formats.whole(node.string("format")) : null;
            if (whole != null) {
                free = false;
                language.integral();
                language.atLeast(new BigDecimal(whole.least()), false);
                language.atMost(new BigDecimal(whole.most()), false);
            }
        }
        if (free) {
            return integral ? JsonRules.INTEGER : JsonRules.NUMBER;
        }
        if (integral) {
            language.integral();
        }
        Dfa dfa = language.dfa();
        return dfa.isEmpty() ? Expression.NEVER : new Expression.Machine(dfa, Expression.Spelling.PLAIN);
    }

    private static void bound(NumberLanguage language, String keyword, BigDecimal bound) throws GrammarException {
        boolean exclusive = keyword.startsWith("exclusive");
        if (keyword.endsWith("inimum")) {
            language.atLeast(bound, exclusive);
        } else {
            language.atMost(bound, exclusive);
        }
    }
}
