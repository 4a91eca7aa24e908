// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;

/**
 * A subscriber's answer. It is told on virtual threads, one at a time, never on the engine's, so that it may take as
 * long as it likes.
 *
 * <p>Source: the rules of Reactive Streams 1.0.4, as {@link Flow} has them.
 */
final class PieceSubscription implements Flow.Subscription {
    private static final System.Logger LOG = System.getLogger(PieceSubscription.class.getName());

    private final PieceBuffer buffer = new PieceBuffer(this::tell);
    private final AtomicLong demand = new AtomicLong();

    /** Reasons to look what there is to tell; who makes it more than 0 starts the thread that does. */
    private final AtomicInteger reasons = new AtomicInteger(1);

    /** Null when there is nothing more to tell it, so that it can be forgotten. */
    private volatile Flow.Subscriber<? super TextPiece> subscriber;

    private volatile Throwable failure;

    PieceSubscription(Flow.Subscriber<? super TextPiece> subscriber) {
        this.subscriber = subscriber;
    }

    /** Asks for the answer and tells the subscriber of this. Until that has returned, nothing else is told. */
    void begin(BiFunction<GenerationRequest, GenerationListener, GenerationTask> engine, GenerationRequest request) {
        Flow.Subscriber<? super TextPiece> told = subscriber;
        try {
            buffer.submit(engine, request);
        } catch (RuntimeException e) {
            failure = e;
            reasons.incrementAndGet();
        }
        try {
            told.onSubscribe(this);
        } catch (RuntimeException | Error e) {
            cancel();
            throw e;
        }
        // What came meanwhile has only been counted.
        if (reasons.decrementAndGet() > 0) {
            Thread.ofVirtual().name("kelvin-subscriber").start(this::run);
        }
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            failure = new IllegalArgumentException("generate: a subscriber must request 1 or more, not " + n);
        } else {
            demand.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
        }
        tell();
    }

    @Override
    public void cancel() {
        subscriber = null;
        buffer.cancel();
    }

    private void tell() {
        if (reasons.getAndIncrement() == 0) {
            Thread.ofVirtual().name("kelvin-subscriber").start(this::run);
        }
    }

    private void run() {
        for (int seen = reasons.get(); seen > 0; seen = reasons.addAndGet(-seen)) {
            tellAll();
        }
    }

    private void tellAll() {
        while (true) {
            Flow.Subscriber<? super TextPiece> told = subscriber;
            if (told == null) {
                return;
            }
            if (failure != null) {
                cancel();
                end(told, failure);
                return;
            }
            if (buffer.isDone()) {
                subscriber = null;
                end(told, buffer.failure());
                return;
            }
            if (demand.get() == 0 || buffer.isEmpty()) {
                return;
            }
            TextPiece piece = buffer.poll();
            if (piece == null) {
                return;
            }
            if (demand.get() != Long.MAX_VALUE) {
                demand.decrementAndGet();
            }
            try {
                told.onNext(piece);
            } catch (RuntimeException | Error e) {
                cancel();
                LOG.log(System.Logger.Level.WARNING, "generate: a subscriber failed, and is told nothing more", e);
            }
        }
    }

    private static void end(Flow.Subscriber<? super TextPiece> told, Throwable failure) {
        try {
            if (failure == null) {
                told.onComplete();
            } else {
                told.onError(failure);
            }
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "generate: a subscriber failed at its end", e);
        }
    }
}
