// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.model.Quantizer;
import dev.kelvin.model.TinyLlama;
import dev.kelvin.model.WeightScheme;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loads, answers and closes again and again: what a round takes, its end gives back. {@code -Dkelvin.rounds=N} takes
 * more rounds; 10,000 are what is promised.
 */
class LoadAndCloseIT {
    private static final int ROUNDS = Integer.getInteger("kelvin.rounds", 200);

    /** After so many, what is loaded once is loaded. */
    private static final int FIRST = 60;

    @TempDir
    Path folder;

    /** What the process holds. */
    private record Held(long threads, long handles, long mappings, long heapBytes, long residentBytes) {
        static Held now() throws IOException {
            for (int i = 0; i < 3; i++) {
                System.gc();
            }
            long resident = 0;
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    resident = Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
            try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"));
                    Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
                return new Held(
                        ManagementFactory.getThreadMXBean().getThreadCount(),
                        handles.count(),
                        mappings.filter(line -> line.contains(".gguf")).count(),
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                        resident);
            }
        }
    }

    @Test
    void nothingIsLeftOfARound() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/maps")), "no /proc here");
        ModelConfig config = new ModelConfig(32, 64, 4, 2, 8, 2, 29, 100, 1e-5f, 10000f, 8);
        Path whole = TinyLlama.withLetters(config, false, 7).write(folder.resolve("f32.gguf"));
        Path packed = folder.resolve("q4.gguf");
        try (GgufFile file = GgufFile.open(whole);
                Compute compute = Compute.serial()) {
            Quantizer.quantize(file, compute, WeightScheme.Q4_0, packed, LoadOptions.QUIET.progress());
        }
        Path damaged = Files.write(folder.resolve("damaged.gguf"), Arrays.copyOf(Files.readAllBytes(whole), 3000));
        Held first = null;
        for (int round = 0; round < ROUNDS + FIRST; round++) {
            if (round == FIRST) {
                first = Held.now();
            }
            try (Kelvin kelvin =
                    Kelvin.open(round % 2 == 0 ? whole : packed, Compute.start(1 + round % 3), EngineLimits.STANDARD)) {
                kelvin.complete("abc", GenerateOptions.greedy(2), text -> {});
            }
            try {
                Kelvin.open(damaged, Compute.start(2), EngineLimits.STANDARD).close();
                throw new AssertionError("a file that is cut was opened");
            } catch (ModelFormatException e) {
                // As it should be; nothing of it stays either.
            }
        }
        Held last = Held.now();
        System.out.printf("after %d rounds: %s%nafter %d more: %s%n", FIRST, first, ROUNDS, last);
        assertTrue(last.threads() <= first.threads() + 1, "threads");
        assertTrue(last.handles() <= first.handles() + 1, "handles");
        assertTrue(last.mappings() <= first.mappings(), "mappings");
        assertTrue(last.heapBytes() < first.heapBytes() + (8 << 20), "heap");
        assertTrue(last.residentBytes() < first.residentBytes() + (300 << 20), "resident");
    }
}
