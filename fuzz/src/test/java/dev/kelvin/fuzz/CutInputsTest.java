// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each committed input that is sound, cut at every byte, and with bytes changed: soon refused, in little memory. */
class CutInputsTest {
    private static final Path SEEDS = Path.of("src/test/resources/dev/kelvin/fuzz/InputsFuzzTestInputs");

    /** What a file may take beyond its vocabulary. */
    private static final long MOST_BYTES = 64L << 20;

    /** What is promised, of a processor's time; of several times that an input is read the shortest counts. */
    private static final long MOST_NANOS = 100_000_000L;

    /** What fails: a core that is shared runs at half its speed and less, which the clock of a thread does not show. */
    private static final long FAILING_NANOS = Boolean.getBoolean("kelvin.quiet") ? MOST_NANOS : 3 * MOST_NANOS;

    /** How often an input is read that took longer: at first nothing is compiled. */
    private static final int MOST_TIMES = 8;

    /** No part of which is a whole one. */
    private static final Set<String> WHOLE_ONLY =
            Set.of("gguf", "hub", "llama2c", "tokenizerJson", "checkpoint", "cachedPrefixes");

    private static final int[] FLIPS = {0x01, 0x10, 0x80, 0xff};

    @TempDir
    Path folder;

    private Targets targets;
    private long mostBytes;
    private long mostNanos;

    private interface Target {
        boolean read(byte[] data) throws Exception;
    }

    private Target target(String name) {
        return switch (name) {
            case "gguf" -> targets::gguf;
            case "hub" -> targets::hub;
            case "llama2c" -> targets::llama2c;
            case "tokenizerJson" -> targets::tokenizerJson;
            case "template" -> targets::template;
            case "gbnf" -> targets::gbnf;
            case "jsonSchema" -> targets::jsonSchema;
            case "checkpoint" -> targets::checkpoint;
            case "cachedPrefixes" -> targets::cachedPrefixes;
            default -> throw new IllegalArgumentException(name);
        };
    }

    private List<Path> seeds(String name) throws IOException {
        try (Stream<Path> files = Files.list(SEEDS.resolve(name))) {
            return files.filter(file -> !file.getFileName().toString().startsWith("crash"))
                    .sorted()
                    .toList();
        }
    }

    private boolean read(Target target, byte[] bytes, String what) throws Exception {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        long nanos = Long.MAX_VALUE;
        boolean sound = false;
        for (int times = 0; times < MOST_TIMES && (nanos >= MOST_NANOS || allocated >= MOST_BYTES); times++) {
            long bytesBefore = thread.getCurrentThreadAllocatedBytes();
            long start = thread.getCurrentThreadCpuTime();
            try {
                sound = target.read(bytes);
            } catch (Exception | Error e) {
                throw new AssertionError(what, e);
            }
            nanos = Math.min(nanos, thread.getCurrentThreadCpuTime() - start);
            allocated = Math.min(allocated, thread.getCurrentThreadAllocatedBytes() - bytesBefore);
        }
        mostBytes = Math.max(mostBytes, allocated);
        mostNanos = Math.max(mostNanos, nanos);
        assertTrue(allocated < MOST_BYTES, what + ": " + allocated + " bytes");
        assertTrue(nanos < FAILING_NANOS, what + ": " + nanos + " ns");
        return sound;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gguf",
                "hub",
                "llama2c",
                "tokenizerJson",
                "template",
                "gbnf",
                "jsonSchema",
                "checkpoint",
                "cachedPrefixes"
            })
    void cutAndChanged(String name) throws Exception {
        targets = new Targets(folder);
        Target target = target(name);
        for (Path seed : seeds(name)) {
            byte[] sound = Files.readAllBytes(seed);
            assertTrue(read(target, sound, seed.toString()), seed + " is not sound");
            int accepted = 0;
            for (int length = 0; length < sound.length; length++) {
                String what = seed + " cut to " + length + " bytes";
                boolean whole = read(target, Arrays.copyOf(sound, length), what);
                accepted += whole ? 1 : 0;
                assertFalse(whole && WHOLE_ONLY.contains(name) && length < needed(name, sound), what + " was taken");
            }
            for (int index = 0; index < sound.length; index += Math.max(1, sound.length / 300)) {
                for (int flip : FLIPS) {
                    byte[] changed = sound.clone();
                    changed[index] ^= (byte) flip;
                    boolean taken = read(target, changed, seed + ": byte " + index + " xor " + flip);
                    assertFalse(
                            taken && (name.equals("checkpoint") || name.equals("cachedPrefixes")), "a sum is wrong");
                }
            }
            System.out.printf(
                    "%s: %d bytes, %d parts taken, at most %,d bytes of heap and %,d us%n",
                    seed.getFileName(), sound.length, accepted, mostBytes, mostNanos / 1000);
        }
    }

    /** A body that is refused begins no search of what lies behind its refusal. */
    @Test
    void bodiesAreAnswered() throws Exception {
        targets = new Targets(folder);
        for (Path seed : seeds("http")) {
            assertTrue(targets.http(Files.readAllBytes(seed)), seed + " is refused");
        }
    }

    /** The padding behind the last tensor of a GGUF may be missing. */
    private static int needed(String name, byte[] sound) {
        return name.equals("gguf") ? sound.length - 31 : sound.length;
    }
}
