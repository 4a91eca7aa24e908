// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import dev.kelvin.chat.jinja.TemplateException;

/**
 * The templates for models whose file has none. Which one is meant, {@code LanguageModels.defaultTemplate} guesses by
 * the architecture, and that is to be told.
 */
public enum DefaultTemplate {
    /** Messages between {@code <|im_start|>} and {@code <|im_end|>}: Qwen, and most others. */
    CHATML("""
            {% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}\
            {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""),

    /** {@code <start_of_turn>}, without a system role. */
    GEMMA("""
            {{ bos_token }}{% set ns = namespace(system='') %}{% for message in messages %}\
            {% if message.role == 'system' %}{% set ns.system = message.content + '\\n\\n' %}{% else %}\
            {{ '<start_of_turn>' + ('model' if message.role == 'assistant' else 'user') + '\\n' + ns.system \
            + message.content + '<end_of_turn>\\n' }}{% set ns.system = '' %}{% endif %}{% endfor %}\
            {% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"""),

    /** {@code <|user|>} and {@code <|end|>}. */
    PHI("""
            {% for message in messages %}{{ '<|' + message.role + '|>\\n' + message.content + '<|end|>\\n' }}\
            {% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"""),

    /** {@code [INST]}, as Llama 2 and Mistral have it. */
    INST("""
            {{ bos_token }}{% set ns = namespace(system='') %}{% for message in messages %}\
            {% if message.role == 'system' %}{% set ns.system = message.content + '\\n\\n' %}\
            {% elif message.role == 'assistant' %}{{ ' ' + message.content + eos_token }}{% else %}\
            {{ '[INST] ' + ns.system + message.content + ' [/INST]' }}{% set ns.system = '' %}{% endif %}{% endfor %}""");

    private final String source;

    DefaultTemplate(String source) {
        this.source = source;
    }

    /** The template. */
    public ChatTemplate template() {
        try {
            return ChatTemplate.of(source);
        } catch (TemplateException e) {
            throw new AssertionError(e);
        }
    }
}
