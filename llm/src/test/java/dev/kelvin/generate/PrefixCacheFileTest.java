// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.model.TinyLlama;
import dev.kelvin.nn.KvPool;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What survives a restart, and what is refused. */
class PrefixCacheFileTest {
    @TempDir
    private Path folder;

    private final List<Integer> made = new ArrayList<>();
    private OpenModel open;
    private EngineFingerprint fingerprint;
    private Path file;

    private Path model(int seed) throws IOException {
        ModelConfig config = new ModelConfig(24, 31, 4, 2, 8, 2, 29, 1000, 1e-5f, 10000f, 8);
        return TinyLlama.withLetters(config, false, seed).write(folder.resolve("letters" + seed + ".gguf"));
    }

    private static OpenModel open(Path path) throws IOException {
        return OpenModel.of(GgufFile.open(path), Compute.serial(), LoadOptions.QUIET);
    }

    @BeforeEach
    void load() throws IOException {
        open = open(model(3));
        fingerprint = open.fingerprint(DType.F32);
        file = folder.resolve("prefixes.kv");
    }

    @AfterEach
    void close() {
        open.close();
    }

    private Engine engine(EngineLimits limits) throws IOException {
        return new Engine(open.model(), open.tokenizer(), open.compute(), limits);
    }

    private static int[] text(int length, int last) {
        int[] ids = IntStream.range(0, length).map(i -> 3 + i * i % 23).toArray();
        ids[length - 1] = last;
        return ids;
    }

    private int cached(Engine engine, int... prompt) {
        return engine.generate(GenerationRequest.of(prompt, GenerateOptions.greedy(3)), Answers.ids(made::add))
                .cachedTokens();
    }

    @Test
    void whatWasAnsweredSurvivesARestart() throws IOException {
        Engine before = engine(EngineLimits.STANDARD);
        cached(before, text(200, 3));
        cached(before, text(200, 4));
        cached(before, 5, 6, 7);
        assertEquals(3, before.saveCache(file, fingerprint));
        long pages = before.metrics().kvPages();
        assertEquals(3 + 1 + 1 + 1, pages, "three pages in common");
        assertTrue(Files.size(file) < before.usedBytes() + 10_000, "which are written once");
        Engine after = engine(EngineLimits.STANDARD);
        assertEquals(3, after.loadCache(file, fingerprint));
        assertEquals(before.usedBytes(), after.usedBytes());
        List<Integer> first = List.copyOf(made);
        made.clear();
        assertEquals(199, cached(after, text(200, 3)));
        assertEquals(199, cached(after, text(200, 4)));
        assertEquals(2, cached(after, 5, 6, 7));
        assertEquals(first, made);
        after.forgetPrefixes();
        assertEquals(0, after.usedBytes());
        // Where there is less memory, the most recently used are taken.
        long page = KvPool.bytes(open.model().memory(), DType.F32, 1);
        Engine small = engine(EngineLimits.STANDARD.withKeysAndValues(5 * page, DType.F32));
        assertEquals(2, small.loadCache(file, fingerprint));
        assertEquals(199, cached(small, text(200, 4)));
    }

    @Test
    void aRunningEngineSavesBetweenSteps() throws Exception {
        Engine engine = engine(EngineLimits.STANDARD);
        Thread thread = Thread.ofPlatform().start(engine::run);
        GenerationRequest request = GenerationRequest.of(text(100, 3), GenerateOptions.greedy(3));
        engine.submit(request, GenerationListener.NONE).result().join();
        assertEquals(1, engine.saveCache(file, fingerprint));
        assertEquals(1, engine.loadCache(file, fingerprint));
        assertThrows(IOException.class, () -> engine.saveCache(folder.resolve("none/prefixes"), fingerprint));
        engine.close();
        thread.join();
    }

    @Test
    void whatIsDamagedIsRefusedWhole() throws IOException {
        Engine before = engine(EngineLimits.STANDARD);
        cached(before, text(70, 3));
        before.saveCache(file, fingerprint);
        byte[] bytes = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 150; i++) {
            byte[] wrong = bytes.clone();
            int at = i < 100 ? i : random.nextInt(bytes.length);
            wrong[at] ^= (byte) (1 << random.nextInt(8));
            refused("expected the sum", wrong, fingerprint);
        }
        for (int length : new int[] {0, 1, 16, 17, 50, 1000, bytes.length - 1}) {
            refused("cached prefixes: expected", Arrays.copyOf(bytes, length), fingerprint);
        }
        refused("expected those of kelvin-", bytes, open.fingerprint(DType.F16));
        assertEquals(
                EngineFingerprint.of(GgufFile.open(model(3)), 1000, DType.F32).toString(), fingerprint.toString());
        try (OpenModel other = open(model(4))) {
            assertNotEquals(fingerprint.model(), other.fingerprint(DType.F32).model());
            refused("found those of " + fingerprint, bytes, other.fingerprint(DType.F32));
        }
    }

    private void refused(String words, byte[] bytes, EngineFingerprint expected) throws IOException {
        Files.write(file, bytes);
        Engine engine = engine(EngineLimits.STANDARD);
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> engine.loadCache(file, expected));
        assertTrue(e.getMessage().contains(words), e.getMessage());
        assertEquals(0, engine.usedBytes());
    }
}
