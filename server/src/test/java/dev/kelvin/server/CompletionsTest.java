// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /v1/completions} over a real socket. */
class CompletionsTest {
    private static final String PATH = "/v1/completions";
    private static final String PROMPT = "Once upon a time, there was a";
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String streamed(TestServer.Answer answer, int choice) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Object event : answer.events()) {
            for (Object each : (List<?>) TestServer.find(event, "choices")) {
                if (TestServer.find(each, "index").equals((long) choice)) {
                    text.append(TestServer.find(each, "text"));
                }
            }
        }
        return text.toString();
    }

    @Test
    void streamedEqualsWhole() throws IOException {
        Map<String, Object> request = Map.of("prompt", PROMPT, "max_tokens", 24, "seed", 7, "temperature", 1.2);
        TestServer.Answer whole = server.post(PATH, request);
        assertEquals(200, whole.status(), whole.body());
        assertEquals("text_completion", whole.at("object"));
        assertEquals("stories", whole.at("model"));
        assertEquals("length", whole.at("choices.0.finish_reason"));
        assertEquals(24L, whole.at("usage.completion_tokens"));
        assertEquals(List.of("7"), whole.headers().get("kelvin-seed"));

        TestServer.Answer stream = server.post(
                PATH,
                Map.of(
                        "prompt",
                        PROMPT,
                        "max_tokens",
                        24,
                        "seed",
                        7,
                        "temperature",
                        1.2,
                        "stream",
                        true,
                        "stream_options",
                        Map.of("include_usage", true)));
        assertEquals(List.of("text/event-stream"), stream.headers().get("content-type"));
        assertTrue(stream.body().endsWith("data: [DONE]\n\n"), stream.body());
        assertEquals(whole.at("choices.0.text"), streamed(stream, 0));
        Object last = stream.events().getLast();
        assertEquals(List.of(), TestServer.find(last, "choices"));
        assertEquals(whole.at("usage.total_tokens"), TestServer.find(last, "usage.total_tokens"));
    }

    @Test
    void temperatureHasBothEnds() throws IOException {
        TestServer.Answer cold =
                server.post(PATH, Map.of("prompt", PROMPT, "max_tokens", 8, "temperature", 0, "seed", 1));
        TestServer.Answer coldAgain =
                server.post(PATH, Map.of("prompt", PROMPT, "max_tokens", 8, "temperature", 0, "seed", 2));
        assertEquals(cold.at("choices.0.text"), coldAgain.at("choices.0.text"));
        TestServer.Answer hot =
                server.post(PATH, Map.of("prompt", PROMPT, "max_tokens", 8, "temperature", "inf", "seed", 1));
        assertEquals(200, hot.status(), hot.body());
        assertFalse(cold.at("choices.0.text").equals(hot.at("choices.0.text")));
        for (Object wrong : List.of(-0.5, "warm", "-inf", "nan", List.of(1))) {
            TestServer.Answer refused = server.post(PATH, Map.of("prompt", PROMPT, "temperature", wrong));
            assertEquals(400, refused.status(), refused.body());
            assertEquals("temperature", refused.at("error.param"));
        }
    }

    @Test
    void aStopIsNoPartOfTheTextNorOfTheLogProbabilities() throws IOException {
        Map<String, Object> request = Map.of("prompt", PROMPT, "max_tokens", 60, "temperature", 0, "logprobs", 0);
        String free = (String) server.post(PATH, request).at("choices.0.text");
        int at = free.indexOf(' ', 12);
        String stop = free.substring(at, at + 5);
        TestServer.Answer stopped = server.post(
                PATH,
                Map.of(
                        "prompt",
                        PROMPT,
                        "max_tokens",
                        60,
                        "temperature",
                        0,
                        "logprobs",
                        0,
                        "stop",
                        stop,
                        "stream",
                        true));
        String text = streamed(stopped, 0);
        assertEquals(free.substring(0, free.indexOf(stop)), text);
        StringBuilder tokens = new StringBuilder();
        for (Object event : stopped.events()) {
            for (Object token : (List<?>) TestServer.find(event, "choices.0.logprobs.tokens")) {
                tokens.append(token);
            }
        }
        assertTrue(text.startsWith(tokens.toString()), () -> text + " / " + tokens);
        assertEquals("stop", TestServer.find(stopped.events().getLast(), "choices.0.finish_reason"));
    }

    @Test
    void severalPromptsHaveSeveralAnswersEach() throws IOException {
        TestServer.Answer answer =
                server.post(PATH, Map.of("prompt", List.of(PROMPT, "The dragon"), "n", 2, "max_tokens", 5, "seed", 3));
        assertEquals(200, answer.status(), answer.body());
        assertEquals(4, ((List<?>) answer.at("choices")).size());
        assertEquals(3L, answer.at("choices.3.index"));
        assertEquals(20L, answer.at("usage.completion_tokens"));
        assertFalse(answer.at("choices.0.text").equals(answer.at("choices.1.text")), answer.body());
        TestServer.Answer alone = server.post(PATH, Map.of("prompt", "The dragon", "max_tokens", 5, "seed", 3));
        assertEquals(alone.at("choices.0.text"), answer.at("choices.2.text"));
    }

    @Test
    void idsAreAPrompt() throws IOException {
        Object ids = server.post("/tokenize", Map.of("content", PROMPT, "add_special", true))
                .at("tokens");
        TestServer.Answer byIds =
                server.post(PATH, Map.of("prompt", ids, "max_tokens", 5, "temperature", 0, "echo", true));
        TestServer.Answer byText =
                server.post(PATH, Map.of("prompt", PROMPT, "max_tokens", 5, "temperature", 0, "echo", true));
        assertEquals(byText.at("choices.0.text"), byIds.at("choices.0.text"));
        assertTrue(((String) byText.at("choices.0.text")).startsWith(PROMPT));
    }

    @Test
    void logProbabilitiesTellTheTop() throws IOException {
        TestServer.Answer answer =
                server.post(PATH, Map.of("prompt", PROMPT, "max_tokens", 3, "temperature", 0, "logprobs", 4));
        assertEquals(3, ((List<?>) answer.at("choices.0.logprobs.tokens")).size());
        Map<?, ?> top = (Map<?, ?>) answer.at("choices.0.logprobs.top_logprobs.0");
        assertEquals(4, top.size());
        String first = (String) answer.at("choices.0.logprobs.tokens.0");
        assertEquals(answer.at("choices.0.logprobs.token_logprobs.0"), top.get(first));
        assertEquals(0L, answer.at("choices.0.logprobs.text_offset.0"));
        assertNull(server.post(PATH, Map.of("prompt", PROMPT, "max_tokens", 1)).at("choices.0.logprobs"));
    }

    @Test
    void tokensAreToldWhenAskedForByName() throws IOException {
        TestServer.Answer answer = server.post(
                PATH, Map.of("prompt", PROMPT, "max_tokens", 6, "stream", true, "kelvin", Map.of("tokens", true)));
        StringBuilder text = new StringBuilder();
        int tokens = 0;
        for (Object event : answer.events()) {
            for (Object token : (List<?>) TestServer.find(event, "choices.0.kelvin.tokens")) {
                text.append(TestServer.find(token, "text"));
                assertTrue(((Number) TestServer.find(token, "logprob")).doubleValue() <= 0);
                tokens++;
            }
        }
        assertEquals(6, tokens);
        assertEquals(streamed(answer, 0), text.toString());
    }

    @Test
    void whatIsNotDoneIsRefusedByName() throws IOException {
        Map<String, Object> wrong = Map.of(
                "suffix",
                "end",
                "best_of",
                3,
                "tfs_z",
                0.5,
                "n",
                0,
                "max_tokens",
                -1,
                "top_p",
                1.5,
                "logit_bias",
                Map.of("99999", 1),
                "stop",
                List.of(""),
                "kelvin",
                Map.of("sampler", "top-q=3"));
        for (Map.Entry<String, Object> each : wrong.entrySet()) {
            TestServer.Answer refused = server.post(PATH, Map.of("prompt", PROMPT, each.getKey(), each.getValue()));
            assertEquals(400, refused.status(), each + " " + refused.body());
            assertEquals("invalid_request_error", refused.at("error.type"));
            assertTrue(((String) refused.at("error.param")).startsWith(each.getKey()), refused.body());
        }
        assertEquals(
                "unsupported_parameter",
                server.post(PATH, Map.of("prompt", PROMPT, "tfs_z", 0.5)).at("error.code"));
        TestServer.Answer model = server.post(PATH, Map.of("prompt", PROMPT, "model", "gpt-4"));
        assertEquals(404, model.status());
        assertEquals("model_not_found", model.at("error.code"));
    }

    @Test
    void anEchoTellsHowProbableThePromptIs() throws IOException {
        String text = "Once upon a time, there was a girl. ".repeat(6);
        Map<String, Object> request =
                new HashMap<>(Map.of("prompt", text, "max_tokens", 3, "temperature", 0, "logprobs", 2, "echo", true));
        TestServer.Answer echoed = server.post("/v1/completions", request);
        assertEquals(200, echoed.status(), echoed.body());
        List<?> tokens = (List<?>) echoed.at("choices.0.logprobs.tokens");
        List<?> values = (List<?>) echoed.at("choices.0.logprobs.token_logprobs");
        List<?> tops = (List<?>) echoed.at("choices.0.logprobs.top_logprobs");
        long prompt = (long) echoed.at("usage.prompt_tokens");
        assertTrue(prompt > 64, "more than a block");
        assertEquals(tokens.size(), values.size());
        assertEquals(tokens.size(), tops.size());
        // As if the same tokens were written: what a prefix of the text goes on with has the value that it has here.
        List<?> ids = (List<?>) server.post("/tokenize", Map.of("content", text, "add_special", true))
                .at("tokens");
        assertEquals(prompt, ids.size());
        int told = tokens.size() - 3;
        int unknown = values.getFirst() == null ? 1 : 0;
        assertEquals(ids.size() - 1, told - unknown, "all but the first");
        for (int i : List.of(1, 7, 63, 64, 65, ids.size() - 1)) {
            TestServer.Answer next = server.post(
                    "/v1/completions",
                    Map.of(
                            "prompt", ids.subList(0, i),
                            "max_tokens", 1,
                            "logprobs", 2,
                            "logit_bias", Map.of(ids.get(i).toString(), 100),
                            "temperature", 0));
            assertEquals(next.at("choices.0.logprobs.token_logprobs.0"), values.get(i - 1 + unknown), "token " + i);
            assertEquals(next.at("choices.0.logprobs.top_logprobs.0"), tops.get(i - 1 + unknown), "token " + i);
        }
        request.put("echo", false);
        TestServer.Answer plain = server.post("/v1/completions", request);
        assertEquals(plain.at("choices.0.logprobs.token_logprobs"), values.subList(told, values.size()), "the answer");
        assertEquals(text + plain.at("choices.0.text"), echoed.at("choices.0.text"));
    }

    @Test
    void aPromptBeyondTheContextIsRefused() throws IOException {
        TestServer.Answer refused = server.post(PATH, Map.of("prompt", "dog ".repeat(2000)));
        assertEquals(400, refused.status(), refused.body());
        assertEquals("prompt", refused.at("error.param"));
    }
}
