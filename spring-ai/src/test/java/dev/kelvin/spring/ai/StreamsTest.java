// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.Kelvin;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.retry.NonTransientAiException;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;

/** How streams are read slowly, cancelled and ended. */
class StreamsTest {
    private static final Prompt LONG = new Prompt(
            "Tell me a story.",
            KelvinChatOptions.builder().seed(1L).maxTokens(400).build());
    private static final Prompt SHORT = new Prompt(
            "Tell me a story.",
            KelvinChatOptions.builder().seed(1L).maxTokens(4).build());

    private Kelvin kelvin;
    private KelvinChatModel model;

    @BeforeEach
    void open() throws IOException {
        kelvin = TestModels.open(TestModels.stories());
        model = KelvinChatModel.builder(kelvin).build();
    }

    @AfterEach
    void close() {
        kelvin.close();
    }

    private static void await(String what, BooleanSupplier reached) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!reached.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, what);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void cancellingEndsTheAnswer() {
        List<ChatResponse> taken = model.stream(LONG).take(3).collectList().block();
        assertEquals(3, taken.size());
        await("the answer is cancelled", () -> kelvin.metrics().cancelled() == 1);
        assertEquals(0, kelvin.metrics().finished());
        Disposable running = model.stream(LONG).subscribe();
        running.dispose();
        await("another is cancelled", () -> kelvin.metrics().cancelled() == 2);
    }

    @Test
    void aReaderThatTakesNothingIsInNobodysWay() {
        Slow reader = new Slow();
        model.stream(LONG).subscribe(reader);
        reader.request(1);
        await("the first piece", () -> reader.taken.get() == 1);
        await("the answer rests", () -> {
            long made = kelvin.metrics().generatedTokens();
            model.call(SHORT);
            return kelvin.metrics().generatedTokens() - made == 4;
        });
        assertEquals(1, reader.taken.get());
        assertFalse(reader.ended);
        reader.request(Long.MAX_VALUE);
        await("the end", () -> reader.ended);
        assertEquals(model.call(LONG).getResult().getOutput().getText(), reader.text.toString());
    }

    @Test
    void aReaderThatBlocksIsInNobodysWay() throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Disposable reader = model.stream(LONG).subscribe(_ -> {
            blocked.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertTrue(blocked.await(30, TimeUnit.SECONDS));
        assertEquals(4, model.call(SHORT).getMetadata().getUsage().getCompletionTokens());
        reader.dispose();
        released.countDown();
        await("the answer is cancelled", () -> kelvin.metrics().cancelled() == 1);
    }

    @Test
    void eachSubscriptionIsAnsweredAnew() {
        var stream = model.stream(SHORT);
        assertEquals(stream.count().block(), stream.count().block());
        assertEquals(2, kelvin.metrics().finished());
    }

    @Test
    void closingTheModelEndsAStreamWithAnError() {
        Slow reader = new Slow();
        model.stream(LONG).subscribe(reader);
        reader.request(1);
        await("the first piece", () -> reader.taken.get() == 1);
        kelvin.close();
        reader.request(Long.MAX_VALUE);
        await("the error", () -> reader.failure != null);
        assertTrue(reader.failure instanceof NonTransientAiException, reader.failure.toString());
        assertTrue(reader.failure.getCause() instanceof CancellationException, reader.failure.toString());
        assertThrows(NonTransientAiException.class, () -> model.call(SHORT));
        assertThrows(NonTransientAiException.class, () -> model.stream(SHORT).blockLast());
    }

    /** Takes what it is told to take. */
    private static final class Slow extends BaseSubscriber<ChatResponse> {
        final StringBuilder text = new StringBuilder();
        final AtomicInteger taken = new AtomicInteger();
        volatile boolean ended;
        volatile Throwable failure;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // Nothing is asked for yet.
        }

        @Override
        protected void hookOnNext(ChatResponse piece) {
            text.append(piece.getResult().getOutput().getText());
            taken.incrementAndGet();
        }

        @Override
        protected void hookOnComplete() {
            ended = true;
        }

        @Override
        protected void hookOnError(Throwable cause) {
            failure = cause;
        }
    }
}
