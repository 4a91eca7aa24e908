// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands that are ended at random moments, by SIGTERM and SIGKILL in turn: what has a name is whole, what was
 * committed survives, and a run that goes on comes to the same bytes. {@code -Dkelvin.kills=N} ends them more often,
 * {@code -Dkelvin.seed=S} at other moments.
 */
@DisabledOnOs(OS.WINDOWS)
class KilledIT {
    private static final int KILLS = Integer.getInteger("kelvin.kills", 4);
    private static final long SEED = Long.getLong("kelvin.seed", 1);
    private static final Pattern SERVED = Pattern.compile("served at (http://\\S+)");
    private static final Path STORIES =
            Path.of("src/main/resources/dev/kelvin/cli/stories.gguf").toAbsolutePath();

    @TempDir
    Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);

    private Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kelvin.cli.Main"));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    /** Runs to the end; returns the time, ms. */
    private long run(List<String> arguments) throws Exception {
        long begin = System.nanoTime();
        Process process = start(arguments);
        assertTrue(process.waitFor(180, TimeUnit.SECONDS), arguments.toString());
        assertEquals(0, process.exitValue(), () -> log());
        return (System.nanoTime() - begin) / 1_000_000;
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Ends a process after a time, unless it has ended; returns whether it was ended. */
    private boolean kill(Process process, long millis, boolean gently) throws InterruptedException {
        if (process.waitFor(millis, TimeUnit.MILLISECONDS)) {
            assertEquals(0, process.exitValue(), () -> log());
            return false;
        }
        if (gently) {
            process.destroy();
        } else {
            process.destroyForcibly();
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it does not end");
        return true;
    }

    @Test
    void aRunOfTrainingGoesOnToTheSameWeights() throws Exception {
        Path text = folder.resolve("text.txt");
        Files.writeString(text, "the cat sat on the mat and the dog ran to the cat. ".repeat(60));
        List<String> base = List.of(
                "train",
                "--data",
                text.toString(),
                "--layers",
                "1",
                "--dim",
                "16",
                "--heads",
                "2",
                "--context",
                "24",
                "--batch",
                "4",
                "--lr",
                "0.01",
                "--threads",
                "1",
                "--steps",
                "800",
                "--checkpoint-every",
                "20",
                "--out");
        List<String> whole = new ArrayList<>(base);
        whole.add("whole.gguf");
        long millis = run(whole);
        List<String> killed = new ArrayList<>(base);
        killed.add("killed.gguf");
        int finished = 0;
        for (int kills = 0; kills < KILLS; ) {
            if (kill(start(resumed(killed)), random.nextLong(millis / 8, millis), kills % 2 == 0)) {
                kills++;
            } else {
                // It was done before; another one is ended further on.
                assertTrue(sameModels(), "another model");
                finished++;
                for (String name : names()) {
                    if (name.startsWith("killed.")) {
                        Files.delete(folder.resolve(name));
                    }
                }
            }
            assertTrue(!names().contains("killed.gguf") || sameModels(), "a model that is not whole");
        }
        if (!names().contains("killed.gguf")) {
            run(resumed(killed));
        }
        System.out.println(KILLS + " kills of runs of " + millis + " ms, of which " + finished + " were done before");
        assertTrue(sameModels(), "another model");
    }

    private List<String> resumed(List<String> arguments) throws IOException {
        List<String> all = new ArrayList<>(arguments);
        if (names().stream().anyMatch(name -> name.startsWith("killed") && name.endsWith(".checkpoint"))) {
            all.add("--resume");
        }
        return all;
    }

    private boolean sameModels() throws IOException {
        // The name is part of the file.
        byte[] whole = Files.readAllBytes(folder.resolve("whole.gguf"));
        byte[] killed = Files.readAllBytes(folder.resolve("killed.gguf"));
        int tail = 4096;
        return whole.length > tail
                && killed.length > tail
                && Arrays.equals(
                        Arrays.copyOfRange(whole, whole.length - tail, whole.length),
                        Arrays.copyOfRange(killed, killed.length - tail, killed.length));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aQuantizedFileIsTheOldOneOrTheNewOne() throws Exception {
        Path out = folder.resolve("out.gguf");
        assertOldOrNew(out, List.of("quantize", STORIES.toString(), out.toString(), "--type", "F32"));
    }

    @Test
    void aConvertedFileIsTheOldOneOrTheNewOne() throws Exception {
        Path hub = TinyHub.write(folder.resolve("hub"), 64, 32_768);
        Path out = folder.resolve("out.gguf");
        assertOldOrNew(out, List.of("convert", hub.toString(), out.toString(), "--type", "F32"));
    }

    /** Ends a command that writes a file again and again. */
    private void assertOldOrNew(Path out, List<String> arguments) throws Exception {
        long millis = run(arguments);
        byte[] made = Files.readAllBytes(out);
        byte[] before = Arrays.copyOf(made, 1000);
        int replaced = 0;
        for (int kills = 0; kills < KILLS; kills++) {
            Files.write(out, before);
            boolean ended = kill(start(arguments), random.nextLong(millis / 3, millis + millis / 4), kills % 2 == 0);
            byte[] now = Files.readAllBytes(out);
            if (now.length == made.length) {
                assertArrayEquals(made, now);
                replaced++;
            } else {
                assertTrue(ended, "nothing was written");
                assertArrayEquals(before, now);
            }
            assertOnlyTemporariesAreLeft(out, kills % 2 == 1);
        }
        System.out.println(
                arguments.getFirst() + ": " + replaced + " of " + KILLS + " were done before they were ended");
    }

    /** Without notice nobody can clear up; what is left does not have the name. */
    private void assertOnlyTemporariesAreLeft(Path out, boolean withoutNotice) throws IOException {
        for (String name : names()) {
            boolean temporary = name.startsWith("." + out.getFileName() + ".") && name.endsWith(".tmp");
            assertTrue(!temporary || withoutNotice, name + " is left after SIGTERM");
            if (temporary) {
                Files.delete(folder.resolve(name));
            }
        }
    }

    /** A server that is told to end writes the texts that it has answered, and is killed while it does. */
    @Test
    void cachedTextsAreTheOldOnesOrTheNewOnes() throws Exception {
        Path cache = folder.resolve("texts.kv");
        long millis = serve(cache, 0, Long.MAX_VALUE);
        int killed = 0;
        for (int kills = 1; kills <= KILLS; kills++) {
            long after = random.nextLong(millis + millis / 4 + 1);
            killed += serve(cache, kills, after) >= after ? 1 : 0;
            assertOnlyTemporariesAreLeft(cache, true);
        }
        System.out.println("serve: " + killed + " of " + KILLS + " were killed within " + millis + " ms");
        serve(cache, KILLS + 1, Long.MAX_VALUE);
    }

    /**
     * Starts a server, which must take the file if there is one, asks it for one more text, tells it to end and kills
     * it so many ms later.
     *
     * @return the time that it took to end, ms
     */
    private long serve(Path cache, int number, long killMillis) throws Exception {
        boolean known = Files.exists(cache);
        Process process = start(
                List.of("serve", "--port", "0", "--threads", "1", "--kv-memory", "64M", "--cache", cache.toString()));
        Matcher served = SERVED.matcher(log());
        while (!served.find()) {
            assertTrue(process.isAlive(), this::log);
            Thread.sleep(10);
            served.reset(log());
        }
        assertEquals(known, log().contains(" texts of " + cache + " are known"), this::log);
        try (HttpClient client = HttpClient.newHttpClient()) {
            String body = "{\"prompt\":\"Once upon a time\",\"max_tokens\":200,\"seed\":" + number + "}";
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(served.group(1)).resolve("/v1/completions"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            assertEquals(
                    200,
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
        }
        long begin = System.nanoTime();
        process.destroy();
        if (!process.waitFor(killMillis, TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it does not end");
        return (System.nanoTime() - begin) / 1_000_000;
    }
}
