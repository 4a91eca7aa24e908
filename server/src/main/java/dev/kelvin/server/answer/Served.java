// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.converse.Chat;
import dev.kelvin.converse.ChatListener;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.converse.ChatStyle;
import dev.kelvin.converse.ChatTask;
import dev.kelvin.generate.Engine;
import dev.kelvin.generate.EngineFingerprint;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.GenerationTask;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.generate.TextScores;
import dev.kelvin.plan.Pooling;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The model that is served, with the engine that answers on a thread of its own; an encoder has none, only the thread.
 * For any thread.
 */
public final class Served implements AutoCloseable {

    /** What a client that is refused for want of room is told to wait, in seconds. */
    private static final int RETRY_SECONDS = 1;

    private final String name;
    private final OpenModel open;
    private final Tokenizer tokenizer;

    /** Null for an encoder. */
    private final Engine engine;

    /** Null for an encoder. */
    private final Chat chat;

    /** Computes where there is no engine; null where there is one. */
    private final ExecutorService encoder;

    private final Pooling pooling;
    private final EngineFingerprint fingerprint;
    private final Thread thread;
    private final Lock scoring = new ReentrantLock();
    private final Instant since = Instant.now();
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean ending;

    private Served(String name, OpenModel open, EngineLimits limits, Engine engine, ChatStyle style)
            throws IOException {
        this.name = name;
        this.open = open;
        pooling = open.model().plan().pooling();
        fingerprint = open.fingerprint(limits.kvType());
        this.engine = engine;
        tokenizer = open.tokenizer();
        Thread.Builder threads = Thread.ofPlatform().daemon().name("kelvin-engine");
        if (engine == null) {
            chat = null;
            thread = null;
            encoder = Executors.newSingleThreadExecutor(threads.factory());
        } else {
            chat = new Chat(style, tokenizer, engine::submitAll);
            thread = threads.start(engine::run);
            encoder = null;
        }
    }

    /**
     * Serves a model.
     *
     * @param name that clients call it by
     * @param open closed with this
     * @throws IOException if the file cannot be read, or describes no tokenizer that can be used
     * @throws IllegalArgumentException if the file's chat template is none
     */
    public static Served start(String name, OpenModel open, EngineLimits limits) throws IOException {
        if (!open.model().plan().writes()) {
            return new Served(name, open, limits, null, null);
        }
        try {
            ChatStyle style = ChatStyle.of(open.metadata(), open.tokenizer());
            Engine engine = open.engine(limits);
            if (engine.contextLength() < 1) {
                throw new IllegalArgumentException("server: " + engine.kvBytes()
                        + " bytes of keys and values have no room for a text of this model (--kv-memory)");
            }
            return new Served(name, open, limits, engine, style);
        } catch (TemplateException e) {
            throw new IllegalArgumentException("server: the model's chat template: " + e.getMessage(), e);
        }
    }

    /** What clients call it by. */
    public String name() {
        return name;
    }

    /** When it began to be served. */
    public Instant since() {
        return since;
    }

    /** The open file; to be computed with in {@link #compute} alone. */
    public OpenModel open() {
        return open;
    }

    /** Turns texts into ids. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * Turns conversations into prompts.
     *
     * @throws ApiException if the model is an encoder
     */
    public Chat chat() throws ApiException {
        checkWrites();
        return chat;
    }

    /** Whether the model writes texts, rather than makes vectors of them. */
    public boolean writes() {
        return engine != null;
    }

    private void checkWrites() throws ApiException {
        if (!writes()) {
            throw ApiException.invalid(
                    "model", "model_not_supported", "'" + name + "' is an encoder: it makes vectors, and no texts.");
        }
    }

    /** What the engine tells of itself; empty for an encoder. */
    public Optional<Engine> engine() {
        return Optional.ofNullable(engine);
    }

    /** How the rows of a text become one vector. */
    public Pooling pooling() {
        return pooling;
    }

    /** The most positions of a text. */
    public int contextLength() {
        return open.contextLength();
    }

    /** Refuses another name than that of this model, which null stands for too. */
    public void checkName(String asked) throws ApiException {
        if (asked != null && !asked.equals(name) && !asked.equals(name + ":latest")) {
            String shown = asked.length() <= 100 ? asked : asked.substring(0, 100) + "...";
            throw ApiException.notFound(
                    "model_not_found", "There is no model '" + shown + "' here; '" + name + "' is served.");
        }
    }

    /**
     * Asks for a text.
     *
     * @throws ApiException if it is refused, or must wait
     */
    public GenerationTask submit(GenerationRequest request, GenerationListener listener) throws ApiException {
        return submitTexts(List.of(request), List.of(listener)).getFirst();
    }

