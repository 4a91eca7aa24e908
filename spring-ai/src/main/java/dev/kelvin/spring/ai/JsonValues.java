// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.util.LinkedHashMap;
import java.util.Map;

/** JSON that Spring AI hands around as texts. */
final class JsonValues {
    private JsonValues() {}

    /**
     * Reads a value.
     *
     * @param what it is, for the message
     * @throws IllegalArgumentException if it is not JSON
     */
    static Object read(String what, String json) {
        try {
            return JsonReader.read(json);
        } catch (JsonSyntaxException e) {
            throw new IllegalArgumentException("chat: " + what + " is not JSON: " + e.getMessage(), e);
        }
    }

    /**
     * Reads an object; what is blank is an empty one.
     *
     * @param what it is, for the message
     * @throws IllegalArgumentException if it is none
     */
    static Map<String, Object> readObject(String what, String json) {
        if (json == null || json.isBlank()) {
            return Map.of();
        }
        if (!(read(what, json) instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("chat: " + what + " is JSON, but no object");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        map.forEach((name, value) -> fields.put((String) name, value));
        return fields;
    }
}
