// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.server.http.HttpLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Who gets in, what is bounded, and what happens to clients that dawdle or leave. */
class FrameTest {
    private static final HttpLimits QUICK =
            HttpLimits.STANDARD.withTimes(Duration.ofMillis(2000), Duration.ofMillis(700), Duration.ofMillis(700));

    private static Socket connect(TestServer server) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static String all(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private static void write(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String post(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, what);
            Thread.sleep(20);
        }
    }

    @Test
    void aKeyIsAskedForWhereThereIsOne() throws IOException {
        try (TestServer server =
                TestServer.start(EngineLimits.STANDARD, options -> options.withApiKey("sesame"), HttpLimits.STANDARD)) {
            TestServer.Answer refused = server.get("/v1/models");
            assertEquals(401, refused.status());
            assertEquals("invalid_api_key", refused.at("error.code"));
            for (String wrong : List.of("Bearer sesam", "Bearer sesame1", "Basic sesame", "sesame", "Bearer ")) {
                assertEquals(
                        401,
                        server.send(server.request("/v1/models")
                                        .header("Authorization", wrong)
                                        .build())
                                .status(),
                        wrong);
            }
            assertEquals(
                    200,
                    server.send(server.request("/v1/models")
                                    .header("Authorization", "Bearer sesame")
                                    .build())
                            .status());
            assertEquals(200, server.get("/health").status());
            assertEquals(200, server.get("/").status());
        }
    }

    @Test
    void beyondThisMachineTakesAKeyOrTheWord() throws IOException {
        InetAddress any = InetAddress.getByAddress(new byte[] {0, 0, 0, 0});
        assertThrows(
                IllegalArgumentException.class,
                () -> new ServerOptions("m", any, 0, Optional.empty(), false, List.of(), Duration.ZERO));
        new ServerOptions("m", any, 0, Optional.of("k"), false, List.of(), Duration.ZERO);
        new ServerOptions("m", any, 0, Optional.empty(), true, List.of(), Duration.ZERO);
        assertThrows(IllegalArgumentException.class, () -> ServerOptions.loopback("m", 0)
                .withApiKey(" "));
    }

