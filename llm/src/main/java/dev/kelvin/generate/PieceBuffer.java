// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.function.BiFunction;

/**
 * The pieces of one answer on their way from the engine's thread to whoever takes them. When {@link #MOST} wait, the
 * answer rests until half of them were taken; what a step makes by force of a grammar comes on top.
 */
final class PieceBuffer implements GenerationListener {
    /** Pieces that may wait. */
    static final int MOST = 32;

    private final Runnable arrival;
    private final Queue<TextPiece> pieces = new ArrayDeque<>();
    private List<GeneratedToken> tokens = new ArrayList<>();
    private GenerationTask task;
    private boolean resting;
    private boolean ended;
    private boolean cancelled;
    private Throwable failure;

    /**
     * An empty buffer.
     *
     * @param arrival called on the engine's thread when a piece or the end has come
     */
    PieceBuffer(Runnable arrival) {
        this.arrival = arrival;
    }

    /** Asks for the answer, see {@link Engine#submit}. */
    void submit(BiFunction<GenerationRequest, GenerationListener, GenerationTask> engine, GenerationRequest request) {
        GenerationTask submitted = engine.apply(request, this);
        synchronized (this) {
            task = submitted;
        }
        var _ = submitted.result().whenComplete(this::end);
    }

    @Override
    public synchronized boolean takesMore() {
        return !resting;
    }

    @Override
    public synchronized void token(GeneratedToken token) {
        tokens.add(token);
    }

    @Override
    public void text(String piece) {
        put(piece);
        arrival.run();
    }

    private synchronized void put(String piece) {
        if (cancelled) {
            return;
        }
        pieces.add(new TextPiece(piece, tokens));
        tokens = new ArrayList<>();
        resting = pieces.size() >= MOST;
    }

    private void end(Generation generation, Throwable cause) {
        synchronized (this) {
            if (!tokens.isEmpty()) {
                put("");
            }
            ended = true;
            boolean cutOff = generation != null && generation.stopReason() == StopReason.CANCELLED && !cancelled;
            failure = cutOff ? new CancellationException("generate: the engine was closed") : cause;
        }
        arrival.run();
    }

    /** Takes the next piece; null if none is there. */
    TextPiece poll() {
        TextPiece piece;
        GenerationTask resumed = null;
        synchronized (this) {
            piece = pieces.poll();
            if (resting && pieces.size() <= MOST / 2) {
                resting = false;
                resumed = task;
            }
        }
        if (resumed != null) {
            resumed.resume();
        }
        return piece;
    }

    /** Whether nothing waits, and nothing will come. */
    synchronized boolean isDone() {
        return ended && pieces.isEmpty();
    }

    /** Whether nothing waits. */
    synchronized boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** Why there is no whole answer; null if there is one, or will be. */
    synchronized Throwable failure() {
        return failure;
    }

    /** Ends the answer where it is; what waits is dropped. */
    void cancel() {
        GenerationTask running;
        synchronized (this) {
            cancelled = true;
            pieces.clear();
            running = task;
        }
        if (running != null) {
            running.cancel();
        }
    }
}
