// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Texts that wait for the model's thread, which takes as many of them at a time as there are, whosever task they are
 * of. Between two passes other work finds its turn. For any thread.
 *
 * @param <T> what becomes of a text
 */
final class TextQueue<T> {
    private final Queue<Waiting<T>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean asked = new AtomicBoolean();
    private final Executor thread;
    private final int most;
    private final Pass<T> pass;

    /** Computes texts together. */
    @FunctionalInterface
    interface Pass<T> {
        /**
         * Computes them.
         *
         * @param texts ids of each
         * @return one result each
         */
        List<T> of(List<int[]> texts) throws Exception;
    }

    private record Waiting<T>(int[] ids, CompletableFuture<T> result) {}

    /**
     * A queue.
     *
     * @param thread the model's
     * @param most texts of a pass
     */
    TextQueue(Executor thread, int most, Pass<T> pass) {
        this.thread = thread;
        this.most = most;
        this.pass = pass;
    }

    /** Adds a text; whoever cancels the result before its pass begins spares it. */
    CompletableFuture<T> add(int[] ids) {
        Waiting<T> text = new Waiting<>(ids, new CompletableFuture<>());
        queue.add(text);
        ask();
        return text.result();
    }

    /** Has the model's thread come, unless it will come anyway. */
    private void ask() {
        if (asked.compareAndSet(false, true)) {
            thread.execute(this::take);
        }
    }

    private void take() {
        // Whoever adds a text from here on asks again: nobody is forgotten.
        asked.set(false);
        List<Waiting<T>> texts = new ArrayList<>();
        while (texts.size() < most) {
            Waiting<T> next = queue.poll();
            if (next == null) {
                break;
            }
            if (!next.result().isDone()) {
                texts.add(next);
            }
        }
        compute(texts);
        if (!queue.isEmpty()) {
            ask();
        }
    }

    private void compute(List<Waiting<T>> texts) {
        if (texts.isEmpty()) {
            return;
        }
        List<T> results;
        try {
            results = pass.of(texts.stream().map(Waiting::ids).toList());
        } catch (Exception | Error e) { // whoever waits is told, and the thread goes on
            if (texts.size() == 1) {
                texts.getFirst().result().completeExceptionally(e);
            } else {
                texts.forEach(each -> compute(List.of(each)));
            }
            return;
        }
        for (int i = 0; i < texts.size(); i++) {
            texts.get(i).result().complete(results.get(i));
        }
    }
}
