// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What schemas that hold together say of an object. Properties come in the order in which they are declared, then those
 * that are only required, then any others. A few that several schemas declare together come in any order.
 */
final class ObjectRules {
    private static final int MAX_PATTERNS = 5;
    private static final int MAX_COUNTED = 200;
    /** So many properties have 64 sets, each of which has a rule where they come in any order. */
    private static final int MOST_UNORDERED = 6;

    private final SchemaCompiler compiler;

    ObjectRules(SchemaCompiler compiler) {
        this.compiler = compiler;
    }

    /**
     * What an object may hold.
     *
     * @param names declared or required, in their order
     * @param required those that must be there
     * @param nameTexts what names must be, or null
     * @param min the least number of properties
     * @param max the greatest, or −1
     * @param anyOrder whether no order is given
     */
    private record Shape(List<String> names, Set<String> required, Dfa nameTexts, int min, int max, boolean anyOrder) {}

    Expression expression(List<SchemaNode> nodes) throws GrammarException {
        Shape shape = shape(nodes);
        if (shape.max() >= 0
                && shape.max() < Math.max(shape.min(), shape.required().size())) {
            return Expression.NEVER;
        }
        List<Expression> members = new ArrayList<>();
        for (String name : shape.names()) {
            boolean allowed = shape.nameTexts() == null || shape.nameTexts().accepts(name);
            Expression value = allowed ? compiler.rule(declared(nodes, name)) : Expression.NEVER;
            members.add(value.equals(Expression.NEVER) ? value : JsonRules.member(JsonSpelling.quoted(name), value));
        }
        Expression other = other(nodes, shape);
        if (shape.min() > shape.names().size() + 1 && !other.equals(Expression.NEVER)) {
            // Two properties of one name count once, and nothing keeps a model from repeating a name of its own.
            throw nodes.getFirst().error("'minProperties' beyond the declared names is not supported");
        }
        Members sequence = new Members(shape, members, other);
        Expression all = shape.anyOrder() ? sequence.inAnyOrder() : sequence.inOrder();
        return JsonRules.bracketed("{", all, "}");
    }

    private Shape shape(List<SchemaNode> nodes) throws GrammarException {
        Set<String> names = new LinkedHashSet<>();
        Set<String> required = new LinkedHashSet<>();
        int min = 0;
        int max = -1;
        int declaring = 0;
        for (SchemaNode node : nodes) {
            declaring +=
                    node.map("properties").isEmpty() && node.strings("required").isEmpty() ? 0 : 1;
            names.addAll(node.map("properties").keySet());
            required.addAll(node.strings("required"));
            min = Math.max(min, node.count("minProperties", 0));
            if (node.has("maxProperties")) {
                int most = node.count("maxProperties", 0);
                max = max < 0 ? most : Math.min(max, most);
            }
        }
        names.addAll(required);
        if (Math.max(min, max) > MAX_COUNTED) {
            throw nodes.getFirst()
                    .error("'minProperties' or 'maxProperties' of more than " + MAX_COUNTED + " is not supported");
        }
        boolean anyOrder = declaring > 1 && names.size() <= MOST_UNORDERED;
        return new Shape(List.copyOf(names), required, nameTexts(nodes), min, max, anyOrder);
    }

    /** What {@code propertyNames} says, or null if there is none. */
    private Dfa nameTexts(List<SchemaNode> nodes) throws GrammarException {
        List<Object> schemas = new ArrayList<>();
        for (SchemaNode node : nodes) {
            if (node.has("propertyNames")) {
                schemas.add(
                        SchemaCompiler.schema(node.fields().get("propertyNames"), node.pointer() + "/propertyNames"));
            }
        }
        if (schemas.isEmpty()) {
            return null;
        }
        // The union by way of what none of them accepts.
        Dfa refused = Dfa.NEVER.complement();
        for (List<SchemaNode> choice : compiler.choices().of(schemas)) {
            Dfa texts = SchemaCompiler.types(choice).contains("string") ? texts(choice) : Dfa.NEVER;
            refused = refused.intersect(texts.complement());
        }
        return refused.complement();
    }

