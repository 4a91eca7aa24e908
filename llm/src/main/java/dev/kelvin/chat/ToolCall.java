// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A call of a tool by a model.
 *
 * @param id by which the result refers to it; may be empty
 * @param name of the tool
 * @param arguments by name, as {@link dev.kelvin.format.json.JsonReader} gives values; copied
 */
public record ToolCall(String id, String name, Map<String, Object> arguments) {
    /** Copies the arguments. */
    public ToolCall {
        arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    }
}
