// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A subscriber that asks for nothing by itself and writes down what it is told, and how. */
final class Recorder implements Flow.Subscriber<TextPiece> {
    final List<TextPiece> pieces = new CopyOnWriteArrayList<>();
    final List<Throwable> errors = new CopyOnWriteArrayList<>();

    /** Threads of the engine on which it was told anything. */
    final List<String> onEngine = new CopyOnWriteArrayList<>();

    /** Whoever holds it blocks the subscriber. */
    final Object gate = new Object();

    private final AtomicInteger inside = new AtomicInteger();
    volatile Flow.Subscription subscription;
    final AtomicInteger completed = new AtomicInteger();
    volatile int mostAtOnce;
    volatile int cancelsAt = Integer.MAX_VALUE;
    volatile int failsAt = Integer.MAX_VALUE;

    @Override
    public void onSubscribe(Flow.Subscription told) {
        if (subscription != null || !pieces.isEmpty() || !errors.isEmpty()) {
            throw new IllegalStateException("onSubscribe must come first, and once");
        }
        subscription = told;
    }

    @Override
    public void onNext(TextPiece piece) {
        begin();
        synchronized (gate) {
            pieces.add(piece);
        }
        if (pieces.size() == cancelsAt) {
            subscription.cancel();
        }
        inside.decrementAndGet();
        if (pieces.size() == failsAt) {
            throw new IllegalArgumentException("the subscriber fails, as it should");
        }
    }

    @Override
    public void onError(Throwable error) {
        begin();
        errors.add(error);
        inside.decrementAndGet();
    }

    @Override
    public void onComplete() {
        begin();
        completed.incrementAndGet();
        inside.decrementAndGet();
    }

    private void begin() {
        mostAtOnce = Math.max(mostAtOnce, inside.incrementAndGet());
        if (subscription == null) {
            errors.add(new IllegalStateException("told before onSubscribe"));
        }
        if (Thread.currentThread().getName().equals("kelvin-engine")) {
            onEngine.add(Thread.currentThread().getName());
        }
    }

    String text() {
        return pieces.stream().map(TextPiece::text).collect(Collectors.joining());
    }
}