    private Dfa texts(List<SchemaNode> nodes) throws GrammarException {
        Dfa texts = compiler.strings().dfa(nodes);
        texts = texts == null ? Dfa.NEVER.complement() : texts;
        for (SchemaNode node : nodes) {
            for (String keyword : List.of("enum", "const")) {
                if (node.has(keyword)) {
                    List<?> values = keyword.equals("enum")
                            ? node.list(keyword)
                            : Collections.singletonList(node.fields().get(keyword));
                    texts = texts.intersect(Dfa.ofTexts(values.stream()
                            .filter(String.class::isInstance)
                            .map(String.class::cast)
                            .toList()));
                }
            }
        }
        return texts;
    }

    /** What the nodes say of a property that is declared or required. */
    private List<Object> declared(List<SchemaNode> nodes, String name) throws GrammarException {
        List<Object> schemas = new ArrayList<>();
        for (SchemaNode node : nodes) {
            boolean known = node.map("properties").containsKey(name);
            if (known) {
                schemas.add(SchemaCompiler.schema(node.map("properties").get(name), node.at("properties", name)));
            }
            for (String pattern : node.map("patternProperties").keySet()) {
                if (compiler.strings().pattern(pattern).accepts(name)) {
                    known = true;
                    schemas.add(patterned(node, pattern));
                }
            }
            if (!known && node.has("additionalProperties")) {
                schemas.add(additional(node));
            }
        }
        return schemas;
    }

    private static Object patterned(SchemaNode node, String pattern) throws GrammarException {
        return SchemaCompiler.schema(node.map("patternProperties").get(pattern), node.at("patternProperties", pattern));
    }

    private static Object additional(SchemaNode node) throws GrammarException {
        return SchemaCompiler.schema(
                node.fields().get("additionalProperties"), node.pointer() + "/additionalProperties");
    }

    /** A property of any other name: one alternative for each set of patterns that a name can match. */
    private Expression other(List<SchemaNode> nodes, Shape shape) throws GrammarException {
        Set<String> patterns = new LinkedHashSet<>();
        for (SchemaNode node : nodes) {
            patterns.addAll(node.map("patternProperties").keySet());
        }
        if (patterns.size() > MAX_PATTERNS) {
            throw nodes.getFirst()
                    .error("'patternProperties' of more than " + MAX_PATTERNS + " patterns are not supported");
        }
        List<String> all = List.copyOf(patterns);
        List<Expression> alternatives = new ArrayList<>();
        for (int matched = 0; matched < 1 << all.size(); matched++) {
            Set<String> matching = new LinkedHashSet<>();
            for (int i = 0; i < all.size(); i++) {
                if ((matched >> i & 1) != 0) {
                    matching.add(all.get(i));
                }
            }
            Expression value = compiler.rule(undeclared(nodes, matching));
            if (!value.equals(Expression.NEVER)) {
                alternatives.add(named(shape, all, matching, value));
            }
        }
        return Expression.choice(alternatives);
    }

    private static List<Object> undeclared(List<SchemaNode> nodes, Set<String> matching) throws GrammarException {
        List<Object> schemas = new ArrayList<>();
        for (SchemaNode node : nodes) {
            boolean known = false;
            for (String pattern : node.map("patternProperties").keySet()) {
                if (matching.contains(pattern)) {
                    known = true;
                    schemas.add(patterned(node, pattern));
                }
            }
            if (!known && node.has("additionalProperties")) {
                schemas.add(additional(node));
            }
        }
        return schemas;
    }

