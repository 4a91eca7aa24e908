// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.nio.file.Path;
import java.util.List;

/**
 * The files of a training run, all in one folder.
 *
 * @param model the GGUF file, whose name the others have with another ending
 */
record TrainingFiles(Path model) {
    /** The model's name without folder and ending. */
    String name() {
        String file = model.getFileName().toString();
        return file.endsWith(".gguf") ? file.substring(0, file.length() - ".gguf".length()) : file;
    }

    Path log() {
        return beside(".csv");
    }

    Path curve() {
        return beside(".svg");
    }

    Path checkpoint() {
        return beside(".checkpoint");
    }

    List<Path> all() {
        return List.of(model, log(), curve(), checkpoint());
    }

    private Path beside(String ending) {
        return model.resolveSibling(name() + ending);
    }
}
