// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.converse.ChatAnswer;
import dev.kelvin.converse.ChatListener;
import dev.kelvin.converse.ChatTask;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.StopReason;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A {@link ChatModel} that runs in this JVM. For any number of threads at once: their answers are computed together,
 * and none depends on the others. The metadata of its responses is {@link KelvinChatResponseMetadata}.
 *
 * <p>Whoever interrupts a thread that waits ends the answer: it throws a {@link LangChain4jException}, and the thread
 * stays interrupted.
 */
public final class KelvinChatModel extends ConfiguredModel implements ChatModel {
    private KelvinChatModel(ChatSetup setup) {
        super(setup);
    }

    /** A builder; a model is all that it needs. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        ChatSetup.Prepared prepared = setup.prepare(request);
        TokenLog log = new TokenLog(prepared.model().kelvin().tokenizer());
        ChatTask task;
        try {
            task = prepared.model().chat().submit(prepared.request(), new ChatListener() {
                @Override
                public void token(GeneratedToken token, boolean isText) {
                    log.add(token, isText);
                }
            });
        } catch (RuntimeException e) {
            throw Failures.refused(e);
        }
        ChatAnswer answer = answer(task);
        if (answer.stopReason() == StopReason.CANCELLED) {
            throw Failures.closed();
        }
        return Responses.of(answer, prepared.model().name(), log.tokens());
    }

    private ChatAnswer answer(ChatTask task) {
        try {
            return setup.timeout() == null
                    ? task.result().get()
                    : task.result().get(setup.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.cancel();
            throw Failures.timeout(setup.timeout());
        } catch (InterruptedException e) {
            task.cancel();
            Thread.currentThread().interrupt();
            throw new LangChain4jException("kelvin: the thread was interrupted while it waited for an answer", e);
        } catch (ExecutionException e) {
            throw Failures.broken(e);
        }
    }

    /** Builds a {@link KelvinChatModel}. */
    public static final class Builder extends KelvinChatModelBuilder<KelvinChatModel, Builder> {
        private Builder() {}

        @Override
        public KelvinChatModel build() {
            return new KelvinChatModel(setup());
        }
    }
}
