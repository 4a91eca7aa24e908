// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/**
 * What becomes of a row, on its way.
 *
 * @param result exceptionally an {@link IllegalArgumentException} if the model cannot take the row
 * @param cancel has whoever computes it end it where it is
 */
record Pending(CompletableFuture<?> result, Runnable cancel) {
    /** How long a task that was killed may go on waiting, in ms: not every killing interrupts the thread. */
    private static final int LOOK_MILLIS = 100;

    /** A result that is there. */
    static Pending of(Object value) {
        return new Pending(CompletableFuture.completedFuture(value), () -> {});
    }

    /** A result that there will not be. */
    static Pending failed(RuntimeException cause) {
        return new Pending(CompletableFuture.failedFuture(cause), () -> {});
    }

    /**
     * Waits for the result.
     *
     * @throws IllegalArgumentException if the model cannot take the row
     * @throws TaskKilledException if nobody wants the task to go on
     */
    Object await() {
        TaskContext context = TaskContext.get();
        while (true) {
            if (context != null && context.isInterrupted()) {
                throw killed();
            }
            try {
                return result.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException _) {
                // Looks again.
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw killed();
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case RuntimeException cause -> throw cause;
                    case Error cause -> throw cause;
                    default -> throw new IllegalStateException("kelvin: " + e.getCause(), e.getCause());
                }
            }
        }
    }

    private TaskKilledException killed() {
        cancel.run();
        return new TaskKilledException("kelvin: killed while it waited for a row");
    }
}
