// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.Queue;

/** Work of others for the thread of an {@link Engine}, done between steps, one piece each. */
final class BetweenSteps {
    private record Work<T>(Callable<T> work, CompletableFuture<T> result) {
        void run() {
            try {
                result.complete(work.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        }

        void refuse() {
            result.completeExceptionally(new IllegalStateException("engine: it is closed"));
        }
    }

    private final Queue<Work<?>> waiting = new ConcurrentLinkedQueue<>();

    <T> CompletableFuture<T> add(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        waiting.add(new Work<>(work, result));
        return result;
    }

    /** Does the next piece; whether there was one. */
    boolean runNext() {
        Work<?> next = waiting.poll();
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    void refuseAll() {
        for (Work<?> next = waiting.poll(); next != null; next = waiting.poll()) {
            next.refuse();
        }
    }
}
