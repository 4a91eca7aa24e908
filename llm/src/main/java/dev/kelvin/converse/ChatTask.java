// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.generate.GenerationTask;
import java.util.concurrent.CompletableFuture;

/** An answer that a {@link Chat} makes. For any thread. */
public final class ChatTask {
    private final GenerationTask generation;
    private final CompletableFuture<ChatAnswer> result;

    ChatTask(GenerationTask generation, CompletableFuture<ChatAnswer> result) {
        this.generation = generation;
        this.result = result;
    }

    /** Asks the engine to end the answer where it is; what there is of it is the result. */
    public void cancel() {
        generation.cancel();
    }

    /** Tells the engine that the listener {@linkplain ChatListener#takesMore takes more} again. */
    public void resume() {
        generation.resume();
    }

    /**
     * The answer, once it is there; exceptionally as {@link GenerationTask#result}. Completed on the engine's thread.
     */
    public CompletableFuture<ChatAnswer> result() {
        return result;
    }
}
