// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.ToolCall;
import java.util.ArrayList;
import java.util.List;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;

/** Messages of Spring AI as those of Kelvin. */
final class PromptMessages {
    private PromptMessages() {}

    /**
     * The messages, oldest first; each result of a tool is one of its own.
     *
     * @throws IllegalArgumentException if one has media, or is of a kind that no template knows
     */
    static List<Message> of(List<org.springframework.ai.chat.messages.Message> messages) {
        List<Message> all = new ArrayList<>();
        for (org.springframework.ai.chat.messages.Message message : messages) {
            switch (message) {
                case SystemMessage system -> all.add(Message.system(text(system.getText())));
                case UserMessage user -> {
                    refuseMedia(!user.getMedia().isEmpty());
                    all.add(Message.user(text(user.getText())));
                }
                case AssistantMessage answer -> all.add(answer(answer));
                case ToolResponseMessage results ->
                    results.getResponses()
                            .forEach(each -> all.add(
                                    Message.toolResult(text(each.id()), text(each.name()), text(each.responseData()))));
                default ->
                    throw new IllegalArgumentException("chat: a message of type " + message.getMessageType()
                            + " must be one of Spring AI's own, but is a "
                            + message.getClass().getName());
            }
        }
        return all;
    }

    private static Message answer(AssistantMessage answer) {
        refuseMedia(!answer.getMedia().isEmpty());
        List<ToolCall> calls = new ArrayList<>();
        for (AssistantMessage.ToolCall call : answer.getToolCalls()) {
            String what = "what '" + call.name() + "' was called with";
            calls.add(new ToolCall(text(call.id()), call.name(), JsonValues.readObject(what, call.arguments())));
        }
        String thoughts = answer.getMetadata().get(ChatResponses.THOUGHTS) instanceof String found ? found : "";
        return new Message(Role.ASSISTANT, text(answer.getText()), thoughts, calls, "", "");
    }

    private static void refuseMedia(boolean found) {
        if (found) {
            throw new IllegalArgumentException("chat: messages with media are not supported, texts are");
        }
    }

    private static String text(String text) {
        return text == null ? "" : text;
    }
}
