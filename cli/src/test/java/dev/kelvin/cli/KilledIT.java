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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
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
        process.waitFor(millis, TimeUnit.MILLISECONDS);
        return kill(process, gently);
    }

    private boolean kill(Process process, boolean gently) throws InterruptedException {
        if (!process.isAlive()) {
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

    /**
     * Steps are small and checkpoints many, as what is to be met is the writing and the reading: the start of a JVM is
     * most of a run all the same. Each run that comes to its end is compared, and so is each checkpoint on the way.
     */
    @Test
    void aRunOfTrainingGoesOnToTheSameWeights() throws Exception {
        Path text = folder.resolve("text.txt");
        Files.writeString(text, "the cat sat on the mat and the dog ran to the cat. ".repeat(20));
        Path whole = Files.createDirectory(folder.resolve("whole")).resolve("model.gguf");
        long millis = run(training(text, whole));
        byte[] model = Files.readAllBytes(whole);
        Path killed = Files.createDirectory(folder.resolve("killed")).resolve("model.gguf");
        Path checkpoint = killed.resolveSibling("model.checkpoint");
        Map<Integer, byte[]> atStep = new HashMap<>();
        Map<String, Integer> met = new TreeMap<>();
        int finished = 0;
        int resumed = 0;
        for (int kills = 0; kills < KILLS; ) {
            int before = stepsOf(checkpoint);
            resumed += before > 0 ? 1 : 0;
            boolean gently = kills % 2 == 0;
            Process process = start(training(text, killed));
            process.waitFor(random.nextLong(millis / 8, millis), TimeUnit.MILLISECONDS);
            if (kills % 4 == 3) {
                awaitFile(process, killed.getParent());
            }
            boolean ended = kill(process, gently);
            if (Files.exists(killed)) {
                assertArrayEquals(model, Files.readAllBytes(killed), "another model");
            }
            if (ended) {
                kills++;
                met.merge(whatWasMet(killed.getParent(), gently), 1, Integer::sum);
                if (Files.exists(checkpoint)) {
                    int step = stepsOf(checkpoint);
                    assertTrue(step >= before, step + " steps are left of " + before);
                    byte[] now = Files.readAllBytes(checkpoint);
                    byte[] first = atStep.putIfAbsent(step, now);
                    assertArrayEquals(first == null ? now : first, now, "another checkpoint of step " + step);
                } else {
                    assertTrue(before == 0 || Files.exists(killed), "a checkpoint is lost");
                }
            }
            if (!ended || (Files.exists(killed) && !Files.exists(checkpoint))) {
                // It was done before; another one is ended further on.
                assertArrayEquals(model, Files.readAllBytes(killed), "another model");
                finished++;
                deleteAll(killed.getParent());
            }
        }
        run(training(text, killed));
        assertArrayEquals(model, Files.readAllBytes(killed), "another model");
        System.out.println("train: " + KILLS + " kills of runs of " + millis + " ms: " + met + "; " + resumed
                + " runs went on from a checkpoint, " + finished + " came to their end");
    }

    /** A run whose steps take a millisecond or two; it goes on where there is a checkpoint. */
    private static List<String> training(Path text, Path out) {
        List<String> all = new ArrayList<>(List.of("train", "--data", text.toString(), "--out", out.toString()));
        all.addAll(List.of("--layers", "1", "--dim", "8", "--heads", "1", "--context", "16", "--batch", "1"));
        all.addAll(List.of("--lr", "0.01", "--threads", "1", "--steps", "160"));
        all.addAll(List.of("--checkpoint-every", "2", "--eval-every", "50"));
        if (Files.exists(out.resolveSibling("model.checkpoint"))) {
            all.add("--resume");
        }
        return all;
    }

    /** The step of a checkpoint, which stands behind magic and identity; 0 where there is none. */
    private static int stepsOf(Path checkpoint) throws IOException {
        if (!Files.exists(checkpoint)) {
            return 0;
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(checkpoint)).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.getInt(Long.BYTES + Integer.BYTES + bytes.getInt(Long.BYTES));
    }

    /** Waits until a file is being written, which takes too little of a run to be met by chance often. */
    private static void awaitFile(Process process, Path place) throws IOException {
        while (process.isAlive()
                && list(place).stream().noneMatch(file -> file.toString().endsWith(".tmp"))) {
            Thread.onSpinWait();
        }
    }

    /** What a run did when it was ended, by what it said and left; what has no name yet is deleted. */
    private String whatWasMet(Path place, boolean gently) throws IOException {
        String said = log();
        String met = said.contains("tokens to train on") ? "between two files" : "before the first step";
        for (Path file : list(place)) {
            String name = file.getFileName().toString();
            if (name.endsWith(".tmp")) {
                assertTrue(!gently, name + " is left after SIGTERM");
                met = met.startsWith("before")
                        ? "before the first step, in a file"
                        : "in a file " + name.replaceAll("^\\.model\\.|\\.[0-9]+\\.[^.]+\\.tmp$", "");
                Files.delete(file);
            }
        }
        return said.contains("stopped after step") ? "stopped, and told so" : met;
    }

    private static List<Path> list(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.toList();
        }
    }

    private static void deleteAll(Path place) throws IOException {
        for (Path file : list(place)) {
            Files.delete(file);
        }
    }

    private List<String> names() throws IOException {
        return list(folder).stream()
                .map(file -> file.getFileName().toString())
                .sorted()
                .toList();
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
