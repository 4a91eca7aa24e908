// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The {@code input} of a response: a text, or items, which become messages. */
final class InputItems {
    private static final List<String> ROLES = List.of("system", "developer", "user", "assistant");
    private static final List<String> PARTS = List.of("input_text", "output_text", "text");

    private final List<Message> messages = new ArrayList<>();
    private final Map<String, String> toolNames = new HashMap<>();
    private String reasoning = "";

    private InputItems() {}

    static List<Message> take(Fields fields) throws ApiException {
        Object input = fields.value("input");
        if (input instanceof String text) {
            return List.of(Message.user(text));
        }
        if (!(input instanceof List<?> list) || list.isEmpty()) {
            throw ApiException.invalid(
                    "input", "missing_required_parameter", "'input' must be a text or a list of items.");
        }
        InputItems items = new InputItems();
        for (int i = 0; i < list.size(); i++) {
            items.add(fields.element("input", i, list.get(i)));
        }
        return items.messages;
    }

    private void add(Fields item) throws ApiException {
        String type = item.string("type");
        item.label("id");
        item.label("status");
        switch (type == null ? "message" : type) {
            case "message" -> message(item);
            case "function_call" -> call(item);
            case "function_call_output" -> {
                String id = item.requiredString("call_id");
                String output = MessageFields.text(item, "output", PARTS);
                messages.add(Message.toolResult(id, toolNames.getOrDefault(id, ""), output));
            }
            case "reasoning" -> {
                item.only("summary", List.of(List.of()));
                item.only("encrypted_content", List.of(""));
                reasoning = MessageFields.text(item, "content", List.of("reasoning_text"));
            }
            default ->
                throw ApiException.unsupported(item.name("type"), "Items of type '" + type + "' are not supported.");
        }
    }

    private void message(Fields item) throws ApiException {
        String role = item.word("role", "user", ROLES);
        String content = MessageFields.text(item, "content", PARTS);
        Message message = Message.of(Role.named(role), content);
        if (role.equals("assistant")) {
            message = message.withReasoning(reasoning);
            reasoning = "";
        }
        messages.add(message);
    }

    /** Calls that follow each other, or a text, are of one message. */
    private void call(Fields item) throws ApiException {
        String id = item.requiredString("call_id");
        ToolCall call = new ToolCall(id, item.requiredString("name"), MessageFields.arguments(item));
        toolNames.put(id, call.name());
        Message last = messages.isEmpty() ? null : messages.getLast();
        if (last == null || last.role() != Role.ASSISTANT) {
            messages.add(Message.assistant("").withReasoning(reasoning).withToolCalls(List.of(call)));
            reasoning = "";
        } else {
            List<ToolCall> calls = new ArrayList<>(last.toolCalls());
            calls.add(call);
            messages.set(messages.size() - 1, last.withToolCalls(calls));
        }
    }
}
