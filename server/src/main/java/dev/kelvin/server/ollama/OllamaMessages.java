// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.ollama;

import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The messages of {@code /api/chat}, whose calls have arguments as objects and may have no ids. */
final class OllamaMessages {
    private static final List<String> ROLES = List.of("system", "user", "assistant", "tool");

    private OllamaMessages() {}

    static List<Message> take(Fields fields) throws ApiException {
        List<?> list = fields.list("messages");
        if (list == null || list.isEmpty()) {
            throw ApiException.invalid(
                    "messages", "missing_required_parameter", "'messages' must have a message at least.");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            messages.add(message(fields.element("messages", i, list.get(i))));
        }
        return messages;
    }

    private static Message message(Fields fields) throws ApiException {
        String role = fields.word("role", "user", ROLES);
        String content = text(fields.string("content"));
        fields.only("images", List.of(List.of()));
        String thinking = text(fields.string("thinking"));
        String tool = text(fields.string("tool_name"));
        String id = text(fields.string("tool_call_id"));
        return new Message(Role.named(role), content, thinking, calls(fields), id, tool);
    }

    private static String text(String string) {
        return string == null ? "" : string;
    }

    private static List<ToolCall> calls(Fields fields) throws ApiException {
        List<?> list = fields.list("tool_calls");
        List<ToolCall> calls = new ArrayList<>();
        for (int i = 0; list != null && i < list.size(); i++) {
            Fields each = fields.element("tool_calls", i, list.get(i));
            each.only("type", List.of("function"));
            String id = text(each.string("id"));
            Fields function = each.object("function");
            if (function == null) {
                throw ApiException.invalid(
                        each.name("function"),
                        "missing_required_parameter",
                        "'" + each.name("function") + "' is required.");
            }
            function.value("index");
            String name = function.requiredString("name");
            Map<String, Object> arguments = function.map("arguments");
            calls.add(new ToolCall(id, name, arguments == null ? Map.of() : arguments));
        }
        return calls;
    }
}