    /**
     * Asks for texts, of which all find a place or none.
     *
     * @param listeners one each
     * @throws ApiException if they are refused, or must wait
     */
    public List<GenerationTask> submitTexts(List<GenerationRequest> requests, List<GenerationListener> listeners)
            throws ApiException {
        return admit("prompt", requests.size(), () -> engine.submitAll(requests, listeners), GenerationTask::result);
    }

    /**
     * Asks for answers in conversations, of which all find a place or none.
     *
     * @param listeners one each
     * @throws ApiException if they are refused, or must wait
     */
    public List<ChatTask> submitChats(List<ChatRequest> requests, List<? extends ChatListener> listeners)
            throws ApiException {
        return admit("messages", requests.size(), () -> chat.submitAll(requests, listeners), ChatTask::result);
    }

    private <T> List<T> admit(
            String parameter, int count, Supplier<List<T>> submit, Function<T, CompletableFuture<?>> result)
            throws ApiException {
        checkWrites();
        checkReady();
        running.addAndGet(count);
        boolean admitted = false;
        try {
            List<T> tasks = submit.get();
            admitted = true;
            for (T task : tasks) {
                var _ = result.apply(task).whenComplete((_, _) -> running.decrementAndGet());
            }
            return tasks;
        } catch (RejectedExecutionException full) {
            throw ApiException.later(429, "queue_full", "Too many requests wait; try again later.", RETRY_SECONDS);
        } catch (IllegalArgumentException e) {
            throw Failure.refused(parameter, e);
        } finally {
            if (!admitted) {
                running.addAndGet(-count);
            }
        }
    }

    private void checkReady() throws ApiException {
        if (!isReady()) {
            throw ApiException.later(503, "shutting_down", "The server is about to end.", RETRY_SECONDS);
        }
    }

    /**
     * How probable the tokens of a text are, each behind those before it, without the first. One text at a time, and
     * between its blocks the engine goes on.
     *
     * @param top how many of the most probable tokens are told with each
     * @throws ApiException if the text is too long, or the server is about to end
     */
    public List<GeneratedToken> score(int[] ids, int top) throws ApiException {
        if (ids.length > contextLength()) {
            throw Failure.refused(
                    "prompt",
                    new IllegalArgumentException(
                            "the prompt has " + ids.length + " tokens, the model's context " + contextLength()));
        }
        scoring.lock();
        try {
            TextScores scores = compute(() -> new TextScores(open, ids, top)).join();
            try {
                while (compute(scores::next).join()) {
                    // Each call is a block.
                }
                return List.copyOf(scores.tokens());
            } finally {
                compute(() -> {
                            scores.close();
                            return true;
                        })
                        .join();
            }
        } catch (CompletionException e) {
            throw Failure.told(e.getCause());
        } finally {
            scoring.unlock();
        }
    }

    /**
     * Computes with the model between two steps of the engine.
     *
     * @throws ApiException if the server is about to end
     */
    public <T> CompletableFuture<T> compute(Callable<T> work) throws ApiException {
        checkReady();
        if (engine != null) {
            return engine.call(work);
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        encoder.execute(() -> {
            try {
                result.complete(work.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    /** Names the model and the version of the engine: with the same seed, answers of equal ones are equal. */
    public EngineFingerprint fingerprint() {
        return fingerprint;
    }

    /** Whether requests are answered. */
    public boolean isReady() {
        return !ending && (thread == null || thread.isAlive());
    }

    /**
     * Takes what {@link #saveCache} has written.
     *
     * @return how many texts were taken
     * @throws IOException if the file cannot be read, is damaged or that of another model; nothing is taken then
     */
    public int loadCache(Path file) throws IOException {
        return onEngine(() -> engine.loadCache(file, fingerprint));
    }

    /**
     * Writes the texts whose keys and values are held, for a server that goes on later.
     *
     * @return how many they are
     */
    public int saveCache(Path file) throws IOException {
        return onEngine(() -> engine.saveCache(file, fingerprint));
    }

    private int onEngine(Callable<Integer> work) throws IOException {
        if (!writes()) {
            throw new IOException("'" + name + "' is an encoder, which keeps no keys and values");
        }
        try {
            return engine.call(work).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Refuses requests from here on. */
    public void end() {
        ending = true;
    }

    /** How many answers are on their way. */
    public int running() {
        return running.get();
    }

    /** Ends all answers where they are, then threads and file. */
    @Override
    public void close() {
        ending = true;
        if (engine == null) {
            encoder.close();
        } else {
            engine.close();
            awaitEngine();
        }
        open.close();
    }

    private void awaitEngine() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // The file must not be unmapped under the thread that reads it.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
