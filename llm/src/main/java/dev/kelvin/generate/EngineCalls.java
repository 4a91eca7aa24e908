// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

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

    /** Work that may fail to read or to write. */
    interface Work<T> {
        T run() throws IOException;
    }

    /** Does work on a thread, if it is there and not this one, and waits for it; else at once. */
    <T> T onThread(Thread runner, Work<T> work) throws IOException {
        if (runner == null || runner.equals(Thread.currentThread())) {
            return work.run();
        }
        CompletableFuture<T> result = add(work::run);
        LockSupport.unpark(runner);
        try {
            return join(result);
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Waits for a result; what could have been thrown here is thrown as it was. */
    static <T> T join(CompletableFuture<T> result) {
        try {
            return result.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        }
    }

    /** Refuses what waits. */
    void end() {
        for (Call<?> each = waiting.poll(); each != null; each = waiting.poll()) {
            size.decrementAndGet();
            each.result().completeExceptionally(new IllegalStateException("engine: it is closed"));
        }
    }
}
