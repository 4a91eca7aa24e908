// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples.boot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.spring.ai.TestModels;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The application on a port of this machine, with the model that comes with Kelvin. */
class ApplicationIT {
    private static final String MESSAGE = "Tell me a story.";

    @TempDir
    static Path folder;

    private static ConfigurableApplicationContext application;
    private static Client client;
    private static Path tiny;

    @BeforeAll
    static void start() throws IOException {
        tiny = TestModels.writeTiny(folder.resolve("tiny.gguf"));
        application = SpringApplication.run(
                Application.class,
                "--server.port=0",
                "--kelvin.threads=2",
                "--kelvin.chat.seed=4",
                "--kelvin.embedding.model=" + tiny);
        client = new Client(application.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
    }

    @AfterAll
    static void stop() {
        client.close();
        application.close();
    }

    @Test
    void itTellsAStory() throws IOException, InterruptedException {
        String story = client.body("/chat", "message", MESSAGE);
        assertTrue(story.length() > 40, story);
        assertEquals(story, client.body("/chat", "message", MESSAGE));
    }

    @Test
    void itStreamsTheSameStory() throws IOException, InterruptedException {
        List<String> pieces = client.body("/stream", "message", MESSAGE)
                .lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> line.substring("data:".length()))
                .toList();
        assertTrue(pieces.size() > 8, pieces.size() + " pieces");
        // A line break within a piece parts it.
        String story = client.body("/chat", "message", MESSAGE).replace("\n", "");
        assertEquals(story, pieces.stream().collect(Collectors.joining()));
    }

    @Test
    void itMakesARecord() throws IOException, InterruptedException {
        Map<?, ?> story = (Map<?, ?>) JsonReader.read(client.body("/story", "message", MESSAGE));
        assertTrue(List.of("FOX", "BIRD", "DRAGON").contains(story.get("hero")), story.toString());
        assertTrue(story.get("endsWell") instanceof Boolean, story.toString());
    }

    @Test
    void itMakesVectors() throws IOException, InterruptedException {
        float[] expected;
        try (Kelvin kelvin = TestModels.open(tiny)) {
            expected = kelvin.embed("a small dog");
        }
        List<?> vector = (List<?>) JsonReader.read(client.body("/embed", "text", "a small dog"));
        float[] got = new float[vector.size()];
        for (int i = 0; i < got.length; i++) {
            got[i] = ((Number) vector.get(i)).floatValue();
        }
        assertArrayEquals(expected, got);
    }

    @Test
    void whatIsTooLongIsAnErrorOfThatRequestAlone() throws IOException, InterruptedException {
        assertEquals(
                500,
                client.ask("/chat", "message", "a word and another ".repeat(300))
                        .statusCode());
        assertFalse(client.body("/chat", "message", "Hello").isEmpty());
    }

    @Test
    void whoeverGoesAwayEndsTheAnswer() throws IOException, InterruptedException {
        Kelvin kelvin = application.getBean(Kelvin.class);
        long before = kelvin.metrics().cancelled();
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(),
                application.getEnvironment().getRequiredProperty("local.server.port", Integer.class))) {
            socket.getOutputStream()
                    .write("GET /stream?message=Once+upon+a+time HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertTrue(socket.getInputStream().read() > 0);
            socket.setSoLinger(true, 0);
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (kelvin.metrics().cancelled() == before && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        assertEquals(before + 1, kelvin.metrics().cancelled());
    }
}
