// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A tool that a model may call.
 *
 * @param name of letters, digits and {@code _.:/-}
 * @param description what it does
 * @param parameters JSON Schema of the object of its arguments, as {@link dev.kelvin.format.json.JsonReader} gives
 *     values
 */
public record Tool(String name, String description, Map<String, ?> parameters) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:/-]{1,128}");

    /** The schema of a tool that says nothing of its arguments. */
    public static final Map<String, ?> ANY_ARGUMENTS = Map.of("type", "object");

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if it has other characters
     */
    public Tool {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("chat: the tool name '" + name + "' is not of letters, digits, _.:/-");
        }
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(parameters, "parameters");
    }

    /** The tool as templates know it. */
    public Map<String, Object> variable() {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", name);
        function.put("description", description);
        function.put("parameters", parameters);
        Map<String, Object> tool = new LinkedHashMap<>();
        tool.put("type", "function");
        tool.put("function", function);
        return tool;
    }
}
