// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.generate.Engine;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.GenerationTask;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.tokenizer.Tokenizer;
import java.time.Instant;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** The model that is served, with the engine that answers on a thread of its own. For any thread. */
public final class Served implements AutoCloseable {
    /** What a client that is refused for want of room is told to wait, in seconds. */
    private static final int RETRY_SECONDS = 1;

    private final String name;
    private final OpenModel open;
    private final Tokenizer tokenizer;
    private final Engine engine;
    private final Thread thread;
    private final Instant since = Instant.now();
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean ending;

    private Served(String name, OpenModel open, Tokenizer tokenizer, EngineLimits limits) {
        this.name = name;
        this.open = open;
        this.tokenizer = tokenizer;
        engine = new Engine(open.model(), tokenizer, open.compute(), limits);
        thread = Thread.ofPlatform().daemon().name("kelvin-engine").start(engine::run);
    }

    /**
     * Serves a model.
     *
     * @param name that clients call it by
     * @param open closed with this
     * @throws ModelFormatException if the file describes no tokenizer that can be used
     */
    public static Served start(String name, OpenModel open, EngineLimits limits) throws ModelFormatException {
        return new Served(name, open, open.tokenizer(), limits);
    }

    /** What clients call it by. */
    public String name() {
        return name;
    }

    /** When it began to be served. */
    public Instant since() {
        return since;
    }

    /** Turns texts into ids. */
    public Tokenizer tokenizer() {
        return tokenizer;
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
     * Asks for an answer.
     *
     * @throws ApiException if it is refused, or must wait
     */
    public GenerationTask submit(GenerationRequest request, GenerationListener listener) throws ApiException {
        if (ending) {
            throw ApiException.later(503, "shutting_down", "The server is about to end.", RETRY_SECONDS);
        }
        running.incrementAndGet();
        try {
            GenerationTask task = engine.submit(request, listener);
            task.result().whenComplete((_, _) -> running.decrementAndGet());
            return task;
        } catch (RejectedExecutionException full) {
            running.decrementAndGet();
            throw ApiException.later(429, "queue_full", "Too many requests wait; try again later.", RETRY_SECONDS);
        } catch (IllegalArgumentException e) {
            running.decrementAndGet();
            throw ApiException.invalid("prompt", "invalid_prompt", e.getMessage() + ".");
        }
    }

    /** What is told of an answer that failed. */
    public static ApiException failure(Throwable cause) {
        System.getLogger(Served.class.getName()).log(System.Logger.Level.ERROR, "server: an answer failed", cause);
        return ApiException.of(500, "server_error", "internal_error", "The answer failed: " + cause.getMessage() + ".");
    }

    /** Names the model and the version of the engine: with the same seed, answers of equal ones are equal. */
    public String fingerprint() {
        return "kelvin";
    }

    /** Whether requests are answered. */
    public boolean isReady() {
        return !ending && thread.isAlive();
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
