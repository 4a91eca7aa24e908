// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.format.FileReplacement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of a training run, all in one folder.
 *
 * @param model the GGUF file, whose name the others have with another ending
 */
public record TrainingFiles(Path model) {
    /** The model's name without folder and ending. */
    public String name() {
        String file = model.getFileName().toString();
        return file.endsWith(".gguf") ? file.substring(0, file.length() - ".gguf".length()) : file;
    }

    /** A line a step, as comma-separated values. */
    public Path log() {
        return beside(".csv");
    }

    /** The losses as a drawing, an SVG document. */
    public Path curve() {
        return beside(".svg");
    }

    /** What the run goes on from; there is one only while it is not finished. */
    public Path checkpoint() {
        return beside(".checkpoint");
    }

    /** All of them. */
    public List<Path> all() {
        return List.of(model, log(), curve(), checkpoint());
    }

    /**
     * Checks that each can be written, before there is anything to write.
     *
     * @throws IOException if one cannot; names it and says why
     */
    public void check() throws IOException {
        for (Path file : all()) {
            FileReplacement.check(file);
        }
    }

    private Path beside(String ending) {
        return model.resolveSibling(name() + ending);
    }
}
