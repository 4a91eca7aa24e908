// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The messages of a chat. */
public final class MessageFields {
    private static final List<String> ROLES = List.of("system", "developer", "user", "assistant", "tool");

    private MessageFields() {}

    /** Takes {@code messages}, at least one. */
    public static List<Message> take(Fields fields) throws ApiException {
        List<?> list = fields.list("messages");
        if (list == null || list.isEmpty()) {
            throw ApiException.invalid(
                    fields.name("messages"), "missing_required_parameter", "'messages' must have a message at least.");
        }
        List<Message> messages = new ArrayList<>();
        Map<String, String> toolNames = new LinkedHashMap<>();
        for (int i = 0; i < list.size(); i++) {
            Message message = message(fields.element("messages", i, list.get(i)), toolNames);
            message.toolCalls().forEach(call -> toolNames.put(call.id(), call.name()));
            messages.add(message);
        }
        return messages;
    }

    private static Message message(Fields fields, Map<String, String> toolNames) throws ApiException {
        String role = fields.word("role", null, ROLES);
        if (role == null) {
            throw ApiException.invalid(
                    fields.name("role"), "missing_required_parameter", "'" + fields.name("role") + "' is required.");
        }
        String content = text(fields, "content", List.of("text", "input_text", "output_text"));
        String name = text(fields.string("name"));
        if (role.equals("tool")) {
            String id = fields.requiredString("tool_call_id");
            return Message.toolResult(id, toolNames.getOrDefault(id, name), content);
        }
        if (!role.equals("assistant")) {
            return new Message(Role.named(role), content, "", List.of(), "", name);
        }
        fields.only("refusal", List.of(""));
        fields.only("annotations", List.of(List.of()));
        return new Message(Role.ASSISTANT, content, reasoning(fields), calls(fields), "", name);
    }

    private static String reasoning(Fields fields) throws ApiException {
        String content = text(fields.string("reasoning_content"));
        String other = text(fields.string("reasoning"));
        return content.isEmpty() ? other : content;
    }

    private static String text(String string) {
        return string == null ? "" : string;
    }

    /** Takes a text, or a list of parts of the given types. */
    static String text(Fields fields, String field, List<String> types) throws ApiException {
        Object value = fields.value(field);
        if (value == null) {
            return "";
        }
        if (value instanceof String text) {
            return text;
        }
        if (!(value instanceof List<?> parts)) {
            String name = fields.name(field);
            throw ApiException.invalid(name, "invalid_type", "'" + name + "' must be a text or a list of parts.");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            Fields part = fields.element(field, i, parts.get(i));
            String type = part.requiredString("type");
            if (!types.contains(type)) {
                throw ApiException.unsupported(
                        part.name("type"),
                        "Parts of type '" + type + "' are not supported; " + types.getFirst() + " is.");
            }
            part.only("annotations", List.of(List.of()));
            part.only("logprobs", List.of(List.of()));
            text.append(part.requiredString("text"));
        }
        return text.toString();
    }

    private static List<ToolCall> calls(Fields fields) throws ApiException {
        List<?> list = fields.list("tool_calls");
        List<ToolCall> calls = new ArrayList<>();
        for (int i = 0; list != null && i < list.size(); i++) {
            Fields each = fields.element("tool_calls", i, list.get(i));
            each.only("type", List.of("function"));
            each.value("index");
            String id = each.requiredString("id");
            Fields function = each.object("function");
            if (function == null) {
                throw ApiException.invalid(
                        each.name("function"),
                        "missing_required_parameter",
                        "'" + each.name("function") + "' is required.");
            }
            calls.add(new ToolCall(id, function.requiredString("name"), arguments(function)));
        }
        return calls;
    }

    /** Takes the arguments of a call, a text of JSON. */
    static Map<String, Object> arguments(Fields fields) throws ApiException {
        String json = fields.requiredString("arguments");
        String name = fields.name("arguments");
        try {
            if (json.isBlank()) {
                return Map.of();
            }
            if (JsonReader.read(json) instanceof Map<?, ?> map) {
                Map<String, Object> arguments = new LinkedHashMap<>();
                map.forEach((key, value) -> arguments.put((String) key, value));
                return arguments;
            }
        } catch (JsonSyntaxException e) {
            throw ApiException.value(name, "'" + name + "' is not JSON: " + e.getMessage() + ".");
        }
        throw ApiException.value(name, "'" + name + "' must be a JSON object.");
    }
}
