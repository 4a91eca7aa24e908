// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.chat.ToolChoice;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.Kelvin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.MimeTypeUtils;

/** What is not done is told by the exceptions that callers of Spring AI tell apart. */
class RefusalsTest {
    private static Kelvin kelvin;
    private static KelvinChatModel model;

    @BeforeAll
    static void open() throws IOException {
        kelvin = TestModels.open(TestModels.stories());
        model = KelvinChatModel.builder(kelvin).build();
    }

    @AfterAll
    static void close() {
        kelvin.close();
    }

    private static String refused(Prompt prompt) {
        NonTransientAiException whole = assertThrows(NonTransientAiException.class, () -> model.call(prompt));
        NonTransientAiException streamed = assertThrows(
                NonTransientAiException.class, () -> model.stream(prompt).blockLast());
        assertEquals(whole.getMessage(), streamed.getMessage());
        return whole.getMessage();
    }

    private static String refused(KelvinChatOptions.Builder options) {
        return refused(new Prompt("Hello", options.build()));
    }

    @Test
    void whatNoModelOrThisOneDoesNot() {
        String tooLong = refused(new Prompt("a word and another ".repeat(400)));
        assertTrue(tooLong.contains("context"), tooLong);
        String other = refused(KelvinChatOptions.builder().model("gpt-5"));
        assertTrue(other.contains("gpt-5") && other.contains("stories"), other);
        UserMessage picture = UserMessage.builder()
                .text("What is this?")
                .media(new Media(MimeTypeUtils.IMAGE_PNG, new ByteArrayResource(new byte[1])))
                .build();
        assertTrue(refused(new Prompt(picture)).contains("media"));
        AssistantMessage called = AssistantMessage.builder()
                .toolCalls(List.of(new AssistantMessage.ToolCall("1", "function", "weather", "{oops")))
                .build();
        assertTrue(refused(new Prompt(List.of(new UserMessage("?"), called))).contains("weather"));
    }

    @Test
    void optionsOutOfTheirRange() {
        assertTrue(refused(KelvinChatOptions.builder().temperature(-1.0)).contains("temperature"));
        assertTrue(refused(KelvinChatOptions.builder().topP(2.0)).contains("top-p"));
        assertTrue(refused(KelvinChatOptions.builder().topK(-3)).contains("top-k"));
        assertTrue(refused(KelvinChatOptions.builder().minP(Double.NaN)).contains("min-p"));
        assertTrue(refused(KelvinChatOptions.builder().maxTokens(-1)).contains("maxTokens"));
        assertTrue(
                refused(KelvinChatOptions.builder().stopSequences(List.of(""))).contains("stop"));
        assertTrue(refused(KelvinChatOptions.builder().toolChoice(ToolChoice.REQUIRED))
                .contains("tool"));
        assertTrue(refused(KelvinChatOptions.builder().toolChoice(ToolChoice.named("weather")))
                .contains("weather"));
        assertTrue(refused(KelvinChatOptions.builder().outputSchema("{\"not\": {\"type\": \"string\"}}"))
                .contains("not"));
        assertThrows(IllegalArgumentException.class, () -> KelvinChatOptions.builder()
                .outputSchema("{oops"));
    }

    @Test
    void laterMayDoWhereTooManyWait() throws IOException {
        EngineLimits narrow = EngineLimits.STANDARD.with(8, 1).withQueued(1);
        try (Kelvin busy = TestModels.open(TestModels.stories(), narrow)) {
            KelvinChatModel one = KelvinChatModel.builder(busy).build();
            Prompt prompt = new Prompt(
                    "Tell me a story.",
                    KelvinChatOptions.builder().seed(1L).maxTokens(200).build());
            List<CompletableFuture<Long>> all = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                all.add(one.stream(prompt).count().toFuture());
            }
            int refused = 0;
            for (CompletableFuture<Long> each : all) {
                try {
                    assertTrue(each.join() > 1);
                } catch (CompletionException e) {
                    assertTrue(e.getCause() instanceof TransientAiException, e.toString());
                    refused++;
                }
            }
            assertTrue(refused > 0 && refused < all.size(), refused + " refused");
        }
    }

    @Test
    void anInterruptEndsTheWaiting() throws InterruptedException {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Prompt prompt = new Prompt(
                "Tell me a story.",
                KelvinChatOptions.builder().seed(1L).maxTokens(400).build());
        Thread caller = Thread.ofPlatform().start(() -> {
            Thread.currentThread().interrupt();
            try {
                model.call(prompt);
                interrupted.complete(false);
            } catch (NonTransientAiException e) {
                interrupted.complete(e.getCause() instanceof InterruptedException
                        && Thread.currentThread().isInterrupted());
            }
        });
        caller.join();
        assertTrue(interrupted.join());
    }
}
