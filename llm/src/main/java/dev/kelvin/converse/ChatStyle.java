// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.chat.AnswerFormat;
import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.DefaultTemplate;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a model is talked to.
 *
 * @param template makes a prompt of a conversation
 * @param answers how the model marks what its answers are made of
 * @param tokens variables of the template that name tokens, by name
 * @param standIn which default the template is, if the model's file has none; empty if it has
 */
public record ChatStyle(
        ChatTemplate template, AnswerFormat answers, Map<String, String> tokens, Optional<DefaultTemplate> standIn) {
    private static final String KEY = "tokenizer.chat_template";

    /** Copies the map. */
    public ChatStyle {
        tokens = Map.copyOf(tokens);
    }

    /**
     * The style of a model, by the template of its file, or the default of its architecture.
     *
     * @param metadata of the file
     * @param tokenizer names the tokens
     * @throws ModelFormatException if a key is of another type than it should be
     * @throws TemplateException if the file's template is no Jinja
     */
    public static ChatStyle of(GgufMetadata metadata, Tokenizer tokenizer)
            throws ModelFormatException, TemplateException {
        Optional<DefaultTemplate> standIn = metadata.contains(KEY)
                ? Optional.empty()
                : Optional.of(LanguageModels.defaultTemplate(metadata.string("general.architecture", "")));
        ChatTemplate template = standIn.isPresent() ? standIn.get().template() : ChatTemplate.of(metadata.string(KEY));
        return new ChatStyle(template, AnswerFormat.of(template), tokens(tokenizer), standIn);
    }

    /** The style of a template that is given. */
    public static ChatStyle of(ChatTemplate template, Tokenizer tokenizer) {
        return new ChatStyle(template, AnswerFormat.of(template), tokens(tokenizer), Optional.empty());
    }

    private static Map<String, String> tokens(Tokenizer tokenizer) {
        Map<String, String> tokens = new LinkedHashMap<>();
        tokens.put("bos_token", tokenizer.bosId() < 0 ? "" : tokenizer.piece(tokenizer.bosId()));
        tokens.put("eos_token", tokenizer.eosId() < 0 ? "" : tokenizer.piece(tokenizer.eosId()));
        return tokens;
    }

    /** The same with answers in another format. */
    public ChatStyle withAnswers(AnswerFormat answers) {
        return new ChatStyle(template, answers, tokens, standIn);
    }

    /** Whether the template tells the model of tools. */
    boolean knowsTools() {
        return template.mentions("tools");
    }
}
