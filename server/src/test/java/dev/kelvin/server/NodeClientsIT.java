// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.server.http.HttpLimits;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The clients {@code openai} and {@code ollama} for JavaScript against the server, in the versions of
 * {@code src/test/npm/package-lock.json}. Without Node.js 20, npm and its registry they are skipped, which is told on
 * stderr.
 */
class NodeClientsIT {
    private static final Path SOURCES = Path.of("src/test/npm");
    private static final Path FOLDER = Path.of("target/npm");
    private static final Path ENCODER = Path.of("../../shared/data/architectures/bert-mean.gguf");

    private static TestServer server;

    private record Outcome(int status, String text) {}

    @BeforeAll
    static void start() throws Exception {
        Outcome version = run("node", "--version");
        skipUnless(
                version.status() == 0 && version.text().matches("(?s)v(2\\d|[3-9]\\d)\\..*"),
                "Node.js 20 is needed (Debian's packages nodejs and npm): " + version.text());
        Files.createDirectories(FOLDER);
        for (String name : List.of("package.json", "package-lock.json", "openai.js", "ollama.js")) {
            Files.copy(SOURCES.resolve(name), FOLDER.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        Outcome installed = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        skipUnless(installed.status() == 0, "npm could not install the clients: " + installed.text());
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static void skipUnless(boolean met, String reason) {
        if (!met) {
            System.err.println("NodeClientsIT was skipped: " + reason);
        }
        assumeTrue(met, reason);
    }

    private static Outcome run(String... command) throws IOException, InterruptedException {
        File told = File.createTempFile("node", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(Files.isDirectory(FOLDER) ? FOLDER.toFile() : null)
                    .redirectErrorStream(true)
                    .redirectOutput(told)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(180, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Outcome(-1, "no end within 180 s\n" + Files.readString(told.toPath()));
            }
            return new Outcome(process.exitValue(), Files.readString(told.toPath()));
        } catch (IOException e) {
            return new Outcome(-1, String.valueOf(e.getMessage()));
        } finally {
            assertTrue(told.delete(), told.toString());
        }
    }

    private static void holds(String client, String check) throws Exception {
        if (check.equals("embeddings")) {
            skipUnless(Files.exists(ENCODER), "../shared/data is not beside the checkout");
            ServerOptions options = ServerOptions.loopback("bert", 0);
            try (TestServer encoder = TestServer.start(ENCODER, EngineLimits.STANDARD, options, HttpLimits.STANDARD)) {
                holds(client, check, encoder);
            }
        } else {
            holds(client, check, server);
        }
    }

    private static void holds(String client, String check, TestServer at) throws Exception {
        Outcome outcome =
                run("node", client, check, at.server.uri().resolve("/").toString());
        assertEquals(0, outcome.status(), outcome.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "stream", "tools", "schema", "logprobs", "responses", "embeddings"})
    void openai(String check) throws Exception {
        holds("openai.js", check);
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "stream", "tools", "schema", "logprobs", "models", "embeddings"})
    void ollama(String check) throws Exception {
        holds("ollama.js", check);
    }
}
