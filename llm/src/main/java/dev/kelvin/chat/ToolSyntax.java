// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import dev.kelvin.chat.AnswerPart.Call;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How tool calls are written. */
enum ToolSyntax {
    /** {@code {"name": ..., "arguments": {...}}}, or a list of such. */
    JSON {
        @Override
        List<Call> read(String header, String body, ToolTypes types) throws JsonSyntaxException {
            List<Call> calls = new ArrayList<>();
            for (String part : body.strip().split(";(?=\\s*\\{)", -1)) {
                Object value = JsonReader.read(part);
                for (Object each : value instanceof List<?> list ? list : List.of(value)) {
                    calls.add(call(each));
                }
            }
            return calls;
        }
    },

    /** {@code <function=name>} with {@code <parameter=name>} in it. */
    XML {
        @Override
        List<Call> read(String header, String body, ToolTypes types) {
            List<Call> calls = new ArrayList<>();
            // The mark itself may be the beginning of the function.
            String text = header.equals("<function=") ? header + body + "</function>" : body;
            int at = text.indexOf("<function=");
            while (at >= 0) {
                int end = text.indexOf("</function>", at);
                calls.add(function(text.substring(at + 10, require(end)), types));
                at = text.indexOf("<function=", end);
            }
            return calls;
        }

        private Call function(String text, ToolTypes types) {
            int close = require(text.indexOf('>'));
            String name = text.substring(0, close).strip();
            Map<String, Object> arguments = new LinkedHashMap<>();
            int at = text.indexOf("<parameter=", close);
            while (at >= 0) {
                int key = require(text.indexOf('>', at));
                int end = require(text.indexOf("</parameter>", key));
                String parameter = text.substring(at + 11, key).strip();
                String value = text.substring(key + 1, end);
                value = value.startsWith("\n") ? value.substring(1) : value;
                value = value.endsWith("\n") ? value.substring(0, value.length() - 1) : value;
                arguments.put(parameter, types.value(name, parameter, value));
                at = text.indexOf("<parameter=", end);
            }
            return new Call(name, arguments);
        }
    },

    /** A list as in JSON, or {@code name[ARGS]{...}} any number of times. */
    MISTRAL {
        @Override
        List<Call> read(String header, String body, ToolTypes types) throws JsonSyntaxException {
            if (body.strip().startsWith("[")) {
                return JSON.read(header, body, types);
            }
            List<Call> calls = new ArrayList<>();
            for (String part : body.split("\\[TOOL_CALLS\\]", -1)) {
                int mark = require(part.indexOf("[ARGS]"));
                int id = part.indexOf("[CALL_ID]");
                String name =
                        part.substring(0, id >= 0 && id < mark ? id : mark).strip();
                calls.add(new Call(name, arguments(JsonReader.read(part.substring(mark + 6)))));
            }
            return calls;
        }
    },

    /** Arguments behind a header that names the tool: {@code commentary to=functions.name}. */
    HARMONY {
        @Override
        List<Call> read(String header, String body, ToolTypes types) throws JsonSyntaxException {
            String recipient =
                    header.substring(header.indexOf("to=") + 3).strip().split("[\\s<]", 2)[0];
            String name = recipient.startsWith("functions.") ? recipient.substring(10) : recipient;
            return List.of(new Call(name, arguments(JsonReader.read(body))));
        }
    };

    /**
     * Reads calls.
     *
     * @param header the mark before them
     * @param body between the marks
     * @param types of parameters, where the syntax does not show them
     * @throws JsonSyntaxException if it is not JSON where it should be
     * @throws IllegalArgumentException if it is anything else than calls
     */
    abstract List<Call> read(String header, String body, ToolTypes types) throws JsonSyntaxException;

    static int require(int place) {
        if (place < 0) {
            throw new IllegalArgumentException("chat: no tool call");
        }
        return place;
    }

    static Call call(Object value) throws JsonSyntaxException {
        if (!(value instanceof Map<?, ?> fields)) {
            throw new IllegalArgumentException("chat: no tool call");
        }
        if (fields.get("function") instanceof Map<?, ?> function) {
            return call(function);
        }
        Object name = fields.containsKey("name") ? fields.get("name") : fields.get("tool_name");
        if (!(name instanceof String text)) {
            throw new IllegalArgumentException("chat: a tool call without a name");
        }
        Object arguments = fields.containsKey("arguments") ? fields.get("arguments") : fields.get("parameters");
        return new Call(text, arguments(arguments instanceof String json ? JsonReader.read(json) : arguments));
    }

    static Map<String, Object> arguments(Object value) {
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("chat: arguments that are no object");
        }
        Map<String, Object> arguments = new LinkedHashMap<>();
        map.forEach((name, each) -> arguments.put((String) name, each));
        return arguments;
    }
}
