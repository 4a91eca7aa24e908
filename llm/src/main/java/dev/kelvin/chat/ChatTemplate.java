// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import dev.kelvin.chat.jinja.Limits;
import dev.kelvin.chat.jinja.Template;
import dev.kelvin.chat.jinja.TemplateException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;

/**
 * The template by which a model's makers turn a conversation into a prompt. Immutable, and safe for use by several
 * threads.
 *
 * <p>A conversation is the variables of the template, as Hugging Face passes them: {@code messages}, a list of maps
 * with {@code role} and {@code content}; {@code tools}, if there are any; {@code add_generation_prompt}; the model's
 * {@code bos_token} and {@code eos_token}.
 */
public final class ChatTemplate {
    private final Template template;

    private ChatTemplate(Template template) {
        this.template = template;
    }

    /**
     * Reads a template.
     *
     * @param source Jinja, as it stands in a model's file
     * @return the template
     * @throws TemplateException if it is no Jinja
     */
    public static ChatTemplate of(String source) throws TemplateException {
        return new ChatTemplate(Template.compile(source));
    }

    /**
     * The prompt of a conversation.
     *
     * @param variables of the template: strings, numbers, booleans, null, lists and maps
     * @param now the time that a template may show
     * @return the prompt, in which control tokens are spelled out
     * @throws TemplateException if the template refuses the conversation, or cannot be rendered for it
     */
    public String render(Map<String, ?> variables, LocalDateTime now) throws TemplateException {
        return template.render(variables, now, Limits.DEFAULT);
    }

    /** Whether the text of the template contains a phrase: by its tags one knows what a model answers. */
    public boolean mentions(String phrase) {
        return template.mentions(phrase);
    }

    /**
     * Cuts a prompt behind the text of its last message, so that the model continues that message rather than answers
     * it.
     *
     * @param prompt as rendered, without a prompt for generation
     * @param messages those that were rendered
     * @return the prompt up to the end of the last message
     * @throws IllegalArgumentException if the last message has no text, or the prompt does not contain it
     */
    public static String continued(String prompt, List<? extends Map<String, ?>> messages) {
        String text = messages.isEmpty() ? "" : text(messages.getLast().get("content"));
        String stripped = text.strip();
        int at = prompt.lastIndexOf(stripped);
        if (stripped.isEmpty() || at < 0) {
            throw new IllegalArgumentException("chat: the prompt does not contain the text of the last message");
        }
        String whole = text.stripLeading();
        // Some templates strip what they print; then nothing follows the text that could be kept.
        boolean kept = prompt.startsWith(whole, at);
        return prompt.substring(0, at + (kept ? whole.length() : stripped.length()));
    }

    /** The text of a message, or of its last part that is text. */
    private static String text(Object content) {
        if (content instanceof String text) {
            return text;
        }
        if (content instanceof List<?> parts) {
            for (Object part : parts.reversed()) {
                if (part instanceof Map<?, ?> map && map.get("text") instanceof String text) {
                    return text;
                }
            }
        }
        return "";
    }
}
