// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.concurrent.CompletableFuture;

/** An answer that an {@link Engine} makes. For any thread. */
public final class GenerationTask {
    private final CompletableFuture<Generation> result = new CompletableFuture<>();
    private final Runnable wake;
    private volatile boolean cancelled;

    /**
     * A task.
     *
     * @param wake has the engine look at what has changed
     */
    GenerationTask(Runnable wake) {
        this.wake = wake;
    }

    /**
     * Asks the engine to end the answer where it is; it does so within a layer's time, or, where others are computed in
     * the same step, within that.
     */
    public void cancel() {
        cancelled = true;
        wake.run();
    }

    /** Tells the engine that the listener {@linkplain GenerationListener#takesMore takes more} again. */
    public void resume() {
        wake.run();
    }

    boolean isCancelled() {
        return cancelled;
    }

    /**
     * What was done, once it is done; exceptionally if the listener threw, if the logits were not finite, or if there
     * is no memory for even this sequence alone. Completed on the engine's thread.
     */
    public CompletableFuture<Generation> result() {
        return result;
    }
}