    private Expression named(Shape shape, List<String> patterns, Set<String> matching, Expression value)
            throws GrammarException {
        Dfa texts = shape.nameTexts();
        if (!shape.names().isEmpty()) {
            Dfa undeclared = Dfa.ofTexts(shape.names()).complement();
            texts = texts == null ? undeclared : texts.intersect(undeclared);
        }
        for (String pattern : patterns) {
            Dfa matches = compiler.strings().pattern(pattern);
            Dfa wanted = matching.contains(pattern) ? matches : matches.complement();
            texts = texts == null ? wanted : texts.intersect(wanted);
        }
        if (texts != null && texts.isEmpty()) {
            return Expression.NEVER;
        }
        Expression name = texts == null ? compiler.json().string() : JsonRules.string(texts);
        return JsonRules.member(name, value);
    }

    /** The sequence of properties, with commas, as rules that say how it goes on. */
    private final class Members {
        private final Shape shape;
        private final List<Expression> members;
        private final Expression other;
        /** Counting goes no further than makes a difference. */
        private final int counted;

        private final Map<List<Integer>, Expression> known = new HashMap<>();

        Members(Shape shape, List<Expression> members, Expression other) {
            this.shape = shape;
            this.members = members;
            this.other = other;
            this.counted = Math.max(1, Math.max(shape.min(), shape.max()));
        }

        private Expression rule(Expression expression) throws GrammarException {
            int part = compiler.part("members");
            compiler.rules().define(part, expression);
            return new Expression.Reference(part);
        }

        /** The declared properties one after the other: a rule for each and each number of properties before it. */
        Expression inOrder() throws GrammarException {
            // From the end, so that no recursion is as deep as there are properties.
            for (int i = members.size(); i >= 0; i--) {
                for (int n = counted; n >= 0; n--) {
                    known.put(List.of(i, n), rule(i == members.size() ? others(n) : declared(i, n)));
                }
            }
            return next(0, 0);
        }

        private Expression next(int index, int count) {
            return known.get(List.of(index, Math.min(count, counted)));
        }

        private Expression declared(int index, int count) {
            Expression with = isFull(count)
                    ? Expression.NEVER
                    : Expression.sequence(placed(members.get(index), count), next(index + 1, count + 1));
            return isRequired(index) ? with : Expression.choice(with, next(index + 1, count));
        }

        private boolean isRequired(int index) {
            return shape.required().contains(shape.names().get(index));
        }

        /** The declared properties in any order: a rule for each set of those that are there. */
        Expression inAnyOrder() throws GrammarException {
            Expression[] after = new Expression[1 << members.size()];
            for (int there = after.length - 1; there >= 0; there--) {
                int count = Integer.bitCount(there);
                List<Expression> ways = new ArrayList<>();
                boolean mayEnd = true;
                for (int i = 0; i < members.size(); i++) {
                    if ((there >> i & 1) == 0) {
                        mayEnd &= !isRequired(i);
                        if (!isFull(count)) {
                            ways.add(Expression.sequence(placed(members.get(i), count), after[there | 1 << i]));
                        }
                    }
                }
                if (mayEnd) {
                    ways.add(others(count));
                }
                after[there] = rule(Expression.choice(ways));
            }
            return after[0];
        }

        private boolean isFull(int count) {
            return shape.max() >= 0 && count >= shape.max();
        }

        private Expression placed(Expression member, int count) {
            return member.equals(Expression.NEVER)
                    ? member
                    : count == 0 ? Expression.sequence(member, JsonRules.SPACE) : JsonRules.following(member);
        }

        private Expression others(int count) {
            int left = shape.max() < 0 ? -1 : shape.max() - count;
            Expression none = count >= shape.min() ? Expression.EMPTY : Expression.NEVER;
            if (left == 0 || other.equals(Expression.NEVER) || count + 1 < shape.min()) {
                return none;
            }
            Expression more = Expression.repeat(JsonRules.following(other), 0, left < 0 ? -1 : left - 1);
            return Expression.choice(Expression.sequence(placed(other, count), more), none);
        }
    }
}
