// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.ModelFile;
import dev.kelvin.format.hub.ModelFiles;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How commands open models, and the option that those have in common. */
final class Models {
    @Option(
            names = "--strict",
            description = "Refuse a model file with metadata keys that nobody knows, instead of naming them.")
    private boolean strict;

    /**
     * Opens a GGUF file or a folder of the hub, or for null the model that comes with the program; an unreadable file
     * is told by name.
     */
    static ModelFile file(Path path) throws IOException {
        if (path == null) {
            return EmbeddedModel.open();
        }
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        return ModelFiles.open(path);
    }

    /** What messages and documents call the model of an option. */
    static String name(Path path) {
        return (path == null ? EmbeddedModel.NAME : path).toString();
    }

    /** How files are loaded: with a bar on the screen. */
    LoadOptions loading(Terminal terminal) {
        return LoadOptions.telling(ProgressBar.ofLoading(terminal)).withStrict(strict);
    }

    /**
     * Opens a model, for null the one that comes with the program, to compute on {@code threads} threads. That small
     * one has told a whole story before lanes would be compiled, so it does without them unless they are asked for.
     */
    static OpenModel open(Path path, int threads, LoadOptions options) throws IOException {
        boolean plain = path == null && System.getProperty(Compute.VECTOR_BITS) == null;
        return open(path, plain ? Compute.startPlain(threads) : Compute.startQuick(threads), options);
    }

    /** The same for a model that continues texts; an encoder is refused. */
    static OpenModel openWriter(Path path, int threads, LoadOptions options) throws IOException {
        return writer(open(path, threads, options));
    }

    /** A model that continues texts; an encoder is closed and refused. */
    static OpenModel writer(OpenModel open) {
        if (!open.model().plan().writes()) {
            open.close();
            throw new IllegalArgumentException(
                    "the model is an encoder: it continues no text, but makes vectors of texts (kelvin embed)");
        }
        return open;
    }

    /** Opens a model, for null the one that comes with the program, to compute with; closing it closes both. */
    static OpenModel open(Path path, Compute compute, LoadOptions options) throws IOException {
        return open(path, compute, options, Look.NONE);
    }

    /** The same, after a look at the file, which may refuse it. */
    static OpenModel open(Path path, Compute compute, LoadOptions options, Look look) throws IOException {
        ModelFile file = null;
        try {
            file = file(path);
            look.at(file, compute);
        } catch (IOException | RuntimeException | Error e) {
            compute.close();
            if (file != null) {
                file.close();
            }
            throw e;
        }
        return OpenModel.of(file, compute, options);
    }

    /** Looks at a file before its model is loaded. */
    @FunctionalInterface
    interface Look {
        /** Sees nothing. */
        Look NONE = (_, _) -> {};

        /** Throws what is wrong. */
        void at(ModelFile file, Compute compute) throws IOException;
    }

    /** The ids of a prompt, ready for the model; tells of characters that the vocabulary lacks. */
    static int[] promptIds(OpenModel open, String prompt, boolean parseSpecial, Terminal terminal) throws IOException {
        LackingCharacters.tell(open.tokenizer(), prompt, terminal::remark);
        return open.promptIds(prompt, parseSpecial);
    }

    /** Refuses ids beyond the vocabulary, as a mistake of the caller of {@code command}. */
    static void checkIds(Subcommand command, int[] ids, int vocabSize) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] >= vocabSize) {
                throw command.usage(
                        "--ids: " + ids[i] + " at index " + i + " is not in the vocabulary [0, " + vocabSize + ")");
            }
        }
    }
}
