// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What schemas that hold together say of a string. */
final class StringRules {
    private final Map<String, Dfa> patterns = new HashMap<>();

    /** The automaton of a pattern. */
    Dfa pattern(String pattern) throws GrammarException {
        Dfa dfa = patterns.get(pattern);
        if (dfa == null) {
            dfa = RegexMatcher.dfa(pattern);
            patterns.put(pattern, dfa);
        }
        return dfa;
    }

    private static int min(List<SchemaNode> nodes) throws GrammarException {
        int min = 0;
        for (SchemaNode node : nodes) {
            min = Math.max(min, node.count("minLength", 0));
        }
        return min;
    }

    /** −1 for no greatest length. */
    private static int max(List<SchemaNode> nodes) throws GrammarException {
        int max = Integer.MAX_VALUE;
        for (SchemaNode node : nodes) {
            max = Math.min(max, node.count("maxLength", Integer.MAX_VALUE));
        }
        return max == Integer.MAX_VALUE ? -1 : max;
    }

    private List<String> patterns(List<SchemaNode> nodes) throws GrammarException {
        List<String> found = new ArrayList<>();
        for (SchemaNode node : nodes) {
            if (node.has("pattern")) {
                found.add(node.string("pattern"));
            }
            if (node.has("format")) {
                String pattern = Formats.pattern(node.string("format"));
                if (pattern != null) {
                    found.add(pattern);
                }
            }
        }
        return found;
    }

    /** A string, with its quotes. */
    Expression expression(List<SchemaNode> nodes, JsonRules json) throws GrammarException {
        if (patterns(nodes).isEmpty()) {
            int min = min(nodes);
            int max = max(nodes);
            if (max >= 0 && max < min) {
                return Expression.NEVER;
            }
            return min == 0 && max < 0 ? json.string() : JsonRules.string(min, max);
        }
        Dfa dfa = dfa(nodes);
        return dfa.isEmpty() ? Expression.NEVER : JsonRules.string(dfa);
    }

    /** The texts allowed, or null if all are. */
    Dfa dfa(List<SchemaNode> nodes) throws GrammarException {
        Dfa dfa = null;
        for (String pattern : patterns(nodes)) {
            dfa = dfa == null ? pattern(pattern) : dfa.intersect(pattern(pattern));
        }
        int min = min(nodes);
        int max = max(nodes);
        if (min > 0 || max >= 0) {
            Dfa length = max >= 0 && max < min ? Dfa.NEVER : Dfa.ofLength(min, max);
            dfa = dfa == null ? length : dfa.intersect(length);
        }
        return dfa;
    }
}
