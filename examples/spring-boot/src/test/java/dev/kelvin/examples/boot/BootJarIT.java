// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar that Boot makes, in a JVM of its own, with lanes and without: the model is found in it, and says the same.
 * {@code -Dexample.jar=} names another one.
 */
class BootJarIT {
    private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");

    @TempDir
    Path folder;

    private static Path jar() {
        Path jar = Path.of(System.getProperty("example.jar", "target/no.jar"));
        assertTrue(Files.exists(jar), jar + " is made by mvn package, and the test run by mvn verify");
        return jar;
    }

    private String story(List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        command.addAll(options);
        command.addAll(List.of(
                "-jar",
                jar().toString(),
                "--server.port=0",
                "--kelvin.threads=2",
                "--kelvin.chat.seed=4",
                "--kelvin.chat.max-tokens=40"));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try (Client client = new Client(port(process, log))) {
            return client.body("/chat", "message", "Tell me a story.");
        } finally {
            process.destroy();
            assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it does not end");
        }
    }

    /** The port that an application says it listens on. */
    private static int port(Process process, Path log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (true) {
            boolean ended = process.waitFor(50, TimeUnit.MILLISECONDS);
            String said = Files.readString(log);
            Matcher started = STARTED.matcher(said);
            if (started.find()) {
                return Integer.parseInt(started.group(1));
            }
            assertTrue(!ended && System.nanoTime() < deadline, () -> "it did not start:\n" + said);
        }
    }

    @Test
    void itAnswersWithLanesAndWithout() throws IOException, InterruptedException {
        String lanes = story(List.of("--add-modules", "jdk.incubator.vector"));
        assertTrue(lanes.length() > 20, lanes);
        assertEquals(lanes, story(List.of()));
    }
}
