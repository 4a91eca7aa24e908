// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.GgufFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The small model of English stories that comes with the program, a resource of its jar; docs/model-card.md tells how
 * it was made and how it is made again, bit for bit.
 */
final class EmbeddedModel {
    /** What options and messages call it. */
    static final Path NAME = Path.of("stories.gguf");

    /** What the description of an option says of it. */
    static final String DEFAULT = "Default: the model of English stories that comes with the program.";

    private EmbeddedModel() {}

    /** Reads it into memory. */
    static GgufFile open() throws IOException {
        try (InputStream in = EmbeddedModel.class.getResourceAsStream(NAME.toString())) {
            if (in == null) {
                throw new NoSuchFileException("the model that comes with the program");
            }
            return GgufFile.of(NAME, in.readAllBytes());
        }
    }
}
