// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /v1/responses} over a real socket. */
class ResponsesTest {
    private static final String PATH = "/v1/responses";
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Map<String, Object> request(Object input, Object... more) {
        Map<String, Object> request = new HashMap<>(Map.of("input", input, "max_output_tokens", 12, "seed", 3));
        for (int i = 0; i < more.length; i += 2) {
            request.put((String) more[i], more[i + 1]);
        }
        return request;
    }

    @Test
    void streamedEqualsWhole() throws IOException {
        TestServer.Answer whole = server.post(PATH, request("A story."));
        assertEquals(200, whole.status(), whole.body());
        assertEquals("incomplete", whole.at("status"));
        assertEquals("max_output_tokens", whole.at("incomplete_details.reason"));
        assertEquals(12L, whole.at("usage.output_tokens"));
        TestServer.Answer stream = server.post(PATH, request("A story.", "stream", true));
        List<Object> events = stream.events();
        StringBuilder text = new StringBuilder();
        List<Object> types = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            assertEquals((long) i, TestServer.find(events.get(i), "sequence_number"));
            Object type = TestServer.find(events.get(i), "type");
            if (type.equals("response.output_text.delta")) {
                text.append(TestServer.find(events.get(i), "delta"));
            } else {
                types.add(type);
            }
        }
        assertEquals(
                List.of(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.incomplete"),
                types);
        assertEquals(whole.at("output.0.content.0.text"), text.toString());
        assertEquals(
                whole.at("output.0.content.0.text"),
                TestServer.find(events.getLast(), "response.output.0.content.0.text"));
    }

    @Test
    void aKeptResponseIsGoneOnFrom() throws IOException {
        TestServer.Answer first = server.post(PATH, request("A story.", "instructions", "Be brief."));
        String id = (String) first.at("id");
        TestServer.Answer next = server.post(PATH, request("And then?", "previous_response_id", id));
        assertEquals(200, next.status(), next.body());
        String answered = (String) first.at("output.0.content.0.text");
        TestServer.Answer spelled = server.post(
                PATH,
                request(List.of(
                        Map.of("role", "user", "content", "A story."),
                        Map.of("role", "assistant", "content", answered),
                        Map.of("role", "user", "content", "And then?"))));
        assertEquals(spelled.at("output.0.content.0.text"), next.at("output.0.content.0.text"));
        assertEquals(spelled.at("usage.input_tokens"), next.at("usage.input_tokens"));
        assertEquals(id, server.get(PATH + "/" + id).at("id"));
        assertEquals(
                200,
                server.send(server.request(PATH + "/" + id).DELETE().build()).status());
        assertEquals(404, server.get(PATH + "/" + id).status());
        TestServer.Answer gone = server.post(PATH, request("And then?", "previous_response_id", id));
        assertEquals("previous_response_not_found", gone.at("error.code"));
        TestServer.Answer unkept = server.post(PATH, request("A story.", "store", false));
        assertEquals(404, server.get(PATH + "/" + unkept.at("id")).status());
    }

    @Test
    void aToolIsCalled() throws IOException {
        Object tool = Map.of(
                "type", "function",
                "name", "add",
                "parameters",
                        Map.of(
                                "type",
                                "object",
                                "properties",
                                Map.of("n", Map.of("enum", List.of(1, 2))),
                                "required",
                                List.of("n"),
                                "additionalProperties",
                                false));
        Map<String, Object> request = request(
                "Add.",
                "tools",
                List.of(tool),
                "tool_choice",
                "required",
                "max_output_tokens",
                200,
                "temperature",
                "inf");
        TestServer.Answer answer = server.post(PATH, request);
        assertEquals("function_call", answer.at("output.0.type"), answer.body());
        assertEquals("add", answer.at("output.0.name"));
        TestServer.Answer next = server.post(
                PATH,
                request(
                        List.of(Map.of(
                                "type", "function_call_output",
                                "call_id", answer.at("output.0.call_id"),
                                "output", "3")),
                        "previous_response_id",
                        answer.at("id"),
                        "tools",
                        List.of(tool)));
        assertEquals(200, next.status(), next.body());
        request.put("stream", true);
        assertTrue(server.post(PATH, request).body().contains("event: response.function_call_arguments.done"));
    }

    @Test
    void aFormatIsKept() throws IOException {
        Object format = Map.of("type", "json_schema", "name", "it", "schema", Map.of("enum", List.of("red", "blue")));
        TestServer.Answer answer =
                server.post(PATH, request("A colour.", "text", Map.of("format", format), "max_output_tokens", 50));
        assertEquals("completed", answer.at("status"), answer.body());
        assertTrue(List.of("\"red\"", "\"blue\"").contains(answer.at("output.0.content.0.text")), answer.body());
    }

    @Test
    void logProbabilitiesAreIncluded() throws IOException {
        TestServer.Answer answer = server.post(
                PATH, request("A story.", "include", List.of("message.output_text.logprobs"), "top_logprobs", 2));
        assertEquals(2, ((List<?>) answer.at("output.0.content.0.logprobs.0.top_logprobs")).size(), answer.body());
    }

    @Test
    void whatIsNotDoneIsRefusedByName() throws IOException {
        Map<String, Object> wrong = Map.of(
                "background",
                true,
                "conversation",
                "c",
                "prompt",
                Map.of("id", "p"),
                "truncation",
                "auto",
                "max_tool_calls",
                3,
                "include",
                List.of("file_search_call.results"),
                "tools",
                List.of(Map.of("type", "web_search")));
        for (Map.Entry<String, Object> each : wrong.entrySet()) {
            TestServer.Answer refused = server.post(PATH, request("A story.", each.getKey(), each.getValue()));
            assertEquals(400, refused.status(), each + " " + refused.body());
            assertTrue(((String) refused.at("error.param")).startsWith(each.getKey()), each + refused.body());
        }
    }
}
