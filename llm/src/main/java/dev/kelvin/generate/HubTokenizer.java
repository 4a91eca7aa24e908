// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.hub.HubFolder;
import dev.kelvin.model.Keys;
import dev.kelvin.tokenizer.SpecialTokens;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The tokenizer of a folder of the hub: its {@code tokenizer.json}, with the ends that its configs name. */
final class HubTokenizer {
    /** No vocabulary comes near, in bytes. */
    private static final long LONGEST = 256 << 20;

    private HubTokenizer() {}

    static Tokenizer of(HubFolder folder, Keys keys) throws ModelFormatException {
        Path path = folder.tokenizer();
        try {
            if (!Files.isRegularFile(path)) {
                throw bad(path, "no such file");
            }
            if (Files.size(path) > LONGEST) {
                throw bad(path, Files.size(path) + " bytes");
            }
            SpecialTokens named = new TokenizerMetadata(folder, keys).special(Integer.MAX_VALUE, SpecialTokens.NONE);
            return TokenizerJson.of(Files.readAllBytes(path), named, folder.vocabSize());
        } catch (ModelFormatException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            ModelFormatException failure = bad(path, e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    private static ModelFormatException bad(Path path, String found) {
        return new ModelFormatException(path, "file", -1, "a tokenizer.json that can be used", found);
    }
}
