// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.chat.ToolCall;
import dev.kelvin.converse.ChatAnswer;
import dev.kelvin.converse.ChatListener;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.converse.ChatTask;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.StopReason;
import dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An answer on its way from the engine's thread to a handler, which is told on a virtual thread. */
final class StreamedAnswer implements ChatListener, StreamingHandle {
    /** How many pieces may wait for the handler. */
    private static final int AHEAD = 32;

    private final KelvinModelCatalog.Model model;
    private final StreamingChatResponseHandler handler;
    private final Duration timeout;
    private final TokenLog log;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /** Null where the request was refused. Set before the handler's thread starts. */
    private ChatTask task;

    private volatile boolean cancelled;

    private sealed interface Event {
        record Text(String piece) implements Event {}

        record Thinking(String piece) implements Event {}

        record Call(int index, ToolCall call) implements Event {}

        record End(ChatAnswer answer) implements Event {}

        record Failure(RuntimeException cause) implements Event {}
    }

    StreamedAnswer(KelvinModelCatalog.Model model, StreamingChatResponseHandler handler, Duration timeout) {
        this.model = model;
        this.handler = handler;
        this.timeout = timeout;
        log = new TokenLog(model.kelvin().tokenizer());
    }

    void start(ChatRequest request) {
        try {
            task = model.chat().submit(request, this);
        } catch (RuntimeException e) {
            events.add(new Event.Failure(Failures.refused(e)));
        }
        Thread.ofVirtual().name("kelvin-answer").start(this::tell);
    }

    @Override
    public boolean takesMore() {
        return events.size() < AHEAD;
    }

    @Override
    public void token(GeneratedToken token, boolean isText) {
        log.add(token, isText);
    }

    @Override
    public void reasoning(String piece) {
        events.add(new Event.Thinking(piece));
    }

    @Override
    public void text(String piece) {
        events.add(new Event.Text(piece));
    }

    @Override
    public void toolCall(int index, ToolCall call) {
        events.add(new Event.Call(index, call));
    }

    @Override
    public void end(ChatAnswer answer) {
        events.add(new Event.End(answer));
    }

    @Override
    public void failed(Throwable cause) {
        events.add(new Event.Failure(Failures.broken(cause)));
    }

    @Override
    public void cancel() {
        cancelled = true;
        if (task != null) {
            task.cancel();
        }
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    private void tell() {
        long end = timeout == null ? Long.MAX_VALUE : System.nanoTime() + timeout.toNanos();
        boolean last = false;
        try {
            while (!last) {
                Event event =
                        timeout == null ? events.take() : events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (cancelled) {
                    return;
                }
                if (event == null) {
                    cancel();
                    error(Failures.timeout(timeout));
                    return;
                }
                if (events.size() == AHEAD / 2) {
                    task.resume();
                }
                last = tell(event);
            }
        } catch (InterruptedException e) {
            cancel(); // by the handler, whose thread this is
        }
    }

    /** Whether that was the last. */
    private boolean tell(Event event) {
        switch (event) {
            case Event.Text text ->
                InternalStreamingChatResponseHandlerUtils.onPartialResponse(handler, text.piece(), this);
            case Event.Thinking thinking ->
                InternalStreamingChatResponseHandlerUtils.onPartialThinking(handler, thinking.piece(), this);
            case Event.Call call ->
                InternalStreamingChatResponseHandlerUtils.onCompleteToolCall(
                        handler, new CompleteToolCall(call.index(), Responses.call(call.call())));
            case Event.End end -> {
                end(end);
                return true;
            }
            case Event.Failure failure -> {
                error(failure.cause());
                return true;
            }
        }
        return false;
    }

    private void end(Event.End end) {
        if (end.answer().stopReason() == StopReason.CANCELLED) {
            error(Failures.closed());
        } else {
            InternalStreamingChatResponseHandlerUtils.onCompleteResponse(
                    handler, Responses.of(end.answer(), model.name(), log.tokens()));
        }
    }

    private void error(RuntimeException cause) {
        InternalStreamingChatResponseHandlerUtils.withLoggingExceptions(() -> handler.onError(cause));
    }
}
