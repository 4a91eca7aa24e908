// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.ops.Compute;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnresolvedModelServerException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.TestStreamingChatResponseHandler;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What LangChain4j's tests do not ask. */
class AnswersIT {
    private static final String QUESTION = "What is the capital of Germany?";
    private static final String ANSWER = "The capital of Germany is Berlin.";
    private static final String STORY = "Tell me a long story about animals";

    private static KelvinChatModel.Builder builder() {
        return KelvinChatModel.builder().kelvin(TestModels.chat()).temperature(0.0);
    }

    private static ChatRequest request(String text) {
        return ChatRequest.builder().messages(UserMessage.from(text)).build();
    }

    @Test
    void logProbabilitiesAreThoseOfTheText() {
        ChatResponse response = builder().topLogProbs(2).build().chat(request(QUESTION));
        List<TokenLogProbs> tokens = ((KelvinChatResponseMetadata) response.metadata()).logProbs();
        assertThat(String.join("", tokens.stream().map(TokenLogProbs::text).toList()))
                .isEqualTo(response.aiMessage().text())
                .isEqualTo(ANSWER);
        assertThat(tokens).allSatisfy(token -> {
            assertThat(token.logProb()).isBetween(-3.0, 0.0);
            assertThat(token.top()).hasSize(2);
            assertThat(token.top().getFirst().id()).isEqualTo(token.id());
            assertThat(token.top().getFirst().logProb()).isEqualTo(token.logProb());
            assertThat(token.top().get(1).logProb()).isLessThan(token.logProb());
        });
    }

    @Test
    void streamedAnswersHaveTheSameMetadata() throws Exception {
        TestStreamingChatResponseHandler handler = new TestStreamingChatResponseHandler();
        KelvinStreamingChatModelIT.builder().topLogProbs(0).build().chat(request(QUESTION), handler);
        KelvinChatResponseMetadata metadata =
                (KelvinChatResponseMetadata) handler.get().metadata();
        assertThat(metadata.logProbs()).hasSize(metadata.tokenUsage().outputTokenCount());
        assertThat(metadata.logProbs())
                .allSatisfy(token -> assertThat(token.top()).isEmpty());
    }

    @Test
    void metadataTellsHowTheAnswerWasMade() {
        ChatModel model = builder().build();
        model.chat(QUESTION);
        KelvinChatResponseMetadata metadata =
                (KelvinChatResponseMetadata) model.chat(request(QUESTION)).metadata();
        Generation generation = metadata.generation();
        assertThat(metadata.logProbs()).isEmpty();
        assertThat(generation.promptTokens()).isEqualTo(metadata.tokenUsage().inputTokenCount());
        assertThat(generation.cachedTokens()).isPositive();
        assertThat(metadata.toBuilder().build()).isEqualTo(metadata).hasSameHashCodeAs(metadata);
        assertThat(metadata.toBuilder().finishReason(FinishReason.OTHER).build())
                .isNotEqualTo(metadata);
    }

    @Test
    void theSameSeedGivesTheSameAnswer() {
        ChatModel first =
                builder().temperature(1.5).topP(1.0).topK(0).minP(0.0).seed(5L).build();
        ChatModel second =
                builder().temperature(1.5).topP(1.0).topK(0).minP(0.0).seed(5L).build();
        ChatModel other =
                builder().temperature(1.5).topP(1.0).topK(0).minP(0.0).seed(6L).build();
        assertThat(first.chat(STORY)).isEqualTo(second.chat(STORY)).isNotEqualTo(other.chat(STORY));
    }

