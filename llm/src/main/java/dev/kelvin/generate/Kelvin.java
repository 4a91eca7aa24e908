// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.hub.ModelFiles;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * A model that is ready to answer: the library's front door.
 *
 * <pre>{@code
 * try (Kelvin kelvin = Kelvin.open(Path.of("model.gguf"))) {
 *     kelvin.complete("Once upon a time", System.out::print);
 * }
 * }</pre>
 *
 * <p>It opens the file, starts as many threads as there are processors, and runs an {@link Engine} on one of its own.
 * For any number of threads at once: their answers are computed together, and none depends on the others. Rejects null.
 */
public final class Kelvin implements AutoCloseable {
    /** What is done where nothing else is asked for: at most 256 tokens, top-k 40, top-p 0.95, min-p 0.05, τ 0.8. */
    public static final GenerateOptions STANDARD =
            new GenerateOptions(256, 0, List.of(new TopK(40), new TopP(0.95f), new MinP(0.05f), new Temperature(0.8f)));

    private final OpenModel open;
    private final Tokenizer tokenizer;
    private final Engine engine;
    private final Thread thread;

    private Kelvin(OpenModel open, Tokenizer tokenizer, EngineLimits limits) {
        this.open = open;
        this.tokenizer = tokenizer;
        engine = new Engine(open.model(), tokenizer, open.compute(), limits);
        thread = Thread.ofPlatform().daemon().name("kelvin-engine").start(engine::run);
    }

    /**
     * Opens a model on all processors.
     *
     * @param path of a GGUF file, or a folder of the hub
     * @throws dev.kelvin.format.ModelFormatException if it is not a model that can be computed
     * @throws IOException if reading fails
     */
    public static Kelvin open(Path path) throws IOException {
        return open(path, Compute.start(Runtime.getRuntime().availableProcessors()), EngineLimits.STANDARD);
    }

    /**
     * Opens a model.
     *
     * @param path of a GGUF file, or a folder of the hub
     * @param compute does the work, and is closed with this
     * @param limits how much is done at once
     * @throws dev.kelvin.format.ModelFormatException if it is not a model that can be computed
     * @throws IOException if reading fails
     */
    public static Kelvin open(Path path, Compute compute, EngineLimits limits) throws IOException {
        ModelFile file;
        try {
            file = ModelFiles.open(path);
        } catch (IOException | RuntimeException e) {
            compute.close();
            throw e;
        }
        return of(OpenModel.of(file, compute, LoadOptions.QUIET), limits);
    }

    /**
     * Runs an engine for a model.
     *
     * @param open the model, which is closed with this, or at once if it cannot be run
     * @param limits how much is done at once
     * @throws dev.kelvin.format.ModelFormatException if the file describes no tokenizer that can be used
     */
    public static Kelvin of(OpenModel open, EngineLimits limits) throws IOException {
        try {
            return new Kelvin(open, open.tokenizer(), limits);
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    /**
     * Continues a text, and returns when it is done. An interrupt ends it where it is; the thread stays interrupted.
     *
     * @param prompt the text
     * @param text takes the continuation piece by piece, on the engine's thread
     * @return what was done
     * @throws IllegalArgumentException if the prompt exceeds the model's context
     */
    public Generation complete(String prompt, Consumer<String> text) {
        return complete(prompt, STANDARD, text);
    }

    /** {@link #complete(String, Consumer)} with other options. */
    public Generation complete(String prompt, GenerateOptions options, Consumer<String> text) {
        int[] ids = Tokenizers.promptIds(tokenizer, prompt);
        GenerationTask task = submit(GenerationRequest.of(ids, options), GenerationListener.ofText(text));
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.result().get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    task.cancel();
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CompletionException(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Asks for an answer and does not wait for it, see {@link Engine#submit}. */
    public GenerationTask submit(GenerationRequest request, GenerationListener listener) {
        return engine.submit(request, listener);
    }

    /** Asks for several answers, of which all find a place or none, see {@link Engine#submitAll}. */
    public List<GenerationTask> submitAll(List<GenerationRequest> requests, List<GenerationListener> listeners) {
        return engine.submitAll(requests, listeners);
    }

    /** Turns texts into ids. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** What the model's file says of itself. */
    public GgufMetadata metadata() {
        return open.metadata();
    }

    /** The most positions of a text. */
    public int contextLength() {
        return open.contextLength();
    }

    /** Ends all answers where they are, then threads and file. */
    @Override
    public void close() {
        engine.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // The file must not be unmapped under the thread that reads it.
                interrupted = true;
            }
        }
        open.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
