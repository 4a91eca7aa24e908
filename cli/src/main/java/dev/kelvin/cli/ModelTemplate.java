// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.DefaultTemplate;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.format.ModelFile;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The chat template of a model.
 *
 * @param variables what templates ask of a model: its tokens
 */
record ModelTemplate(ChatTemplate template, Map<String, Object> variables) {
    private static final String KEY = "tokenizer.chat_template";

    /** Reads the template of a model's file, or takes the default of its architecture and says so. */
    static ModelTemplate of(Path model, Terminal terminal) throws IOException, TemplateException {
        try (ModelFile file = Models.file(model)) {
            return of(file, Tokenizers.of(file, LoadOptions.telling(ProgressBar.ofLoading(terminal))), terminal);
        }
    }

    /** The same for a file that is open. */
    static ModelTemplate of(ModelFile file, Tokenizer tokenizer, Terminal terminal)
            throws IOException, TemplateException {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("bos_token", tokenizer.bosId() < 0 ? "" : tokenizer.piece(tokenizer.bosId()));
        variables.put("eos_token", tokenizer.eosId() < 0 ? "" : tokenizer.piece(tokenizer.eosId()));
        if (file.metadata().contains(KEY)) {
            return new ModelTemplate(ChatTemplate.of(file.metadata().string(KEY)), variables);
        }
        DefaultTemplate template =
                LanguageModels.defaultTemplate(file.metadata().string("general.architecture", ""));
        terminal.remark("the model has no chat template; that of " + template + " is taken");
        return new ModelTemplate(template.template(), variables);
    }
}
