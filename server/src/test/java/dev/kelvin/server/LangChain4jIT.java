// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.server.http.HttpLimits;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** LangChain4j's client for OpenAI's interface against the server. */
class LangChain4jIT {
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static OpenAiChatModel model(int tokens) {
        return OpenAiChatModel.builder()
                .baseUrl(server.server.uri() + "v1")
                .apiKey("none")
                .modelName("stories")
                .seed(3)
                .temperature(1.0)
                .maxCompletionTokens(tokens)
                .maxRetries(0)
                .build();
    }

    @Test
    void chatAndStream() {
        String text = model(16).chat("Tell me a story.");
        assertFalse(text.isBlank());
        CompletableFuture<ChatResponse> streamed = new CompletableFuture<>();
        OpenAiStreamingChatModel.builder()
                .baseUrl(server.server.uri() + "v1")
                .apiKey("none")
                .modelName("stories")
                .seed(3)
                .temperature(1.0)
                .maxCompletionTokens(16)
                .build()
                .chat("Tell me a story.", new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String piece) {}

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        streamed.complete(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        streamed.completeExceptionally(error);
                    }
                });
        assertEquals(text, streamed.join().aiMessage().text());
        assertEquals(16, streamed.join().tokenUsage().outputTokenCount());
    }

    @Test
    void aToolIsCalled() {
        ChatResponse answer = model(300)
                .chat(ChatRequest.builder()
                        .messages(UserMessage.from("Weather in Oslo?"))
                        .toolSpecifications(ToolSpecification.builder()
                                .name("weather")
                                .description("The weather of a city.")
                                .parameters(JsonObjectSchema.builder()
                                        .addEnumProperty("city", List.of("Oslo"))
                                        .required("city")
                                        .additionalProperties(false)
                                        .build())
                                .build())
                        .toolChoice(ToolChoice.REQUIRED)
                        .temperature(1e6)
                        .build());
        assertEquals(
                "weather", answer.aiMessage().toolExecutionRequests().getFirst().name());
    }

    @Test
    void vectors() throws IOException {
        Path bert = Path.of("../../shared/data/architectures/bert-mean.gguf");
        assumeTrue(Files.exists(bert), "../shared/data is not beside the checkout");
        try (TestServer encoder =
                TestServer.start(bert, EngineLimits.STANDARD, ServerOptions.loopback("bert", 0), HttpLimits.STANDARD)) {
            var vector = OpenAiEmbeddingModel.builder()
                    .baseUrl(encoder.server.uri() + "v1")
                    .apiKey("none")
                    .modelName("bert")
                    .maxRetries(0)
                    .build()
                    .embed("a")
                    .content();
            assertTrue(vector.dimension() > 1);
        }
    }
}
