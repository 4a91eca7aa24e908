// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Work of others that the engine's thread does between steps, in the order in which it came. */
final class EngineCalls {
    /** The most that wait. */
    private static final int MOST = 64;

    private record Call<T>(Callable<T> work, CompletableFuture<T> result) {
        void run() {
            try {
                result.complete(work.call());
            } catch (Throwable e) { // whoever asked is told, and the engine goes on
                result.completeExceptionally(e);
            }
        }
    }

    private final Queue<Call<?>> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();

    /** Takes work. For any thread. */
    <T> CompletableFuture<T> add(Callable<T> work) {
        if (size.getAndUpdate(n -> Math.min(n + 1, MOST)) == MOST) {
            throw new RejectedExecutionException("engine: " + MOST + " calls wait already");
        }
        Call<T> call = new Call<>(work, new CompletableFuture<>());
        waiting.add(call);
        return call.result();
    }

    /** Does the oldest; returns false if there is none. */
    boolean run() {
        Call<?> next = waiting.poll();
        if (next == null) {
            return false;
        }
        size.decrementAndGet();
        next.run();
        return true;
    }

    /** Refuses what waits. */
    void end() {
        for (Call<?> each = waiting.poll(); each != null; each = waiting.poll()) {
            size.decrementAndGet();
            each.result().completeExceptionally(new IllegalStateException("engine: it is closed"));
        }
    }
}
