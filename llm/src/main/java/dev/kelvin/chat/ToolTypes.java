// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The types of tools' parameters, for syntaxes in which every value looks like text. */
final class ToolTypes {
    private final Map<String, Map<?, ?>> properties = new HashMap<>();
    private final Set<String> names = new HashSet<>();

    /** @param tools as a chat template gets them */
    ToolTypes(List<?> tools) {
        for (Object tool : tools) {
            Object function =
                    tool instanceof Map<?, ?> map && map.get("function") instanceof Map<?, ?> inner ? inner : tool;
            if (function instanceof Map<?, ?> fields && fields.get("name") instanceof String name) {
                names.add(name);
            }
            if (function instanceof Map<?, ?> fields
                    && fields.get("name") instanceof String name
                    && fields.get("parameters") instanceof Map<?, ?> schema
                    && schema.get("properties") instanceof Map<?, ?> named) {
                properties.put(name, named);
            }
        }
    }

    /** Whether all calls are of tools that there are; where none were named, any may be. */
    boolean know(List<AnswerPart.Call> calls) {
        return names.isEmpty() || calls.stream().allMatch(call -> names.contains(call.name()));
    }

    /** A value as its type has it; text where nothing else is known. */
    Object value(String tool, String parameter, String text) {
        boolean known = properties.containsKey(tool)
                && properties.get(tool).get(parameter) instanceof Map<?, ?> schema
                && schema.containsKey("type")
                && !"string".equals(schema.get("type"));
        if (!known) {
            return text;
        }
        try {
            return JsonReader.read(text);
        } catch (JsonSyntaxException e) {
            return text;
        }
    }
}
