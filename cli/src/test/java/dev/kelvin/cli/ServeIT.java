// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./kelvin serve} as a process, from its start to the signal that ends it. */
class ServeIT {
    private static final Path KELVIN = Path.of("..", "kelvin").toAbsolutePath().normalize();
    private static final Pattern SERVED = Pattern.compile("served at (http://\\S+)");

    /** What is answered with the end of the text forbidden: as long as the context allows, which takes a while. */
    private static final String LONG =
            "{\"prompt\": \"Once upon a time\", \"max_tokens\": 400, \"temperature\": \"inf\", \"n\": 16}";

    private static final String SHORT =
            "{\"prompt\": \"Once upon a time, in a town by the sea, there was a girl\", \"max_tokens\": 20, \"seed\": 5}";

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private Process process;
    private URI server;

    @AfterEach
    void end() {
        client.close();
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private void start(String... options) throws Exception {
        Files.deleteIfExists(folder.resolve("err"));
        List<String> command = new ArrayList<>(List.of(KELVIN.toString(), "serve", "--port", "0"));
        command.addAll(List.of(options));
        process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        await(text -> SERVED.matcher(text).find());
        Matcher served = SERVED.matcher(err());
        assertTrue(served.find());
        server = URI.create(served.group(1));
    }

    private String err() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    private void await(Predicate<String> said) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!said.test(err())) {
            assertTrue(process.isAlive() && System.nanoTime() < deadline, err());
            Thread.sleep(20);
        }
    }

    private CompletableFuture<HttpResponse<String>> post(String body) {
        HttpRequest request = HttpRequest.newBuilder(server.resolve("/v1/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(server.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private void terminate() throws Exception {
        process.destroy();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), err());
    }

    private static String choices(HttpResponse<String> answer) {
        assertEquals(200, answer.statusCode(), answer.body());
        return answer.body().replaceFirst(".*\"choices\":", "").replaceFirst(",\"usage\".*", "");
    }

    @Test
    void toldToEndItIsReadyNoMoreAndLetsAnswersEnd() throws Exception {
        start();
        assertEquals(200, get("/").statusCode());
        assertEquals(200, get("/health/ready").statusCode());
        CompletableFuture<HttpResponse<String>> answer = post(LONG);
        while (!get("/metrics").body().contains("kelvin_answers_running 16\n")) {
            assertFalse(answer.isDone(), "it ended before it was seen");
        }
        process.destroy();
        await(text -> text.contains("kelvin: ending"));
        int status = get("/health/ready").statusCode();
        assertEquals(503, status);
        assertFalse(answer.isDone(), "it still runs while this is told");
        assertEquals(200, answer.join().statusCode());
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(128 + 15, process.exitValue());
    }

    @Test
    void textsAreKeptFromOneRunToTheNext() throws Exception {
        String cache = folder.resolve("texts.kv").toString();
        start("--cache", cache, "--kv-memory", "64M");
        String cold = choices(post(SHORT).join());
        terminate();
        assertTrue(err().contains("1 texts are kept in " + cache), err());
        start("--cache", cache);
        assertTrue(err().contains("1 texts of " + cache), err());
        HttpResponse<String> warm = post(SHORT).join();
        assertEquals(cold, choices(warm));
        assertFalse(warm.body().contains("\"cached_tokens\":0"), warm.body());
        terminate();
        byte[] bytes = Files.readAllBytes(Path.of(cache));
        bytes[bytes.length / 2] ^= 1;
        Files.write(Path.of(cache), bytes);
        start("--cache", cache);
        assertEquals(
                1,
                err().lines()
                        .filter(line -> line.startsWith("kelvin: --cache is not used: "))
                        .count(),
                err());
        assertEquals(cold, choices(post(SHORT).join()));
        terminate();
    }
}
