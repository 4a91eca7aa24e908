// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.server.http.HttpLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The interface of Kelvin's own, and vectors, over a real socket. */
class OwnTest {
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

    private static double number(Object from, String path) {
        return ((Number) TestServer.find(from, path)).doubleValue();
    }

    @Test
    void tokensGoBothWays() throws IOException {
        TestServer.Answer tokens = server.post("/tokenize", Map.of("content", PROMPT));
        Object ids = tokens.at("tokens");
        assertEquals((long) ((List<?>) ids).size(), tokens.at("count"));
        assertEquals(PROMPT, server.post("/detokenize", Map.of("tokens", ids)).at("content"));
        TestServer.Answer pieces =
                server.post("/tokenize", Map.of("content", PROMPT, "with_pieces", true, "add_special", true));
        assertEquals(((List<?>) ids).size() + 1, ((List<?>) pieces.at("tokens")).size());
        assertEquals(
                400,
                server.post("/detokenize", Map.of("tokens", List.of(99999))).status());
        assertEquals("tokens", server.post("/detokenize", Map.of()).at("error.param"));
    }

    @Test
    void theNextTokenIsToldSoThatEveryTemperatureFollows() throws IOException {
        TestServer.Answer next = server.post(
                "/kelvin/next", Map.of("prompt", PROMPT, "top", 5, "sampler", "top-k=3,temperature=0.5", "seed", 4));
        assertEquals(200, next.status(), next.body());
        List<?> logits = (List<?>) next.at("logits");
        assertEquals((long) logits.size(), next.at("vocab_size"));
        float max = (float) number(next.json(), "max_logit");
        double sum = 0;
        for (Object each : logits) {
            sum += each == null ? 0 : Math.exp(((Number) each).floatValue() - max);
        }
        assertEquals(max + Math.log(sum), number(next.json(), "log_sum_exp"), 1e-9);
        // The samplers left three, at half the temperature.
        double[] z = new double[3];
        double left = 0;
        for (int i = 0; i < 3; i++) {
            z[i] = number(next.json(), "candidates." + i + ".logit");
            left += Math.exp((z[i] - z[0]) / 0.5);
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(Math.exp((z[i] - z[0]) / 0.5) / left, number(next.json(), "candidates." + i + ".prob"), 1e-6);
        }
        assertEquals(0.0, number(next.json(), "candidates.3.prob"));
        assertEquals("top-k=3", next.at("stages.1.stage"));
        assertEquals(3L, next.at("stages.1.candidates"));
        TestServer.Answer completed = server.post(
                "/v1/completions",
                Map.of(
                        "prompt",
                        PROMPT,
                        "max_tokens",
                        1,
                        "seed",
                        4,
                        "kelvin",
                        Map.of("sampler", "top-k=3,temperature=0.5", "tokens", true)));
        assertEquals(completed.at("choices.0.kelvin.tokens.0.id"), next.at("pick.id"));
        assertEquals(number(completed.json(), "choices.0.kelvin.tokens.0.entropy"), number(next.json(), "entropy"));
    }

    @Test
    void theNextTokenOfAConversation() throws IOException {
        List<Object> messages = List.of(Map.of("role", "user", "content", "A story."));
        TestServer.Answer begin = server.post("/kelvin/next", Map.of("messages", messages));
        TestServer.Answer after =
                server.post("/kelvin/next", Map.of("messages", messages, "answer_ids", List.of(begin.at("pick.id"))));
        assertEquals(200, after.status(), after.body());
        List<?> ids = (List<?>) after.at("ids");
        assertEquals(begin.at("ids"), ids.subList(0, ids.size() - 1));
        assertEquals(
                after.at("log_sum_exp"),
                server.post("/kelvin/next", Map.of("ids", ids)).at("log_sum_exp"));
        assertEquals(400, server.post("/kelvin/next", Map.of()).status());
        assertEquals(
                400,
                server.post("/kelvin/next", Map.of("ids", ids, "prompt", "a")).status());
    }

    /** Which logit is the greatest is not known when a request is read: it is refused later, but as its own fault. */
    @Test
    void samplersThatLeaveNothingAreTheClientsFault() throws IOException {
        List<?> most =
                (List<?>) server.post("/kelvin/next", Map.of("prompt", PROMPT)).at("candidates");
        long second = (long) ((Map<?, ?>) most.get(1)).get("id");
        String sampler = "top-k=1,mask=" + second;
        Map<String, Object> own = Map.of("sampler", sampler);
        for (TestServer.Answer answer : List.of(
                server.post("/kelvin/next", Map.of("prompt", PROMPT, "sampler", sampler)),
                server.post("/v1/completions", Map.of("prompt", PROMPT, "max_tokens", 1, "kelvin", own)))) {
            assertEquals(400, answer.status(), answer.body());
            assertEquals("invalid_value", answer.at("error.code"), answer.body());
            assertTrue(answer.body().contains("mask"), answer.body());
        }
        TestServer.Answer stream = server.post(
                "/v1/completions", Map.of("prompt", PROMPT, "max_tokens", 1, "stream", true, "kelvin", own));
        assertTrue(stream.body().contains("invalid_request_error"), stream.body());
    }

