// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real signals, sent to a real process of each command that writes, at random moments. */
class InterruptionTest {
    private static final Path STORIES = Path.of("src/main/resources/dev/kelvin/cli/stories.gguf");
    private static final long SEED = System.nanoTime();

    @TempDir
    private Path folder;

    private Path text;

    @BeforeEach
    void writeText() throws IOException {
        text = Files.writeString(
                folder.resolve("text.txt"), "the cat sat on the mat, the dog in the fog.\n".repeat(90));
        assumeTrue(Files.isExecutable(Path.of("/bin/kill")) || Files.isExecutable(Path.of("/usr/bin/kill")), "no kill");
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            String ignored = Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .findFirst()
                    .orElse("SigIgn: 0");
            assumeTrue(
                    (Long.parseUnsignedLong(
                                            ignored.substring("SigIgn:".length())
                                                    .strip(),
                                            16)
                                    & 2)
                            == 0,
                    "this process, and so its children, ignores SIGINT");
        }
    }

    private Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dkelvin.vectorBits=0",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kelvin.cli.Main"));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    /**
     * Waits until {@code file} has {@code marker}, and then a little longer; sends the signal; returns what was said.
     */
    private String interrupt(Process process, String signal, String marker, int millis) throws Exception {
        while (process.isAlive() && !Files.readString(folder.resolve("err")).contains(marker)) {
            Thread.sleep(2);
        }
        Thread.sleep(millis);
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the process ends");
        return Files.readString(folder.resolve("err"));
    }

    private static int exitCode(String signal) {
        return 128 + (signal.equals("INT") ? 2 : 15);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private List<String> training(String... more) {
        List<String> all = new ArrayList<>(List.of("train", "--data", text.toString(), "--out"));
        all.add(folder.resolve("m.gguf").toString());
        all.addAll(List.of("--layers", "1", "--dim", "16", "--heads", "2", "--context", "16", "--batch", "4"));
        all.addAll(List.of("--threads", "1", "--steps", "400", "--eval-every", "7", "--checkpoint-every", "5"));
        all.addAll(List.of(more));
        return all;
    }

    @ParameterizedTest
    @CsvSource({"INT, 0", "INT, 400", "TERM, 0", "TERM, 400"})
    void trainingGoesOnWhereItWasToldToEnd(String signal, int mostMillis) throws Exception {
        int millis = new SplittableRandom(SEED).nextInt(mostMillis + 1);
        Process process = start(training());
        String said = interrupt(process, signal, "parameters", millis);
        String seed = "signal " + millis + " ms after the first line; " + said;
        if (process.exitValue() != 0) { // else it was done before
            assertEquals(exitCode(signal), process.exitValue(), seed);
            assertTrue(
                    said.matches("(?s).*kelvin: stopped after step [0-9]+ of 400; .*--resume goes on from it\n"), seed);
            assertTrue(names().contains("m.checkpoint"), seed + names());
            Outcome.of(training("--resume").toArray(String[]::new)).result();
        }
        assertEquals(List.of("err", "m.csv", "m.gguf", "m.svg", "out", "text.txt"), names(), seed);
        assertEquals(401, Files.readAllLines(folder.resolve("m.csv")).size(), seed);
        byte[] stopped = Files.readAllBytes(folder.resolve("m.gguf"));
        Outcome.of(training().toArray(String[]::new)).result();
        assertArrayEquals(Files.readAllBytes(folder.resolve("m.gguf")), stopped, seed);
    }

    @ParameterizedTest
    @CsvSource({"INT, 0", "TERM, 150"})
    void quantizingReplacesTheFileOrLeavesIt(String signal, int mostMillis) throws Exception {
        Path out = folder.resolve("o.gguf");
        byte[] before = {1, 2, 3};
        Files.write(out, before);
        int millis = new SplittableRandom(SEED).nextInt(mostMillis + 1);
        Process process =
                start(List.of("quantize", STORIES.toString(), out.toString(), "--type", "Q4_K", "--threads", "1"));
        String said = interrupt(process, signal, "10%", millis);
        String seed = "signal " + millis + " ms after a tenth; " + said;
        if (process.exitValue() == 0) {
            assertTrue(said.contains("wrote "), seed);
            assertFalse(Arrays.equals(before, Files.readAllBytes(out)), seed);
        } else {
            assertEquals(exitCode(signal), process.exitValue(), seed);
            boolean wrote = said.contains("wrote ");
            assertTrue(wrote || said.endsWith("kelvin: stopped; " + out + " is what it was before\n"), seed);
            assertEquals(!wrote, Arrays.equals(before, Files.readAllBytes(out)), seed);
        }
        assertEquals(List.of("err", "o.gguf", "out", "text.txt"), names(), seed);
    }
}
