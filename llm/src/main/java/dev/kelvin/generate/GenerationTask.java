// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.concurrent.CompletableFuture;

/** An answer that an {@link Engine} makes. For any thread. */
public final class GenerationTask {
    private final CompletableFuture<Generation> result = new CompletableFuture<>();
    private volatile boolean cancelled;

    GenerationTask() {}

    /**
     * Asks the engine to end the answer where it is; it does so within a layer's time, or, where others are computed in
     * the same step, within that.
     */
    public void cancel() {
        cancelled = true;
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
