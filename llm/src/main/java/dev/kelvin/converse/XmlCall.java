// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.chat.Tool;
import dev.kelvin.constraint.Gbnf;
import dev.kelvin.format.json.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rule of a call whose parameters stand between tags, in the order in which its schema declares them: texts as they
 * are, other values as JSON.
 */
final class XmlCall {
    private static final String END = "\n</parameter>\n";
    private static final List<String> UNKEPT = List.of("pattern", "format", "minLength", "maxLength");

    private final AnswerRules rules;
    private final Tool tool;

    XmlCall(AnswerRules rules, Tool tool) {
        this.rules = rules;
        this.tool = tool;
    }

    /** Adds the rule and returns its name. */
    String rule() {
        List<String> parts = new ArrayList<>();
        parts.add(Gbnf.literal("<tool_call>\n<function=" + tool.name() + ">\n"));
        Object properties = tool.parameters().get("properties");
        Object required = tool.parameters().get("required");
        if (properties instanceof Map<?, ?> map) {
            map.forEach((name, schema) -> {
                String parameter = parameter((String) name, schema);
                boolean must = required instanceof List<?> names && names.contains(name);
                parts.add(must ? parameter : parameter + "?");
            });
        }
        parts.add(Gbnf.literal("</function>\n</tool_call>"));
        return rules.rule(String.join(" ", parts));
    }

    private String parameter(String name, Object schema) {
        if (name.indexOf('>') >= 0 || name.indexOf('\n') >= 0) {
            throw refused(name, "its name cannot stand in a tag");
        }
        String open = Gbnf.literal("<parameter=" + name + ">\n");
        Map<?, ?> fields = schema instanceof Map<?, ?> map ? map : Map.of();
        if (!fields.containsKey("type") || "string".equals(fields.get("type"))) {
            return rules.rule(open + " " + text(name, fields));
        }
        return rules.rule(open + " " + rules.schema(withDefinitions(fields)) + " " + Gbnf.literal(END));
    }

    private String text(String name, Map<?, ?> fields) {
        for (String keyword : UNKEPT) {
            if (fields.containsKey(keyword)) {
                throw refused(name, "'" + keyword + "' of a text between tags is not supported");
            }
        }
        Object values = fields.containsKey("const") ? List.of(fields.get("const")) : fields.get("enum");
        if (!(values instanceof List<?> list)) {
            return rules.upTo(END);
        }
        List<String> texts = new ArrayList<>();
        for (Object value : list) {
            texts.add(Gbnf.literal((value instanceof String text ? text : JsonWriter.write(value)) + END));
        }
        return "(" + String.join(" | ", texts) + ")";
    }

    /** References point into the whole schema. */
    private Object withDefinitions(Map<?, ?> schema) {
        Map<Object, Object> whole = new LinkedHashMap<>(schema);
        for (String keyword : List.of("$defs", "definitions")) {
            if (tool.parameters().containsKey(keyword)) {
                whole.putIfAbsent(keyword, tool.parameters().get(keyword));
            }
        }
        return whole;
    }

    private IllegalArgumentException refused(String parameter, String why) {
        return new IllegalArgumentException(
                "chat: the tool '" + tool.name() + "', parameter '" + parameter + "': " + why);
    }
}
