// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.Tool;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.kelvin.format.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages and tools as JSON, spelled as OpenAI's interface spells them. */
final class ChatFile {
    /** No conversation comes near, in bytes. */
    private static final long LONGEST = 16 << 20;

    private ChatFile() {}

    /**
     * The JSON value of a file.
     *
     * @param what it is, for messages
     * @throws ModelFormatException if it is no JSON, or too long
     */
    static Object read(Path file, String what) throws IOException {
        long size = Files.size(file);
        if (size > LONGEST) {
            throw new ModelFormatException(
                    file, "file", -1, what + " of at most " + LONGEST + " bytes", size + " bytes");
        }
        try {
            return JsonReader.read(Files.readAllBytes(file));
        } catch (JsonSyntaxException e) {
            throw defect(file, what, e);
        }
    }

    /** What is wrong with a file. */
    static ModelFormatException defect(Path file, String what, Exception cause) {
        ModelFormatException defect = new ModelFormatException(file, "file", -1, what, cause.getMessage());
        defect.initCause(cause);
        return defect;
    }

    /**
     * The tools of a file.
     *
     * @throws ModelFormatException if it is no list of them
     */
    static List<Tool> tools(Path file) throws IOException {
        Object value = read(file, "tools");
        try {
            return tools(value);
        } catch (IllegalArgumentException e) {
            throw defect(file, "tools", e);
        }
    }

    static Map<String, Object> json(Message message) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("role", message.role().word());
        fields.put("content", message.content());
        if (!message.reasoning().isEmpty()) {
            fields.put("reasoning_content", message.reasoning());
        }
        if (!message.toolCalls().isEmpty()) {
            fields.put(
                    "tool_calls",
                    message.toolCalls().stream().map(ChatFile::json).toList());
        }
        if (!message.toolCallId().isEmpty()) {
            fields.put("tool_call_id", message.toolCallId());
        }
        if (!message.name().isEmpty()) {
            fields.put("name", message.name());
        }
        return fields;
    }

    private static Map<String, Object> json(ToolCall call) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", JsonWriter.write(call.arguments()));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", call.id());
        fields.put("type", "function");
        fields.put("function", function);
        return fields;
    }

    /**
     * A message.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Message message(Object value) {
        Map<?, ?> fields = map(value, "a message");
        List<ToolCall> calls = new ArrayList<>();
        Object made = fields.get("tool_calls");
        if (made instanceof List<?> list) {
            list.forEach(each -> calls.add(call(map(each, "a tool call"))));
        } else if (made != null) {
            throw new IllegalArgumentException("'tool_calls' is no list");
        }
        return new Message(
                Role.named(text(fields, "role")),
                text(fields, "content"),
                text(fields, "reasoning_content"),
                calls,
                text(fields, "tool_call_id"),
                text(fields, "name"));
    }

    private static ToolCall call(Map<?, ?> fields) {
        Map<?, ?> function = map(fields.get("function"), "a function");
        Object arguments = function.get("arguments");
        if (arguments instanceof String json) {
            try {
                arguments = JsonReader.read(json);
            } catch (JsonSyntaxException e) {
                throw new IllegalArgumentException("arguments that are no JSON", e);
            }
        }
        Map<String, Object> named = new LinkedHashMap<>();
        map(arguments, "arguments").forEach((name, each) -> named.put((String) name, each));
        return new ToolCall(text(fields, "id"), text(function, "name"), named);
    }

    /**
     * Tools.
     *
     * @param value a list of them
     * @throws IllegalArgumentException if it is none
     */
    static List<Tool> tools(Object value) {
        if (!(value instanceof List<?> list)) {
            throw new IllegalArgumentException("expected a list of tools");
        }
        List<Tool> tools = new ArrayList<>();
        for (Object each : list) {
            Map<?, ?> fields = map(each, "a tool");
            Map<?, ?> function = fields.get("function") instanceof Map<?, ?> inner ? inner : fields;
            Map<String, Object> parameters = new LinkedHashMap<>();
            Object schema = function.get("parameters") == null ? Tool.ANY_ARGUMENTS : function.get("parameters");
            map(schema, "parameters").forEach((name, part) -> parameters.put((String) name, part));
            tools.add(new Tool(text(function, "name"), text(function, "description"), parameters));
        }
        return tools;
    }

    private static Map<?, ?> map(Object value, String what) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("expected " + what + ", an object");
        }
        return map;
    }

    private static String text(Map<?, ?> fields, String name) {
        Object value = fields.get(name);
        if (value != null && !(value instanceof String)) {
            throw new IllegalArgumentException("'" + name + "' is no text");
        }
        return value == null ? "" : (String) value;
    }
}
