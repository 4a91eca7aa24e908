// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.converse.ChatStyle;
import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.Serializable;
import java.time.LocalDateTime;

/**
 * A text as a question rather than a beginning.
 *
 * @param system what sets the scene; null for nothing
 * @param template in Jinja; null for the model's own
 * @param now the time that a template may show, the same for each row
 */
record ChatSpec(String system, String template, LocalDateTime now) implements Serializable {
    /**
     * Finds out whether the template is one.
     *
     * @throws IllegalArgumentException if it is no Jinja
     */
    void check() {
        if (template != null) {
            try {
                var _ = ChatTemplate.of(template);
            } catch (TemplateException e) {
                throw new IllegalArgumentException("kelvin: the template: " + e.getMessage(), e);
            }
        }
    }

    /**
     * How a model is talked to.
     *
     * @throws IllegalStateException if the model's own template is none
     */
    ChatStyle style(GgufMetadata metadata, Tokenizer tokenizer) {
        try {
            return template == null
                    ? ChatStyle.of(metadata, tokenizer)
                    : ChatStyle.of(ChatTemplate.of(template), tokenizer);
        } catch (ModelFormatException | TemplateException e) {
            throw new IllegalStateException("kelvin: the model's template: " + e.getMessage(), e);
        }
    }

    /** What the model is shown of a text. */
    Conversation conversation(String text) {
        Conversation question = Conversation.of(Message.user(text));
        return system == null ? question : Conversation.of(Message.system(system), Message.user(text));
    }
}
