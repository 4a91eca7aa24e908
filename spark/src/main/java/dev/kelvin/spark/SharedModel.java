// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.hub.ModelFiles;
import dev.kelvin.generate.Engine;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * A model that all tasks of a JVM use at once. One thread of its own computes it: that of the engine, between whose
 * steps vectors and scores are made; an encoder has no engine, only the thread.
 */
final class SharedModel implements AutoCloseable {
    /** Ways to use a model that are kept prepared, the masks of their grammars among them. */
    private static final int KEPT = 32;

    private final OpenModel open;
    private final Tokenizer tokenizer;
    private final ExecutorService thread;

    /** Null for an encoder. */
    private final Engine engine;

    private final Map<Object, TextWork> prepared = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, TextWork> eldest) {
            return size() > KEPT;
        }
    };

    private SharedModel(OpenModel open, ModelSpec spec) throws IOException {
        this.open = open;
        tokenizer = open.tokenizer();
        boolean writes = open.model().plan().output() != null;
        engine = writes ? new Engine(open.model(), tokenizer, open.compute(), spec.limits()) : null;
        thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("kelvin-engine").factory());
        if (writes) {
            thread.execute(engine::run);
        }
    }

    /**
     * Opens a model.
     *
     * @throws dev.kelvin.format.ModelFormatException if it is none that can be computed
     * @throws IOException if reading fails
     */
    static SharedModel open(Path path, ModelSpec spec) throws IOException {
        OpenModel open = OpenModel.of(ModelFiles.open(path), Compute.start(spec.threadsHere()), LoadOptions.QUIET);
        try {
            return new SharedModel(open, spec);
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    /**
     * The model, prepared for one thing.
     *
     * @param use tells it from other things
     * @param preparation is run if it is not prepared yet
     */
    TextWork prepared(Object use, Supplier<TextWork> preparation) {
        synchronized (prepared) {
            return prepared.computeIfAbsent(use, _ -> preparation.get());
        }
    }

    /** The model itself, for its own thread. */
    OpenModel open() {
        return open;
    }

    /** The width of the lanes that compute it; 0 for plain loops. */
    int vectorBits() {
        return open.compute().vectorBits();
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    GgufMetadata metadata() {
        return open.metadata();
    }

    Engine engine() {
        return engine;
    }

    /** Has work done by the model's thread, between two steps of the engine. */
    Executor onThread() {
        return engine == null ? thread : this::betweenSteps;
    }

    private void betweenSteps(Runnable work) {
        var _ = engine.call(Executors.callable(work));
    }

    /** Refuses what an encoder cannot do. */
    void requireWriter(String operation) {
        if (engine == null) {
            throw new IllegalStateException(
                    operation + ": the model is an encoder: it makes vectors, and foretells no token");
        }
    }

    /**
     * Refuses a text that the model could take and this executor's memory cannot: its answer would end sooner here than
     * elsewhere.
     *
     * @param promptTokens ids of the prompt
     * @param maxTokens of the answer
     * @throws IllegalStateException if there is no room for both
     */
    void requireRoom(int promptTokens, int maxTokens) {
        int most = open.contextLength();
        long wanted = Math.min((long) promptTokens + maxTokens, most);
        if (promptTokens <= most && wanted > engine.contextLength()) {
            throw new IllegalStateException(
                    "kelvin: a row wants " + wanted + " positions, and the memory of this executor"
                            + " for keys and values holds " + engine.contextLength()
                            + ": give executors more (spark.executor.memory, or kvMemory), or ask for fewer tokens");
        }
    }

    /** Refuses a text that is longer than the model's context, or empty. */
    void requireLength(String operation, int tokens) {
        if (tokens == 0 || tokens > open.contextLength()) {
            throw new IllegalArgumentException(operation + ": a text of " + tokens
                    + " tokens; there must be between 1 and the model's context of " + open.contextLength());
        }
    }

    /** Ends all work where it is, then threads and file. */
    @Override
    public void close() {
        if (engine != null) {
            engine.close();
        }
        // Waits: the file must not be unmapped under the thread that reads it.
        thread.close();
        open.close();
    }
}
