// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.converse.ChatAnswer;
import dev.kelvin.converse.ChatListener;
import dev.kelvin.generate.StopReason;
import java.util.function.Consumer;
import org.springframework.ai.chat.model.ChatResponse;
import reactor.core.publisher.FluxSink;

/** Puts an answer into a stream while it is made, as far as the stream asks for more. For the engine's thread. */
final class StreamListener implements ChatListener {
    private final FluxSink<ChatResponse> sink;
    private final ChatResponses responses;
    private final Consumer<ChatResponse> whole;

    /**
     * A listener.
     *
     * @param sink takes the pieces
     * @param whole takes the whole answer, before the stream ends
     */
    StreamListener(FluxSink<ChatResponse> sink, ChatResponses responses, Consumer<ChatResponse> whole) {
        this.sink = sink;
        this.responses = responses;
        this.whole = whole;
    }

    @Override
    public boolean takesMore() {
        return sink.requestedFromDownstream() > 0;
    }

    @Override
    public void text(String piece) {
        sink.next(responses.text(piece));
    }

    @Override
    public void reasoning(String piece) {
        sink.next(responses.thinking(piece));
    }

    @Override
    public void end(ChatAnswer answer) {
        if (answer.stopReason() == StopReason.CANCELLED) {
            fail(Failures.closed());
            return;
        }
        whole.accept(responses.whole(answer));
        sink.next(responses.last(answer));
        sink.complete();
    }

    @Override
    public void failed(Throwable cause) {
        fail(Failures.of(cause));
    }

    /** Whoever cancelled the subscription does not hear of it, and Reactor would log what nobody hears. */
    private void fail(RuntimeException failure) {
        if (!sink.isCancelled()) {
            sink.error(failure);
        }
    }
}
