// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.List;

/** What schemas that hold together say of an array. */
final class ArrayRules {
    private static final int MAX_PREFIX = 300;

    private final SchemaCompiler compiler;
    private final List<SchemaNode> nodes;
    private int prefix;
    private int min;
    /** −1 for no greatest number. */
    private int max = -1;

    ArrayRules(SchemaCompiler compiler, List<SchemaNode> nodes) throws GrammarException {
        this.compiler = compiler;
        this.nodes = nodes;
        for (SchemaNode node : nodes) {
            prefix = Math.max(prefix, node.list("prefixItems").size());
            min = Math.max(min, node.count("minItems", 0));
            if (node.has("maxItems")) {
                int most = node.count("maxItems", 0);
                max = max < 0 ? most : Math.min(max, most);
            }
        }
        if (prefix > MAX_PREFIX) {
            throw nodes.getFirst().error("'prefixItems' of more than " + MAX_PREFIX + " is not supported");
        }
    }

    Expression expression() throws GrammarException {
        if (max >= 0 && max < min) {
            return Expression.NEVER;
        }
        Expression elements = max == 0 ? Expression.EMPTY : from(0);
        return JsonRules.bracketed("[", elements, "]");
    }

    /** The element at an index: what each node says of it. */
    private Expression element(int index) throws GrammarException {
        List<Object> schemas = new ArrayList<>();
        for (SchemaNode node : nodes) {
            List<?> first = node.list("prefixItems");
            if (index < first.size()) {
                schemas.add(SchemaCompiler.schema(first.get(index), node.at("prefixItems", index)));
            } else if (node.has("items")) {
                schemas.add(SchemaCompiler.schema(node.fields().get("items"), node.pointer() + "/items"));
            }
        }
        return compiler.rule(schemas);
    }

    /** The elements from an index on. */
    private Expression from(int index) throws GrammarException {
        if (index == max) {
            return Expression.EMPTY;
        }
        Expression element = element(index);
        if (index >= prefix && index > 0) {
            return Expression.repeat(
                    JsonRules.following(element), Math.max(0, min - index), max < 0 ? -1 : max - index);
        }
        Expression first = index == 0 ? Expression.sequence(element, JsonRules.SPACE) : JsonRules.following(element);
        Expression all = Expression.sequence(first, from(index + 1));
        return index < min ? all : Expression.optional(all);
    }
}
