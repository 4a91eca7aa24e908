// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The interface of Ollama over a real socket. */
class OllamaTest {
    private static final Map<String, Object> OPTIONS = Map.of("seed", 2, "num_predict", 12);
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String streamed(TestServer.Answer answer, String path) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Object line : answer.lines()) {
            text.append(TestServer.find(line, path));
        }
        assertEquals(true, TestServer.find(answer.lines().getLast(), "done"));
        return text.toString();
    }

    @Test
    void generateContinuesWithAModelWithoutATemplate() throws IOException {
        Map<String, Object> request =
                Map.of("model", "stories:latest", "prompt", "Once upon a time", "options", OPTIONS);
        TestServer.Answer stream = server.post("/api/generate", request);
        assertEquals(List.of("application/x-ndjson"), stream.headers().get("content-type"));
        TestServer.Answer whole = server.post(
                "/api/generate",
                Map.of("prompt", "Once upon a time", "options", OPTIONS, "stream", false, "raw", true));
        assertEquals(whole.at("response"), streamed(stream, "response"));
        assertEquals("length", whole.at("done_reason"));
        assertEquals(12L, whole.at("eval_count"));
        TestServer.Answer completion = server.post(
                "/v1/completions",
                Map.of(
                        "prompt",
                        "Once upon a time",
                        "seed",
                        2,
                        "max_tokens",
                        12,
                        "temperature",
                        0.8,
                        "top_k",
                        40,
                        "top_p",
                        0.9,
                        "repeat_penalty",
                        1.1,
                        "repeat_last_n",
                        64));
        assertEquals(completion.at("choices.0.text"), whole.at("response"), "Ollama's defaults");
    }

    @Test
    void chatStreams() throws IOException {
        List<Object> messages = List.of(Map.of("role", "user", "content", "A story."));
        TestServer.Answer stream = server.post("/api/chat", Map.of("messages", messages, "options", OPTIONS));
        TestServer.Answer whole =
                server.post("/api/chat", Map.of("messages", messages, "options", OPTIONS, "stream", false));
        assertEquals(whole.at("message.content"), streamed(stream, "message.content"));
        assertEquals("assistant", whole.at("message.role"));
    }

    @Test
    void formatIsASchema() throws IOException {
        TestServer.Answer answer = server.post(
                "/api/chat",
                Map.of(
                        "messages", List.of(Map.of("role", "user", "content", "A colour.")),
                        "format", Map.of("enum", List.of("red", "blue")),
                        "options", Map.of("temperature", "inf", "num_predict", 100, "top_k", 0, "top_p", 1),
                        "stream", false));
        assertTrue(
                List.of("\"red\"", "\"blue\"").contains(((String) answer.at("message.content")).strip()),
                answer.body());
    }

    @Test
    void modelsAreTold() throws IOException {
        assertEquals("stories:latest", server.get("/api/tags").at("models.0.name"));
        TestServer.Answer shown = server.post("/api/show", Map.of("model", "stories"));
        assertEquals("llama", shown.at("details.family"));
        assertEquals(512L, ((Map<?, ?>) shown.at("model_info")).get("llama.context_length"));
        assertTrue(((List<?>) shown.at("capabilities")).contains("completion"), shown.body());
        assertEquals(200, server.get("/api/version").status());
    }

    @Test
    void errorsHaveOllamasForm() throws IOException {
        TestServer.Answer refused = server.post("/api/chat", Map.of("messages", List.of(), "model", "stories"));
        assertEquals(400, refused.status());
        assertTrue(refused.at("error") instanceof String, refused.body());
        for (Map<String, ?> wrong : List.of(
                Map.of("prompt", "a", "suffix", "b"),
                Map.of("prompt", "a", "images", List.of("x")),
                Map.of("prompt", "a", "options", Map.of("num_gpu", 3)),
                Map.of("prompt", "a", "options", Map.of("mirostat", 3)),
                Map.of("prompt", "a", "think", "much"))) {
            assertEquals(400, server.post("/api/generate", wrong).status(), wrong.toString());
        }
        assertEquals(
                404,
                server.post("/api/generate", Map.of("model", "llama3", "prompt", "a"))
                        .status());
        // The file of this model names no pooling.
        assertEquals(400, server.post("/api/embed", Map.of("input", "a")).status());
    }
}
