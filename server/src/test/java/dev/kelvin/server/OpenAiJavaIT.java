// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenAI's own client for Java against the server. */
class OpenAiJavaIT {
    private static TestServer server;
    private static OpenAIClient client;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
        client = OpenAIOkHttpClient.builder()
                .baseUrl(server.server.uri() + "v1")
                .apiKey("none")
                .maxRetries(0)
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static ChatCompletionCreateParams.Builder chat() {
        return ChatCompletionCreateParams.builder()
                .model("stories")
                .addUserMessage("Tell me a story.")
                .putAdditionalBodyProperty("seed", JsonValue.from(3))
                .maxCompletionTokens(20);
    }

    /** What is drawn alike from all that a grammar allows comes to an end soon. */
    private static ChatCompletionCreateParams.Builder constrained() {
        return chat().maxCompletionTokens(300).putAdditionalBodyProperty("temperature", JsonValue.from("inf"));
    }

    @Test
    void chatStreamAndLogProbabilities() {
        ChatCompletion whole = client.chat()
                .completions()
                .create(chat().logprobs(true).topLogprobs(2).build());
        String text = whole.choices().getFirst().message().content().orElseThrow();
        assertFalse(text.isBlank());
        assertEquals(
                2,
                whole.choices()
                        .getFirst()
                        .logprobs()
                        .orElseThrow()
                        .content()
                        .orElseThrow()
                        .getFirst()
                        .topLogprobs()
                        .size());
        StringBuilder streamed = new StringBuilder();
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(chat().build())) {
            stream.stream()
                    .flatMap(chunk -> chunk.choices().stream())
                    .forEach(choice -> choice.delta().content().ifPresent(streamed::append));
        }
        assertEquals(text, streamed.toString());
    }

    @Test
    void aToolIsCalled() {
        ChatCompletion answer = client.chat()
                .completions()
                .create(constrained()
                        .addTool(ChatCompletionFunctionTool.builder()
                                .function(FunctionDefinition.builder()
                                        .name("weather")
                                        .parameters(FunctionParameters.builder()
                                                .putAdditionalProperty("type", JsonValue.from("object"))
                                                .putAdditionalProperty(
                                                        "properties",
                                                        JsonValue.from(Map.of("city", Map.of("enum", List.of("Oslo")))))
                                                .putAdditionalProperty("required", JsonValue.from(List.of("city")))
                                                .putAdditionalProperty("additionalProperties", JsonValue.from(false))
                                                .build())
                                        .build())
                                .build())
                        .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
                        .parallelToolCalls(false)
                        .build());
        var call = answer.choices()
                .getFirst()
                .message()
                .toolCalls()
                .orElseThrow()
                .getFirst()
                .asFunction();
        assertEquals("weather", call.function().name());
        assertTrue(call.function().arguments().contains("Oslo"));
    }

    @Test
    void aSchemaIsKept() {
        ChatCompletion answer = client.chat()
                .completions()
                .create(constrained()
                        .responseFormat(ResponseFormatJsonSchema.builder()
                                .jsonSchema(ResponseFormatJsonSchema.JsonSchema.builder()
                                        .name("colour")
                                        .schema(ResponseFormatJsonSchema.JsonSchema.Schema.builder()
                                                .putAdditionalProperty("enum", JsonValue.from(List.of("red", "blue")))
                                                .build())
                                        .build())
                                .build())
                        .build());
        String text = answer.choices().getFirst().message().content().orElseThrow();
        assertTrue(List.of("\"red\"", "\"blue\"").contains(text.strip()), text);
    }

    @Test
    void responsesAndModels() {
        Response response = client.responses()
                .create(ResponseCreateParams.builder()
                        .model("stories")
                        .input("Tell me a story.")
                        .maxOutputTokens(16)
                        .build());
        assertTrue(response.output().getFirst().isMessage());
        assertEquals(16, response.usage().orElseThrow().outputTokens());
        assertEquals("stories", client.models().list().data().getFirst().id());
    }
}