    @Test
    void manyThreadsHaveOneModel() throws Exception {
        ChatModel model = builder().build();
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            answers.add(CompletableFuture.supplyAsync(() -> model.chat(QUESTION)));
        }
        for (CompletableFuture<String> answer : answers) {
            assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(ANSWER);
        }
    }

    @Test
    void aHandlerThatBlocksIsInNobodysWay() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        CompletableFuture<ChatResponse> response = new CompletableFuture<>();
        KelvinStreamingChatModelIT.builder().build().chat(request(STORY), new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                blocked.countDown();
                await(free);
            }

            @Override
            public void onCompleteResponse(ChatResponse complete) {
                response.complete(complete);
            }

            @Override
            public void onError(Throwable error) {
                response.completeExceptionally(error);
            }
        });
        assertThat(blocked.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(builder().build().chat(QUESTION)).isEqualTo(ANSWER);
        free.countDown();
        assertThat(response.get(60, TimeUnit.SECONDS).aiMessage().text())
                .isEqualTo(builder().build().chat(STORY));
    }

    @Test
    void whatCannotBeAskedIsRefused() {
        ChatModel model = builder().build();
        assertThatThrownBy(() -> model.chat("word ".repeat(2000)))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("context");
        ChatRequest noSchema = ChatRequest.builder()
                .messages(UserMessage.from(QUESTION))
                .responseFormat(ResponseFormat.builder()
                        .type(ResponseFormatType.JSON)
                        .jsonSchema(JsonSchema.builder()
                                .name("none")
                                .rootElement(JsonRawSchema.from("{\"type\": \"nothing\"}"))
                                .build())
                        .build())
                .build();
        assertThatThrownBy(() -> model.chat(noSchema)).isInstanceOf(InvalidRequestException.class);
        ChatRequest otherModel = ChatRequest.builder()
                .messages(UserMessage.from(QUESTION))
                .modelName("nobody")
                .build();
        assertThatThrownBy(() -> model.chat(otherModel)).isInstanceOf(ModelNotFoundException.class);
        assertThatThrownBy(() -> builder().temperature(-1.0).build().chat(QUESTION))
                .isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void whatAStreamCannotBeAskedIsToldToTheHandler() {
        TestStreamingChatResponseHandler handler = new TestStreamingChatResponseHandler();
        KelvinStreamingChatModelIT.builder().build().chat("word ".repeat(2000), handler);
        assertThatThrownBy(handler::get).hasRootCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void modelsThatAreNotThereAreNamed() {
        assertThatThrownBy(() -> KelvinChatModel.builder()
                        .modelPath(Path.of("nowhere.gguf"))
                        .build())
                .isInstanceOf(ModelNotFoundException.class)
                .hasMessageContaining("nowhere.gguf");
        assertThatThrownBy(() -> KelvinChatModel.builder().build()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KelvinChatModel.builder()
                        .catalog(KelvinChatModelIT.catalog())
                        .modelName("nobody")
                        .build())
                .isInstanceOf(ModelNotFoundException.class);
    }

    @Test
    void anAnswerMayTakeTooLong() {
        Duration shortest = Duration.ofNanos(1);
        assertThatThrownBy(() -> builder().timeout(shortest).build().chat(STORY))
                .isInstanceOf(TimeoutException.class);
        TestStreamingChatResponseHandler handler = new TestStreamingChatResponseHandler();
        KelvinStreamingChatModelIT.builder().timeout(shortest).build().chat(STORY, handler);
        assertThatThrownBy(handler::get).hasRootCauseInstanceOf(TimeoutException.class);
        assertThat(builder().timeout(Duration.ofMinutes(1)).build().chat(QUESTION))
                .isEqualTo(ANSWER);
    }

    @Test
    void anInterruptEndsTheWaiting() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> builder().build().chat(STORY))
                .isExactlyInstanceOf(LangChain4jException.class)
                .hasRootCauseInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void whoeverIsTooManyIsTold() throws Exception {
        EngineLimits one = EngineLimits.STANDARD.with(1, 1).withQueued(1);
        CountDownLatch free = new CountDownLatch(1);
        try (Kelvin kelvin = Kelvin.open(TestModels.trained(), Compute.start(1), one)) {
            GenerationRequest story = kelvin.request("user: " + STORY + "\nassistant:\n", GenerateOptions.greedy(50));
            // Whoever holds the engine's thread leaves the requests where they wait.
            CompletableFuture<Void> held = new CompletableFuture<>();
            kelvin.submit(story, GenerationListener.ofText(_ -> {
                held.complete(null);
                await(free);
            }));
            try {
                held.get(60, TimeUnit.SECONDS);
                kelvin.submit(story, GenerationListener.NONE);
                ChatModel model = KelvinChatModel.builder().kelvin(kelvin).build();
                assertThatThrownBy(() -> model.chat(QUESTION)).isInstanceOf(RateLimitException.class);
            } finally {
                free.countDown();
            }
        }
    }

    @Test
    void aModelThatWasOpenedHereIsClosedHere() {
        KelvinChatModel model = KelvinChatModel.builder()
                .modelPath(TestModels.trained())
                .temperature(0.0)
                .build();
        assertThat(model.chat(QUESTION)).isEqualTo(ANSWER);
        model.close();
        assertThatThrownBy(() -> model.chat(QUESTION)).isInstanceOf(UnresolvedModelServerException.class);
        try (KelvinChatModel another = builder().build()) {
            assertThat(another.chat(QUESTION)).isEqualTo(ANSWER);
        }
        assertThat(builder().build().chat(QUESTION)).isEqualTo(ANSWER);
    }

    @Test
    void closingEndsAnswersThatAreBeingMade() throws Exception {
        KelvinStreamingChatModel model = KelvinStreamingChatModel.builder()
                .modelPath(TestModels.trained())
                .temperature(0.0)
                .build();
        CountDownLatch closed = new CountDownLatch(1);
        CompletableFuture<Throwable> error = new CompletableFuture<>();
        CompletableFuture<Void> begun = new CompletableFuture<>();
        model.chat(STORY, new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                begun.complete(null);
                await(closed);
            }

            @Override
            public void onCompleteResponse(ChatResponse complete) {
                error.completeExceptionally(new AssertionError(complete));
            }

            @Override
            public void onError(Throwable cause) {
                error.complete(cause);
            }
        });
        begun.get(60, TimeUnit.SECONDS);
        model.close();
        closed.countDown();
        assertThat(error.get(60, TimeUnit.SECONDS)).isInstanceOf(UnresolvedModelServerException.class);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void tokensAreCountedAsThePromptHasThem() {
        KelvinTokenCountEstimator estimator = new KelvinTokenCountEstimator(TestModels.chat());
        int[] ids = TestModels.chat().tokenizer().encode(QUESTION);
        assertThat(estimator.estimateTokenCountInText(QUESTION)).isEqualTo(ids.length);
        int asked = builder().build().chat(request(QUESTION)).tokenUsage().inputTokenCount();
        int askedFor = TestModels.chat().tokenizer().encode("assistant:\n").length;
        assertThat(estimator.estimateTokenCountInMessage(UserMessage.from(QUESTION)))
                .isEqualTo(asked - askedFor);
        List<ChatMessage> messages =
                List.of(SystemMessage.from("Be brief"), UserMessage.from(QUESTION), AiMessage.from(ANSWER));
        assertThat(estimator.estimateTokenCountInMessages(messages))
                .isGreaterThan(estimator.estimateTokenCountInMessage(UserMessage.from(QUESTION)));
        assertThat(estimator.estimateTokenCountInMessages(List.of())).isZero();
    }

    @Test
    void nothingIsPrinted() throws ExecutionException, InterruptedException {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        System.setOut(stream);
        System.setErr(stream);
        try (KelvinChatModel model =
                KelvinChatModel.builder().modelPath(TestModels.trained()).build()) {
            model.chat(QUESTION);
            CompletableFuture<ChatResponse> response = new CompletableFuture<>();
            KelvinStreamingChatModelIT.builder().build().chat(QUESTION, new StreamingChatResponseHandler() {
                @Override
                public void onCompleteResponse(ChatResponse complete) {
                    response.complete(complete);
                }

                @Override
                public void onError(Throwable error) {
                    response.completeExceptionally(error);
                }
            });
            response.get();
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
