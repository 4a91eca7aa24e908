// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;

/** Answers as publishers do: each subscriber gets one of its own, as fast as it asks for it. */
final class PiecePublisher implements Flow.Publisher<TextPiece> {
    private final BiFunction<GenerationRequest, GenerationListener, GenerationTask> engine;
    private final GenerationRequest request;

    /**
     * A publisher of the answers to a request.
     *
     * @param engine see {@link Engine#submit}
     */
    PiecePublisher(
            BiFunction<GenerationRequest, GenerationListener, GenerationTask> engine, GenerationRequest request) {
        this.engine = engine;
        this.request = Objects.requireNonNull(request, "request");
    }

    @Override
    public void subscribe(Flow.Subscriber<? super TextPiece> subscriber) {
        PieceSubscription subscription = new PieceSubscription(Objects.requireNonNull(subscriber, "subscriber"));
        subscription.begin(engine, request);
    }
}
