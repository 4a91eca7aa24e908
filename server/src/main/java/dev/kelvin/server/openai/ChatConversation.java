// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.chat.Conversation;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import java.util.List;
import java.util.Map;

/** The conversation of a chat: messages, tools, and what the template is told besides. */
public final class ChatConversation {
    private static final List<String> EFFORTS = List.of("none", "minimal", "low", "medium", "high", "xhigh");

    private ChatConversation() {}

    /** Takes it. */
    public static Conversation take(Fields fields) throws ApiException {
        Conversation conversation =
                Conversation.of(MessageFields.take(fields)).withTools(ToolFields.take(fields, true));
        conversation = withEffort(conversation, effort(fields, "reasoning_effort"));
        Map<String, Object> values = fields.map("chat_template_kwargs");
        if (values != null) {
            for (Map.Entry<String, Object> each : values.entrySet()) {
                conversation = conversation.withValue(each.getKey(), each.getValue());
            }
        }
        boolean continues = fields.flag("continue_final_message", false);
        fields.only("add_generation_prompt", List.of(!continues));
        return continues ? conversation.continuingLast() : conversation;
    }

    /** Takes how much is thought; null if it is absent. */
    static String effort(Fields fields, String field) throws ApiException {
        return fields.word(field, null, EFFORTS);
    }

    /** Tells the template how long to think: by name, and whether at all. */
    static Conversation withEffort(Conversation conversation, String effort) {
        if (effort == null) {
            return conversation;
        }
        boolean thinks = !effort.equals("none");
        return conversation
                .withValue("reasoning_effort", effort)
                .withValue("enable_thinking", thinks)
                .withValue("thinking", thinks);
    }
}
