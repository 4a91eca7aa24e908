// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.hub.ModelFiles;
import dev.kelvin.generate.Kelvin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** The model of an example: the path that it was given, or the model of stories that comes with Kelvin. */
final class Models {
    private static final String STORIES = "stories.gguf";

    private Models() {}

    /** A model that is ready to answer. */
    static Kelvin open(String[] args) throws IOException {
        return args.length > 0 ? Kelvin.open(Path.of(args[0])) : Kelvin.openResource(Models.class, STORIES);
    }

    /** The file alone, for who computes with the model itself. */
    static ModelFile file(String[] args) throws IOException {
        if (args.length > 0) {
            return ModelFiles.open(Path.of(args[0]));
        }
        try (InputStream in = Models.class.getResourceAsStream(STORIES)) {
            return GgufFile.of(Path.of(STORIES), in.readAllBytes());
        }
    }
}
