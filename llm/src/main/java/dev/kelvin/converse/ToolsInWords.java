// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.Tool;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.format.json.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tools for models whose template knows none: told of in the first message, called and answered in plain text. */
final class ToolsInWords {
    private ToolsInWords() {}

    /** The same conversation without tools, calls and results, which are texts now. */
    static Conversation of(Conversation conversation) {
        List<Message> messages = new ArrayList<>();
        for (Message message : conversation.messages()) {
            messages.add(inWords(message));
        }
        if (!conversation.tools().isEmpty()) {
            String told = told(conversation.tools());
            if (messages.isEmpty()) {
                messages.add(Message.system(told));
            } else {
                // Not every template has a system role: what comes first is told more.
                Message first = messages.getFirst();
                messages.set(0, first.withContent(told + "\n\n" + first.content()));
            }
        }
        return conversation.withMessages(messages).withTools(List.of());
    }

    private static String told(List<Tool> tools) {
        StringBuilder text = new StringBuilder("You may call these tools, each described in JSON:\n");
        for (Tool tool : tools) {
            text.append(JsonWriter.write(tool.variable().get("function"))).append('\n');
        }
        return text.append("""
                        To call one, write its name and arguments as JSON between tags:
                        <tool_call>
                        {"name": "NAME", "arguments": {}}
                        </tool_call>
                        Its result comes back between <tool_response> and </tool_response>.""").toString();
    }

    private static Message inWords(Message message) {
        if (message.role() == Role.TOOL) {
            return Message.user("<tool_response>\n" + message.content() + "\n</tool_response>");
        }
        if (message.toolCalls().isEmpty()) {
            return message;
        }
        StringBuilder text = new StringBuilder(message.content());
        for (ToolCall call : message.toolCalls()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("name", call.name());
            fields.put("arguments", call.arguments());
            text.append(text.isEmpty() ? "" : "\n")
                    .append("<tool_call>\n")
                    .append(JsonWriter.write(fields))
                    .append("\n</tool_call>");
        }
        return message.withContent(text.toString()).withToolCalls(List.of());
    }
}
