// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tokenizer.Tokenizer;
import java.nio.file.Path;

/** A model that guesses for another one, and the file that its weights lie in. */
record DraftFile(ModelFile file, Decoder model) {
    /**
     * Loads it, to be computed with as the other is.
     *
     * @param file an open file
     * @param other the file of the model that it guesses for
     * @param tokenizer of that one
     * @throws ModelFormatException if it is no model that writes texts, or not of the same vocabulary
     */
    static DraftFile of(ModelFile file, Path other, Tokenizer tokenizer, Compute compute, LoadOptions options)
            throws ModelFormatException {
        Decoder model = LanguageModels.load(file, compute, options);
        requireWrites(model, file);
        requireSame(Tokenizers.of(file, options), file, tokenizer, other);
        return new DraftFile(file, model);
    }

    private static void requireWrites(Decoder model, ModelFile file) throws ModelFormatException {
        if (model.plan().output() == null) {
            throw refusal(file, "model", "one that writes texts, to guess what another says", "an encoder");
        }
    }

    private static void requireSame(Tokenizer mine, ModelFile file, Tokenizer its, Path other)
            throws ModelFormatException {
        if (mine.vocabSize() != its.vocabSize()) {
            throw refusal(
                    file,
                    "vocabulary",
                    its.vocabSize() + " tokens, as in " + other,
                    Integer.toString(mine.vocabSize()));
        }
        for (int id = 0; id < mine.vocabSize(); id++) {
            if (!mine.piece(id).equals(its.piece(id))) {
                throw refusal(
                        file, "token " + id, "'" + its.piece(id) + "', as in " + other, "'" + mine.piece(id) + "'");
            }
        }
    }

    private static ModelFormatException refusal(ModelFile file, String item, String expected, String found) {
        return new ModelFormatException(file.path(), item, -1, expected, found);
    }
}
