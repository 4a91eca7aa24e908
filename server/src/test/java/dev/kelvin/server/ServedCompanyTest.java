// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.server.http.HttpLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same requests over HTTP, alone with nothing cached and then all at once, again, and after a restart with a file
 * of the cache: texts and log-probabilities are equal to the last digit, on 1 and 2 threads.
 */
class ServedCompanyTest {
    private static final int REQUESTS = 24;
    private static final List<String> BEGINNINGS =
            List.of("Once upon a time, there was a", "The dragon said:", "Anna and Tom went to the market. They");

    private record Asked(String path, Map<String, Object> body) {}

    @TempDir
    Path folder;

    private static TestServer start(int threads, EngineLimits limits) throws IOException {
        OpenModel open =
                OpenModel.of(GgufFile.open(TestServer.STORIES), Compute.startQuick(threads), LoadOptions.QUIET);
        return TestServer.of(open, limits, ServerOptions.loopback("stories", 0), HttpLimits.STANDARD);
    }

    private static List<Asked> requests(Random random) {
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            Map<String, Object> body = new LinkedHashMap<>();
            String text = BEGINNINGS.get(random.nextInt(BEGINNINGS.size()))
                    + " friend and they played".repeat(random.nextInt(12));
            body.put("seed", random.nextInt(4));
            body.put("temperature", List.of(0, 0.7, 1.4, "inf").get(random.nextInt(4)));
            body.put("max_tokens", 1 + random.nextInt(24));
            body.put("top_p", random.nextBoolean() ? 0.9 : 1);
            body.put("frequency_penalty", random.nextBoolean() ? 0.4 : 0);
            body.put("n", 1 + random.nextInt(3));
            if (random.nextBoolean()) {
                body.put("prompt", text);
                body.put("logprobs", 2);
                all.add(new Asked("/v1/completions", body));
            } else {
                body.put("messages", List.of(Map.of("role", "user", "content", text)));
                body.put("logprobs", true);
                body.put("top_logprobs", 2);
                all.add(new Asked("/v1/chat/completions", body));
            }
        }
        return all;
    }

    /** The answers with their log-probabilities, and what an equal answer needs to be equal. */
    private static String answer(TestServer server, Asked asked) {
        TestServer.Answer answer = server.post(asked.path(), asked.body());
        assertEquals(200, answer.status(), answer.body());
        try {
            return answer.at("system_fingerprint") + " " + answer.at("choices");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void meet(TestServer server, List<Asked> requests, List<String> alone, long order) {
        List<Integer> shuffled = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            shuffled.add(i);
        }
        Collections.shuffle(shuffled, new Random(order));
        Map<Integer, CompletableFuture<String>> answers = new LinkedHashMap<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int which : shuffled) {
                answers.put(which, CompletableFuture.supplyAsync(() -> answer(server, requests.get(which)), clients));
            }
        }
        answers.forEach((which, text) -> assertEquals(alone.get(which), text.join(), "request " + which));
    }

    @Test
    void answersAreTheSameAloneInCompanyWarmAndAfterARestart() throws IOException {
        List<Asked> requests = requests(new Random(7));
        List<String> alone = new ArrayList<>();
        try (TestServer server = start(1, EngineLimits.STANDARD.withPrefixCache(false))) {
            for (Asked asked : requests) {
                alone.add(answer(server, asked));
            }
        }
        Path cache = folder.resolve("texts.kv");
        for (int threads = 1; threads <= 2; threads++) {
            try (TestServer server = start(threads, EngineLimits.STANDARD.with(48, 6))) {
                meet(server, requests, alone, threads);
                meet(server, requests, alone, 10 + threads);
                assertTrue(server.server.saveCache(cache) > 0);
            }
            try (TestServer restarted = start(threads, EngineLimits.STANDARD)) {
                assertTrue(restarted.server.loadCache(cache) > 0);
                TestServer.Answer first =
                        restarted.post("/v1/completions", Map.of("prompt", BEGINNINGS.getFirst(), "max_tokens", 1));
                assertTrue((long) first.at("usage.prompt_tokens_details.cached_tokens") > 0, first.body());
                meet(restarted, requests, alone, 20 + threads);
            }
        }
    }
}
