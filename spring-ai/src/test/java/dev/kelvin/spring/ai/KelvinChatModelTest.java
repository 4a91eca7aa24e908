// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.converse.Chat;
import dev.kelvin.generate.Kelvin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

/** Answers, whole and streamed, of the model that comes with the program. */
class KelvinChatModelTest {
    private static final String QUESTION = "Tell me a story.";

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

    private static KelvinChatOptions.Builder options(long seed, int tokens) {
        return KelvinChatOptions.builder().seed(seed).maxTokens(tokens);
    }

    private static Prompt prompt(KelvinChatOptions.Builder options) {
        return new Prompt(QUESTION, options.build());
    }

    private static String text(ChatResponse response) {
        return response.getResult().getOutput().getText();
    }

    private static String finishReason(ChatResponse response) {
        return response.getResult().getMetadata().getFinishReason();
    }

    private static String streamed(Prompt prompt) {
        return model.stream(prompt).map(KelvinChatModelTest::text).toStream().collect(Collectors.joining());
    }

    @Test
    void anAnswerTellsWhatItTook() throws IOException {
        ChatResponse response = model.call(prompt(options(3, 16)));
        assertFalse(text(response).isBlank());
        assertEquals("length", finishReason(response));
        assertEquals(16, response.getMetadata().getUsage().getCompletionTokens());
        int prompt = Chat.of(kelvin).promptIds(Conversation.of(Message.user(QUESTION))).length;
        assertEquals(prompt, response.getMetadata().getUsage().getPromptTokens());
        assertEquals(prompt + 16, response.getMetadata().getUsage().getTotalTokens());
        assertTrue(response.getMetadata().getUsage().getNativeUsage() instanceof dev.kelvin.generate.Generation);
        assertEquals("stories", response.getMetadata().getModel());
        assertEquals(3L, response.getMetadata().<Long>get(ChatResponses.SEED));
        ChatResponse again = model.call(prompt(options(3, 16)));
        assertTrue(again.getMetadata().getUsage().getCacheReadInputTokens() > 0);
    }

    @Test
    void anAnswerIsThatOfItsSeed() {
        String first = text(model.call(prompt(options(3, 24))));
        assertEquals(first, text(model.call(prompt(options(3, 24)))));
        assertNotEquals(first, text(model.call(prompt(options(4, 24)))));
        ChatResponse any = model.call(prompt(KelvinChatOptions.builder().maxTokens(24)));
        long drawn = any.getMetadata().<Long>get(ChatResponses.SEED);
        assertEquals(text(any), text(model.call(prompt(options(drawn, 24)))));
    }

    @Test
    void streamedIsWhole() {
        Prompt prompt = prompt(options(5, 40));
        ChatResponse whole = model.call(prompt);
        List<ChatResponse> pieces = model.stream(prompt).collectList().block();
        assertTrue(pieces.size() > 8, pieces.size() + " pieces");
        assertEquals(text(whole), pieces.stream().map(KelvinChatModelTest::text).collect(Collectors.joining()));
        ChatResponse last = pieces.getLast();
        assertEquals(finishReason(whole), finishReason(last));
        assertEquals(
                whole.getMetadata().getUsage().getTotalTokens(),
                last.getMetadata().getUsage().getTotalTokens());
        assertEquals("stories", pieces.getFirst().getMetadata().getModel());
    }

    @Test
    void aStopEndsTheAnswerAndIsNoPartOfIt() {
        String free = text(model.call(prompt(options(6, 60))));
        String stop = free.substring(free.length() / 2, free.length() / 2 + 4);
        ChatResponse stopped = model.call(prompt(options(6, 60).stopSequences(List.of("never said", stop))));
        assertEquals(free.substring(0, free.indexOf(stop)), text(stopped));
        assertEquals("stop", finishReason(stopped));
        assertEquals(text(stopped), streamed(prompt(options(6, 60).stopSequences(List.of(stop)))));
    }

    @Test
    void bothLimitsOfTemperature() {
        assertEquals(
                text(model.call(prompt(options(1, 12).temperature(0.0)))),
                text(model.call(prompt(options(2, 12).temperature(0.0)))));
        KelvinChatOptions.Builder uniform = options(1, 12)
                .temperature(Double.POSITIVE_INFINITY)
                .topK(0)
                .topP(1.0)
                .minP(0.0);
        String text = text(model.call(prompt(uniform)));
        assertNotEquals(text, text(model.call(prompt(uniform.seed(2L)))));
        // One candidate is left, whatever the temperature.
        assertEquals(
                text(model.call(prompt(options(1, 12).temperature(0.0)))), text(model.call(prompt(uniform.topK(1)))));
    }

    @Test
    void whatOthersSayChangesTheModelsOwnOptions() {
        KelvinChatModel mine = KelvinChatModel.builder(kelvin)
                .options(options(8, 10).temperature(0.0).build())
                .build();
        ChatResponse mineAlone = mine.call(new Prompt(QUESTION));
        assertEquals(10, mineAlone.getMetadata().getUsage().getCompletionTokens());
        assertEquals(8L, mineAlone.getMetadata().<Long>get(ChatResponses.SEED));
        ChatResponse changed = mine.call(
                new Prompt(QUESTION, ChatOptions.builder().maxTokens(4).build()));
        assertEquals(4, changed.getMetadata().getUsage().getCompletionTokens());
        assertTrue(text(mineAlone).startsWith(text(changed)), text(mineAlone) + " / " + text(changed));
        assertEquals("stories", mine.getOptions().getModel());
    }

    @Test
    void inCompanyEachAnswerIsWhatItIsAlone() {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String text = QUESTION + " It is about a fox and a bird.".repeat(i % 5);
            prompts.add(
                    new Prompt(text, options(i, 12 + i).temperature(i % 3 * 0.7).build()));
        }
        List<String> alone =
                prompts.stream().map(prompt -> text(model.call(prompt))).toList();
        List<CompletableFuture<String>> together = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < prompts.size(); i++) {
                Prompt prompt = prompts.get(i);
                boolean streams = i % 2 == 0;
                together.add(CompletableFuture.supplyAsync(
                        () -> streams ? streamed(prompt) : text(model.call(prompt)), callers));
            }
        }
        assertEquals(alone, together.stream().map(CompletableFuture::join).toList());
    }

    @Test
    void aTemplateIsToldWhetherToThink(@TempDir Path folder) throws IOException {
        try (Kelvin tiny = TestModels.open(TestModels.writeTiny(folder.resolve("tiny.gguf")))) {
            KelvinChatModel thinker = KelvinChatModel.builder(tiny).build();
            int unsaid = promptTokens(thinker, options(1, 1));
            int off = promptTokens(thinker, options(1, 1).thinking(false));
            assertTrue(off > unsaid, off + " and " + unsaid);
            assertNotEquals(off, promptTokens(thinker, options(1, 1).thinking(true)));
        }
    }

    private static int promptTokens(KelvinChatModel model, KelvinChatOptions.Builder options) {
        ChatResponse response = model.call(prompt(options));
        assertNotNull(response.getResult());
        return response.getMetadata().getUsage().getPromptTokens();
    }
}