    @Test
    void healthModelsAndMetrics() throws IOException {
        assertEquals("ok", server.get("/health").at("status"));
        assertEquals("ok", server.get("/health/ready").at("status"));
        assertEquals("stories", server.get("/v1/models").at("data.0.id"));
        assertEquals("stories", server.get("/v1/models/stories").at("id"));
        assertEquals(404, server.get("/v1/models/other").status());
        assertEquals(false, server.get("/kelvin/model").at("chats"));
        String fingerprint = (String) server.post("/v1/completions", Map.of("prompt", PROMPT, "max_tokens", 3))
                .at("system_fingerprint");
        assertEquals(fingerprint, server.get("/kelvin/model").at("fingerprint"));
        TestServer.Answer metrics = server.get("/metrics");
        assertEquals(
                List.of("text/plain; version=0.0.4; charset=utf-8"),
                metrics.headers().get("content-type"));
        assertTrue(metrics.body().matches("(?s).*\nkelvin_generated_tokens_total [1-9].*"), metrics.body());
        assertTrue(
                metrics.body().contains("kelvin_http_requests_total{endpoint=\"/v1/completions\",status=\"200\"} "),
                metrics.body());
    }

    @Test
    void cachedTokensAreToldAndChangeNothing() throws IOException {
        String prompt = "A dog and a cat went to the forest and ".repeat(8);
        Map<String, Object> request = Map.of("prompt", prompt, "max_tokens", 8, "seed", 1, "logprobs", 2);
        TestServer.Answer cold = server.post("/v1/completions", request);
        TestServer.Answer warm = server.post("/v1/completions", request);
        assertEquals(cold.at("choices"), warm.at("choices"));
        assertNotEquals(0L, warm.at("usage.prompt_tokens_details.cached_tokens"), warm.body());
    }

    @Test
    void thePageComesFromAListOfNames() throws IOException {
        TestServer.Answer page = server.get("/");
        assertEquals(200, page.status());
        assertEquals(List.of("text/html; charset=utf-8"), page.headers().get("content-type"));
        assertTrue(page.headers().get("content-security-policy").getFirst().startsWith("default-src 'none'"));
        String tag = page.headers().get("etag").getFirst();
        assertEquals(
                304,
                server.send(server.request("/").header("If-None-Match", tag).build())
                        .status());
        for (String wrong : List.of("/../pom.xml", "/page/", "/%2e%2e/pom.xml", "/index.html/", "/page.css%00")) {
            int status = server.get(wrong).status();
            assertTrue(status == 404 || status == 400, wrong + " " + status);
        }
    }

    @Test
    void vectorsOfAnEncoder() throws IOException {
        Path bert = Path.of("../../shared/data/architectures/bert-mean.gguf");
        assumeTrue(Files.exists(bert), "../shared/data is not beside the checkout");
        try (TestServer encoder =
                TestServer.start(bert, EngineLimits.STANDARD, ServerOptions.loopback("bert", 0), HttpLimits.STANDARD)) {
            Object ids = List.of(List.of(1, 5, 9), List.of(3, 4));
            TestServer.Answer made = encoder.post("/v1/embeddings", Map.of("input", ids, "model", "bert"));
            assertEquals(200, made.status(), made.body());
            assertEquals(2, ((List<?>) made.at("data")).size());
            assertEquals(5L, made.at("usage.prompt_tokens"));
            List<?> vector = (List<?>) made.at("data.0.embedding");
            double squares = 0;
            for (Object each : vector) {
                squares += Math.pow(((Number) each).doubleValue(), 2);
            }
            assertEquals(1, squares, 1e-5);
            TestServer.Answer coded = encoder.post("/v1/embeddings", Map.of("input", ids, "encoding_format", "base64"));
            byte[] bytes = Base64.getDecoder().decode((String) coded.at("data.0.embedding"));
            float first = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat();
            assertEquals(((Number) vector.getFirst()).floatValue(), first);
            assertEquals(
                    200,
                    encoder.post("/v1/embeddings", Map.of("input", ids, "dimensions", vector.size()))
                            .status());
            assertEquals(
                    400,
                    encoder.post("/v1/embeddings", Map.of("input", ids, "dimensions", 3))
                            .status());
            assertEquals(
                    "model",
                    encoder.post("/v1/completions", Map.of("prompt", ids)).at("error.param"));
        }
        assertEquals(
                "model_not_supported",
                server.post("/v1/embeddings", Map.of("input", "a")).at("error.code"));
    }
}
