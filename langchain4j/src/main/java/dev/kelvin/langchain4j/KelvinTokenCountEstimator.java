// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.chat.Conversation;
import dev.kelvin.converse.Chat;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.tokenizer.Tokenizer;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import java.util.List;

/**
 * Counts tokens exactly, by a model's own tokenizer and template: a message with all that the template puts around it,
 * but without what asks for an answer. Where a template refuses messages, as some do a list that begins with an answer,
 * their texts alone are counted. For any number of threads.
 */
public final class KelvinTokenCountEstimator implements TokenCountEstimator {
    private final Tokenizer tokenizer;
    private final Chat chat;

    /**
     * Counts as a model does.
     *
     * @throws IllegalArgumentException if the file's template is none
     */
    public KelvinTokenCountEstimator(Kelvin kelvin) {
        tokenizer = kelvin.tokenizer();
        try {
            chat = Chat.of(kelvin);
        } catch (ModelFormatException e) {
            throw new IllegalArgumentException("kelvin: " + e.getMessage(), e);
        }
    }

    @Override
    public int estimateTokenCountInText(String text) {
        return tokenizer.encode(text).length;
    }

    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        return estimateTokenCountInMessages(List.of(message));
    }

    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        Conversation conversation = Conversations.of(messages, List.of(), false);
        if (conversation.messages().isEmpty()) {
            return 0;
        }
        try {
            return chat.promptIds(conversation.withValue("add_generation_prompt", false)).length;
        } catch (IllegalArgumentException _) {
            return conversation.messages().stream()
                    .mapToInt(message -> estimateTokenCountInText(message.content()))
                    .sum();
        }
    }
}
