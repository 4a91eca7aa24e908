// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.Llama2cFile;
import dev.kelvin.format.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens a model in whichever form it is stored. */
public final class ModelFiles {
    private ModelFiles() {}

    /**
     * Opens a GGUF file, a checkpoint of llama2.c, or a folder as the hub has it.
     *
     * @throws dev.kelvin.format.ModelFormatException if it is none of them, or not sound
     * @throws IOException if reading or mapping fails for another reason
     */
    public static ModelFile open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return HubFolder.open(path);
        }
        return Files.isRegularFile(path) && Files.isReadable(path) && Llama2cFile.isOne(path)
                ? Llama2cFile.open(path)
                : GgufFile.open(path);
    }
}