    @Test
    void foreignPagesAndHostNamesStayOutside() throws IOException {
        try (TestServer server = TestServer.start(
                EngineLimits.STANDARD,
                options -> options.withOrigins(List.of("https://friend.example")),
                HttpLimits.STANDARD)) {
            TestServer.Answer foreign = server.send(server.request("/v1/models")
                    .header("Origin", "https://evil.example")
                    .build());
            assertEquals(403, foreign.status());
            assertFalse(foreign.headers().containsKey("access-control-allow-origin"));
            TestServer.Answer friend = server.send(server.request("/v1/models")
                    .header("Origin", "https://friend.example")
                    .build());
            assertEquals(List.of("https://friend.example"), friend.headers().get("access-control-allow-origin"));
            try (Socket socket = connect(server)) {
                write(socket, "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
                assertTrue(all(socket).startsWith("HTTP/1.1 403"));
            }
            try (Socket socket = connect(server)) {
                write(
                        socket,
                        String.join(
                                "\r\n",
                                "OPTIONS /v1/completions HTTP/1.1",
                                "Host: localhost",
                                "Origin: https://friend.example",
                                "Connection: close",
                                "",
                                ""));
                String answer = all(socket);
                assertTrue(answer.startsWith("HTTP/1.1 204") && answer.contains("Content-Type"), answer);
            }
        }
    }

    @Test
    void whatIsTooMuchIsRefused() throws IOException {
        HttpLimits small =
                new HttpLimits(100, 4096, 2000, Duration.ofSeconds(60), Duration.ofSeconds(20), Duration.ofSeconds(20));
        try (TestServer server = TestServer.start(EngineLimits.STANDARD, options -> options, small)) {
            String longText = "{\"content\": \"" + "a".repeat(3000) + "\"}";
            assertEquals(413, server.post("/tokenize", longText).status());
            try (Socket socket = connect(server)) {
                write(
                        socket,
                        "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nbb8\r\n"
                                + "a".repeat(3000) + "\r\n0\r\n\r\n");
                assertTrue(all(socket).startsWith("HTTP/1.1 413"));
            }
            try (Socket socket = connect(server)) {
                write(
                        socket,
                        "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
                assertTrue(all(socket).startsWith("HTTP/1.1 400"));
            }
            try (Socket socket = connect(server)) {
                write(socket, "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(6000) + "\r\n\r\n");
                assertTrue(all(socket).startsWith("HTTP/1.1 4"));
            }
            assertEquals(
                    400,
                    server.post("/tokenize", "[".repeat(900) + "]".repeat(900)).status(),
                    "nested too deep");
            assertEquals(400, server.post("/tokenize", "{\"content\": 1").status());
            assertEquals(404, server.get("/nothing").status());
            TestServer.Answer method = server.get("/tokenize");
            assertEquals(405, method.status());
            assertEquals(List.of("POST"), method.headers().get("allow"));
            TestServer.Answer type = server.send(server.request("/tokenize")
                    .header("Content-Type", "text/plain")
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build());
            assertEquals(415, type.status());
        }
    }

    @Test
    void aClientThatSendsByteByByteIsCut() throws Exception {
        try (TestServer server = TestServer.start(EngineLimits.STANDARD, options -> options, QUICK);
                Socket slow = connect(server);
                Socket idle = connect(server)) {
            long begin = System.nanoTime();
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < 400; i++) {
                        write(slow, i == 0 ? "GET /" : "a");
                        Thread.sleep(50);
                    }
                } catch (IOException | InterruptedException cut) {
                    return;
                }
            });
            try {
                all(slow);
            } catch (IOException reset) {
                // cut, whichever way the socket tells
            }
            long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
            assertTrue(millis < 15_000, "after " + millis + " ms");
            writing.join();
            assertEquals(200, server.get("/health").status());
            try {
                assertEquals("", all(idle), "an idle connection ends too");
            } catch (IOException reset) {
                // as above
            }
        }
    }

    @Test
    void aClientThatNeverReadsIsCut() throws Exception {
        try (TestServer server = TestServer.start(EngineLimits.STANDARD, options -> options, QUICK);
                Socket socket = new Socket()) {
            socket.setReceiveBufferSize(1024);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server.port()));
            // Its answer is larger than what sockets hold.
            String content = "a dog ".repeat(400_000);
            write(socket, post("/tokenize", "{\"with_pieces\": true, \"content\": \"" + content + "\"}"));
            await(() -> server.server.connections() == 1, "it is answered");
            await(() -> server.server.connections() == 0, "it is cut");
            assertEquals(200, server.get("/health").status());
        }
    }

    @Test
    void aClientThatLeavesHasItsAnswerCancelled() throws Exception {
        try (TestServer server = TestServer.start()) {
            for (boolean stream : new boolean[] {true, false}) {
                try (Socket socket = connect(server)) {
                    write(
                            socket,
                            post(
                                    "/v1/completions",
                                    "{\"prompt\": \"a\", \"n\": 64, \"temperature\": \"inf\", \"stream\": " + stream
                                            + "}"));
                    await(() -> server.server.running() > 0, "it is answered");
                }
                await(() -> server.server.running() == 0, "it is cancelled");
            }
            String metrics = server.get("/metrics").body();
            assertTrue(metrics.contains("kelvin_requests_total{end=\"cancelled\"} "), metrics);
            assertFalse(metrics.contains("kelvin_requests_total{end=\"cancelled\"} 0\n"), metrics);
        }
    }

    @Test
    void whoFindsNoPlaceIsToldToComeAgain() throws Exception {
        EngineLimits narrow = EngineLimits.STANDARD.with(1, 1).withQueued(1);
        try (TestServer server = TestServer.start(narrow, options -> options, HttpLimits.STANDARD)) {
            TestServer.Answer refused =
                    server.post("/v1/completions", Map.of("prompt", "a", "n", 8, "max_tokens", 200));
            assertEquals(429, refused.status(), refused.body());
            assertEquals("queue_full", refused.at("error.code"));
            assertEquals(List.of("1"), refused.headers().get("retry-after"));
            assertEquals(0, server.server.running(), "none of the 8 was begun");
            TestServer.Answer one = server.post("/v1/completions", Map.of("prompt", "a", "max_tokens", 2));
            assertEquals(200, one.status(), one.body());
        }
    }

    @Test
    void aPromptThatMemoryHasNoRoomForIsToldByTheOption() throws IOException {
        EngineLimits small = EngineLimits.STANDARD.withKeysAndValues(500_000, EngineLimits.STANDARD.kvType());
        try (TestServer server = TestServer.start(small, options -> options, HttpLimits.STANDARD)) {
            TestServer.Answer refused = server.post("/v1/completions", Map.of("prompt", Collections.nCopies(400, 300)));
            assertEquals(400, refused.status(), refused.body());
            assertEquals("context_length_exceeded", refused.at("error.code"));
            String message = (String) refused.at("error.message");
            assertTrue(message.contains("500000 bytes") && message.contains("--kv-memory"), message);
        }
        EngineLimits none = EngineLimits.STANDARD.withKeysAndValues(1, EngineLimits.STANDARD.kvType());
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> TestServer.start(none, options -> options, HttpLimits.STANDARD));
        assertTrue(e.getMessage().contains("no room for a text"), e.getMessage());
    }

    @Test
    void whoAsksWhetherItIsReadyHearsOfTheEndWhileAnswersStillRun() throws Exception {
        try (TestServer server = TestServer.start()) {
            CompletableFuture<TestServer.Answer> answer = CompletableFuture.supplyAsync(() -> server.post(
                    "/v1/completions", Map.of("prompt", "a", "max_tokens", 400, "temperature", "inf", "n", 16)));
            await(() -> server.server.running() == 16, "it is answered");
            assertEquals(200, server.get("/health/ready").status());
            CompletableFuture<Void> ending = CompletableFuture.runAsync(server.server::end);
            await(() -> server.get("/health/ready").status() == 503, "it is not ready any more");
            assertEquals(200, server.get("/health").status());
            TestServer.Answer late = server.post("/v1/completions", Map.of("prompt", "a", "max_tokens", 1));
            assertEquals(503, late.status(), late.body());
            assertEquals("shutting_down", late.at("error.code"));
            assertTrue(server.server.running() > 0, "answers run while this is told");
            assertFalse(answer.isDone());
            assertEquals(200, answer.join().status());
            ending.join();
            assertEquals(0, server.server.running());
        }
    }

    @Test
    void runningAnswersEndBeforeTheServer() throws Exception {
        TestServer server = TestServer.start();
        int port = server.server.port();
        CompletableFuture<TestServer.Answer> answer = CompletableFuture.supplyAsync(() ->
                server.post("/v1/completions", Map.of("prompt", "a", "max_tokens", 60, "temperature", "inf", "n", 8)));
        await(() -> server.server.running() == 8, "it is answered");
        CompletableFuture<Void> closing = CompletableFuture.runAsync(server.server::close);
        assertEquals(200, answer.join().status());
        closing.join();
        assertThrows(IOException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
        server.close();
    }

    @Test
    void anAnswerThatTakesTooLongIsEndedWithTheServer() throws Exception {
        TestServer server = TestServer.start(
                EngineLimits.STANDARD, options -> options.withEndTime(Duration.ofMillis(100)), HttpLimits.STANDARD);
        try (Socket socket = connect(server)) {
            write(
                    socket,
                    post(
                            "/v1/completions",
                            "{\"prompt\": \"a\", \"n\": 64, \"temperature\": \"inf\", \"stream\": true}"));
            await(() -> server.server.running() > 0, "it is answered");
            server.server.close();
            assertEquals(0, server.server.running());
        }
        server.close();
    }
}
