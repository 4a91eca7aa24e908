// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.Spliterator;
import java.util.Spliterators.AbstractSpliterator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** An answer as a stream, whose thread waits for each piece. */
final class PieceStream extends AbstractSpliterator<TextPiece> {
    /** A permit for each arrival; one thread waits, so that more than one says nothing new. */
    private final Semaphore arrivals = new Semaphore(0);

    private final PieceBuffer buffer = new PieceBuffer(arrivals::release);

    private PieceStream() {
        super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE);
    }

    /** Asks for the answer. */
    static Stream<TextPiece> of(
            BiFunction<GenerationRequest, GenerationListener, GenerationTask> engine, GenerationRequest request) {
        PieceStream stream = new PieceStream();
        stream.buffer.submit(engine, request);
        return StreamSupport.stream(stream, false).onClose(stream.buffer::cancel);
    }

    @Override
    public boolean tryAdvance(Consumer<? super TextPiece> action) {
        while (true) {
            TextPiece piece = buffer.poll();
            if (piece != null) {
                action.accept(piece);
                return true;
            }
            if (buffer.isDone()) {
                fail(buffer.failure());
                return false;
            }
            try {
                arrivals.acquire();
            } catch (InterruptedException e) {
                buffer.cancel();
                Thread.currentThread().interrupt();
                throw interrupted(e);
            }
            arrivals.drainPermits();
        }
    }

    private static CancellationException interrupted(InterruptedException cause) {
        CancellationException exception = new CancellationException("generate: interrupted while waiting for a token");
        exception.initCause(cause);
        return exception;
    }

    private static void fail(Throwable failure) {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException("generate: " + failure.getMessage(), failure);
        }
    }
}
