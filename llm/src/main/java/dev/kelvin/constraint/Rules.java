// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rules of a grammar while it is made. The first one is what a text must be. */
final class Rules {
    private final List<String> names = new ArrayList<>();
    private final List<Expression> expressions = new ArrayList<>();
    private final Map<String, Integer> indices = new HashMap<>();

    /** The index of the rule of a name, which need not be defined yet. */
    int index(String name) {
        return indices.computeIfAbsent(name, each -> {
            names.add(each);
            expressions.add(null);
            return names.size() - 1;
        });
    }

    boolean isDefined(int rule) {
        return expressions.get(rule) != null;
    }

    void define(int rule, Expression expression) {
        expressions.set(rule, expression);
    }

    int size() {
        return names.size();
    }

    String name(int rule) {
        return names.get(rule);
    }

    Expression expression(int rule) {
        return expressions.get(rule);
    }
}
