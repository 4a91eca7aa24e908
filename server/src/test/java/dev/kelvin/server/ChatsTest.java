// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.json.JsonReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /v1/chat/completions} over a real socket. */
class ChatsTest {
    private static final String PATH = "/v1/chat/completions";
    private static final List<Object> MESSAGES = List.of(Map.of("role", "user", "content", "Tell me a story."));
    private static final Map<String, Object> WEATHER = Map.of(
            "type",
            "function",
            "function",
            Map.of(
                    "name", "weather",
                    "description", "The weather of a city.",
                    "parameters",
                            Map.of(
                                    "type",
                                    "object",
                                    "properties",
                                    Map.of("city", Map.of("enum", List.of("Oslo", "Rome"))),
                                    "required",
                                    List.of("city"),
                                    "additionalProperties",
                                    false)));
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Map<String, Object> request(Object... more) {
        Map<String, Object> request = new HashMap<>(Map.of("messages", MESSAGES, "seed", 5, "max_tokens", 20));
        for (int i = 0; i < more.length; i += 2) {
            request.put((String) more[i], more[i + 1]);
        }
        return request;
    }

    private static String streamed(TestServer.Answer answer, String field) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Object event : answer.events()) {
            if (!((List<?>) TestServer.find(event, "choices")).isEmpty()) {
                Object piece = TestServer.find(event, "choices.0.delta." + field);
                text.append(piece == null ? "" : piece);
            }
        }
        return text.toString();
    }

    @Test
    void streamedEqualsWhole() throws IOException {
        TestServer.Answer whole = server.post(PATH, request());
        assertEquals(200, whole.status(), whole.body());
        assertEquals("chat.completion", whole.at("object"));
        assertEquals("assistant", whole.at("choices.0.message.role"));
        TestServer.Answer stream = server.post(PATH, request("stream", true));
        assertEquals(whole.at("choices.0.message.content"), streamed(stream, "content"));
        assertEquals("chat.completion.chunk", TestServer.find(stream.events().getFirst(), "object"));
        assertEquals(
                whole.at("choices.0.finish_reason"),
                TestServer.find(stream.events().getLast(), "choices.0.finish_reason"));
    }

    @Test
    void aSchemaIsKept() throws IOException {
        Map<String, Object> schema = Map.of(
                "type",
                "object",
                "properties",
                Map.of("colour", Map.of("enum", List.of("red", "blue"))),
                "required",
                List.of("colour"),
                "additionalProperties",
                false);
        Object format = Map.of("type", "json_schema", "json_schema", Map.of("name", "it", "schema", schema));
        for (boolean stream : new boolean[] {false, true}) {
            TestServer.Answer answer = server.post(
                    PATH,
                    request("response_format", format, "stream", stream, "max_tokens", 300, "temperature", "inf"));
            String text = stream ? streamed(answer, "content") : (String) answer.at("choices.0.message.content");
            Object value = JsonReader.read(text);
            assertTrue(List.of("red", "blue").contains(TestServer.find(value, "colour")), text);
        }
        TestServer.Answer refused = server.post(
                PATH,
                request(
                        "response_format",
                        Map.of(
                                "type",
                                "json_schema",
                                "json_schema",
                                Map.of("name", "it", "schema", Map.of("not", Map.of())))));
        assertEquals(400, refused.status(), refused.body());
    }

    @Test
    void aToolIsCalledWhereOneMustBe() throws IOException {
        for (Object choice : List.of("required", Map.of("type", "function", "function", Map.of("name", "weather")))) {
            TestServer.Answer answer = server.post(
                    PATH,
                    request(
                            "tools",
                            List.of(WEATHER),
                            "tool_choice",
                            choice,
                            "parallel_tool_calls",
                            false,
                            "max_tokens",
                            200,
                            "temperature",
                            "inf"));
            assertEquals(200, answer.status(), answer.body());
            assertEquals("tool_calls", answer.at("choices.0.finish_reason"), answer.body());
            assertEquals("weather", answer.at("choices.0.message.tool_calls.0.function.name"));
            Object arguments = JsonReader.read((String) answer.at("choices.0.message.tool_calls.0.function.arguments"));
            assertTrue(List.of("Oslo", "Rome").contains(TestServer.find(arguments, "city")), answer.body());
        }
        TestServer.Answer stream = server.post(
                PATH,
                request(
                        "tools",
                        List.of(WEATHER),
                        "tool_choice",
                        "required",
                        "stream",
                        true,
                        "max_tokens",
                        200,
                        "temperature",
                        "inf"));
        boolean called = false;
        for (Object event : stream.events()) {
            called |= TestServer.find(event, "choices.0.delta.tool_calls") != null;
        }
        assertTrue(called, stream.body());
    }

    @Test
    void aConversationWithToolResultsIsTaken() throws IOException {
        List<Object> messages = List.of(
                Map.of("role", "system", "content", "Be brief."),
                Map.of("role", "user", "content", List.of(Map.of("type", "text", "text", "Weather in Oslo?"))),
                Map.of(
                        "role",
                        "assistant",
                        "tool_calls",
                        List.of(Map.of(
                                "id", "a1b2c3d4e",
                                "type", "function",
                                "function", Map.of("name", "weather", "arguments", "{\"city\":\"Oslo\"}")))),
                Map.of("role", "tool", "tool_call_id", "a1b2c3d4e", "content", "rain"));
        TestServer.Answer answer = server.post(PATH, request("messages", messages, "tools", List.of(WEATHER)));
        assertEquals(200, answer.status(), answer.body());
        TestServer.Answer prompt =
                server.post("/apply-template", Map.of("messages", messages, "tools", List.of(WEATHER)));
        assertTrue(((String) prompt.at("prompt")).contains("rain"), prompt.body());
    }

    @Test
    void logProbabilitiesAndChoices() throws IOException {
        TestServer.Answer answer = server.post(
                PATH, request("logprobs", true, "top_logprobs", 3, "n", 2, "max_tokens", 6, "temperature", 1.5));
        assertEquals(200, answer.status(), answer.body());
        assertEquals(2, ((List<?>) answer.at("choices")).size());
        StringBuilder text = new StringBuilder();
        for (Object each : (List<?>) answer.at("choices.0.logprobs.content")) {
            text.append(TestServer.find(each, "token"));
            assertEquals(3, ((List<?>) TestServer.find(each, "top_logprobs")).size());
        }
        assertEquals(
                ((String) answer.at("choices.0.message.content")).strip(),
                text.toString().strip());
        assertNull(server.post(PATH, request()).at("choices.0.logprobs"));
    }

    @Test
    void tokensAreToldWithTheirEntropy() throws IOException {
        TestServer.Answer answer =
                server.post(PATH, request("stream", true, "max_tokens", 6, "kelvin", Map.of("tokens", true)));
        int tokens = 0;
        for (Object event : answer.events()) {
            for (Object token : (List<?>) TestServer.find(event, "choices.0.kelvin.tokens")) {
                assertTrue(((Number) TestServer.find(token, "entropy")).doubleValue() > 0, answer.body());
                double logProb = ((Number) TestServer.find(token, "logprob")).doubleValue();
                double prob = ((Number) TestServer.find(token, "prob")).doubleValue();
                assertEquals(Math.exp(logProb), prob, 1e-5 + 1e-4 * prob);
                tokens++;
            }
        }
        assertEquals(6, tokens, answer.body());
    }

    @Test
    void theIdsOfThePromptAreToldFirst() throws IOException {
        Map<String, Object> request = request("max_tokens", 3, "n", 2, "kelvin", Map.of("tokens", true));
        TestServer.Answer whole = server.post(PATH, request);
        List<?> ids = (List<?>) whole.at("choices.0.kelvin.prompt_ids");
        assertEquals(whole.at("usage.prompt_tokens"), (long) ids.size());
        assertEquals(ids, whole.at("choices.1.kelvin.prompt_ids"));
        request.put("stream", true);
        List<Object> events = server.post(PATH, request).events();
        assertEquals(ids, TestServer.find(events.getFirst(), "choices.0.kelvin.prompt_ids"));
        long told = events.stream()
                .filter(event -> event.toString().contains("prompt_ids"))
                .count();
        assertEquals(2, told, "once an answer");
        TestServer.Answer continued = server.post(
                "/v1/completions",
                Map.of("prompt", ids, "max_tokens", 1, "echo", true, "kelvin", Map.of("tokens", true)));
        assertEquals(ids, continued.at("choices.0.kelvin.prompt_ids"));
    }

    @Test
    void whatIsNotDoneIsRefusedByName() throws IOException {
        Map<String, Object> wrong = new HashMap<>(Map.of(
                "functions",
                List.of(Map.of("name", "f")),
                "function_call",
                "auto",
                "store",
                true,
                "modalities",
                List.of("audio"),
                "prediction",
                Map.of("type", "content"),
                "top_logprobs",
                2,
                "tool_choice",
                "required",
                "response_format",
                Map.of("type", "xml"),
                "reasoning_effort",
                "huge",
                "messages",
                List.of()));
        wrong.put("web_search_options", Map.of("a", 1));
        for (Map.Entry<String, Object> each : wrong.entrySet()) {
            TestServer.Answer refused = server.post(PATH, request(each.getKey(), each.getValue()));
            assertEquals(400, refused.status(), each + " " + refused.body());
            assertTrue(((String) refused.at("error.param")).startsWith(each.getKey()), each + refused.body());
        }
        Object image = Map.of("role", "user", "content", List.of(Map.of("type", "image_url", "image_url", "x")));
        TestServer.Answer refused = server.post(PATH, request("messages", List.of(image)));
        assertEquals("messages[0].content[0].type", refused.at("error.param"), refused.body());
    }
}
