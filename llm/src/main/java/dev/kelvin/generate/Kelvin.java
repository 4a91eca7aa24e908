// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.GgufFile;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
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

    private final GgufFile file;
    private final Compute compute;
    private final Decoder model;
    private final Tokenizer tokenizer;
    private final Engine engine;
    private final Thread thread;

    private Kelvin(GgufFile file, Compute compute, Decoder model, Tokenizer tokenizer, EngineLimits limits) {
        this.file = file;
        this.compute = compute;
        this.model = model;
        this.tokenizer = tokenizer;
        engine = new Engine(model, tokenizer, compute, limits);
        thread = Thread.ofPlatform().daemon().name("kelvin-engine").start(engine::run);
    }

    /**
     * Opens a model on all processors.
     *
     * @param path of a GGUF file
     * @throws dev.kelvin.format.ModelFormatException if it is not a model that can be computed
     * @throws IOException if reading fails
     */
    public static Kelvin open(Path path) throws IOException {
        return open(path, Compute.start(Runtime.getRuntime().availableProcessors()), EngineLimits.STANDARD);
    }

    /**
     * Opens a model.
     *
     * @param path of a GGUF file
     * @param compute does the work, and is closed with this
     * @param limits how much is done at once
     * @throws dev.kelvin.format.ModelFormatException if it is not a model that can be computed
     * @throws IOException if reading fails
     */
    public static Kelvin open(Path path, Compute compute, EngineLimits limits) throws IOException {
        GgufFile file = null;
        try {
            file = GgufFile.open(path);
            Decoder model = LanguageModels.load(file, compute, LoadOptions.QUIET);
            return new Kelvin(file, compute, model, Tokenizers.of(file), limits);
        } catch (IOException | RuntimeException | Error e) {
            compute.close();
            if (file != null) {
                file.close();
            }
            throw e;
        }
    }

    /**
     * Continues a text, and returns when it is done.
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
        try {
            return task.result().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Asks for an answer and does not wait for it, see {@link Engine#submit}. */
    public GenerationTask submit(GenerationRequest request, GenerationListener listener) {
        return engine.submit(request, listener);
    }

    /** Turns texts into ids. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The most positions of a text. */
    public int contextLength() {
        return model.plan().sizes().contextLength();
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
        compute.close();
        file.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
