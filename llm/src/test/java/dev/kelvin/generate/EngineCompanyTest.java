// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.model.TinyLlama;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.tensor.DType;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real model, so that company, threads and limits could change something. */
class EngineCompanyTest {
    @TempDir
    private Path folder;

    private Path letters(int contextLength) throws IOException {
        ModelConfig config = new ModelConfig(36, 53, 6, 2, 10, 3, 29, contextLength, 1e-5f, 10000f, 10);
        return TinyLlama.withLetters(config, false, 3).write(folder.resolve("letters.gguf"));
    }

    private List<Integer> sample(int threads, int[] prompt, long seed, int maxTokens) throws IOException {
        Told told = new Told();
        try (Compute own = Compute.start(threads);
                GgufFile file = GgufFile.open(letters(600))) {
            Engine engine = new Engine(LanguageModels.load(file, own), Tokenizers.of(file), own, EngineLimits.STANDARD);
            GenerateOptions options = new GenerateOptions(maxTokens, seed, List.of(new Temperature(1.5f)));
            engine.generate(GenerationRequest.of(prompt, options), told);
        }
        return told.ids();
    }

    @Test
    void drawsDependOnSeedAndIndexOnly() throws IOException {
        int[] prompt = {1, 5, 6};
        List<Integer> ids = List.of();
        long seed = 0;
        while (ids.size() < 12) {
            ids = sample(1, prompt, ++seed, 12);
        }
        assertEquals(ids, sample(2, prompt, seed, 12), "threads");
        assertNotEquals(ids, sample(1, prompt, seed + 1000, 12), "another seed");
        // Continuing from a longer prefix of the same sequence gives the same rest.
        int[] longer = IntStream.concat(
                        IntStream.of(prompt), ids.subList(0, 5).stream().mapToInt(Integer::intValue))
                .toArray();
        assertEquals(ids.subList(5, 12), sample(1, longer, seed, 7));
        assertTrue(Collections.max(ids) < 29);
    }

    /** Nine of all kinds: short and long prompts, any sampler, with log-probabilities and without. */
    private static List<GenerationRequest> requests() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            int[] prompt = new int[1 + i * i % 97];
            for (int t = 0; t < prompt.length; t++) {
                prompt[t] = 3 + (t * 7 + i) % 25;
            }
            List<Sampler> chain = i % 3 == 0
                    ? List.of(new TopK(9), new Temperature(1.2f))
                    : List.of(new Temperature(i % 3 == 1 ? 0 : 1.5f));
            GenerationRequest request = GenerationRequest.of(prompt, new GenerateOptions(12 + 5 * i % 17, i, chain));
            requests.add(i % 4 == 0 ? request.withLogProbs(2) : request);
        }
        return requests;
    }

    private static List<Told> alone(Decoder model, Tokenizer tokenizer, List<GenerationRequest> requests) {
        List<Told> alone = new ArrayList<>();
        for (GenerationRequest request : requests) {
            alone.add(new Told());
            new Engine(model, tokenizer, ComputeGrid.reference(), EngineLimits.STANDARD)
                    .generate(request, alone.getLast());
        }
        return alone;
    }

    private static List<Told> together(Engine engine, List<GenerationRequest> requests) {
        List<Told> together = new ArrayList<>();
        for (GenerationRequest request : requests) {
            together.add(new Told());
            engine.submit(request, together.getLast());
            engine.step();
        }
        while (engine.step()) {}
        return together;
    }

    @Test
    void answersDoNotDependOnCompanyOrLimits() throws IOException {
        Compute plain = ComputeGrid.reference();
        try (GgufFile file = GgufFile.open(letters(200))) {
            Decoder model = LanguageModels.load(file, plain);
            Tokenizer tokenizer = Tokenizers.of(file);
            List<GenerationRequest> requests = requests();
            List<Told> alone = alone(model, tokenizer, requests);
            long page = KvPool.bytes(model.memory(), DType.F32, 1);
            for (EngineLimits limits : List.of(
                    EngineLimits.STANDARD,
                    EngineLimits.STANDARD.with(5, 3),
                    EngineLimits.STANDARD.with(16, 16),
                    EngineLimits.STANDARD.withKeysAndValues(4 * page, DType.F32))) {
                Engine engine = new Engine(model, tokenizer, plain, limits);
                List<Told> together = together(engine, requests);
                for (int i = 0; i < alone.size(); i++) {
                    String what = "request " + i + ", " + limits;
                    assertEquals(alone.get(i).tokens(), together.get(i).tokens(), what);
                    assertEquals(
                            alone.get(i).text().toString(),
                            together.get(i).text().toString(),
                            what);
                }
                engine.forgetPrefixes();
                assertEquals(0, engine.usedBytes());
            }
        }
    }

    @Test
    void anAnswerEndsWhereTheMemoryForKeysAndValuesDoes() throws IOException {
        Compute plain = ComputeGrid.reference();
        try (GgufFile file = GgufFile.open(letters(200))) {
            Decoder model = LanguageModels.load(file, plain);
            Tokenizer tokenizer = Tokenizers.of(file);
            Engine none = new Engine(model, tokenizer, plain, EngineLimits.STANDARD.withKeysAndValues(1, DType.F32));
            GenerationRequest one = GenerationRequest.of(new int[] {3}, GenerateOptions.greedy(12));
            IllegalArgumentException refusal =
                    assertThrows(IllegalArgumentException.class, () -> none.generate(one, GenerationListener.NONE));
            assertEquals(
                    "generate: a prompt of 1 tokens does not fit the memory for keys and values: its 1 bytes have room"
                            + " for 0 tokens (EngineLimits.kvBytes)",
                    refusal.getMessage());
            long page = KvPool.bytes(model.memory(), DType.F32, 1);
            Engine small =
                    new Engine(model, tokenizer, plain, EngineLimits.STANDARD.withKeysAndValues(page, DType.F32));
            assertEquals(64, small.contextLength());
            List<LogitBias.Entry> never = IntStream.range(0, 3)
                    .mapToObj(id -> new LogitBias.Entry(id, Float.NEGATIVE_INFINITY))
                    .toList();
            GenerationRequest endless =
                    GenerationRequest.of(new int[] {3}, new GenerateOptions(500, 1, List.of(new LogitBias(never))));
            Generation full = small.generate(endless, GenerationListener.NONE);
            assertEquals(StopReason.CONTEXT_FULL, full.stopReason());
            assertEquals(64, full.generatedTokens());
        }
    }

    private static String text(Kelvin kelvin, int caller) {
        StringBuilder text = new StringBuilder();
        GenerateOptions options = new GenerateOptions(20, caller, List.of(new Temperature(1)));
        kelvin.complete("abcdefgh".substring(caller % 8), options, text::append);
        return text.toString();
    }

    @Test
    @SuppressWarnings("try") // Closed while it generates, which is what is asked.
    void theFrontDoorAnswersManyThreads() throws Exception {
        try (Kelvin kelvin = Kelvin.open(letters(200))) {
            List<String> alone = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                alone.add(text(kelvin, i));
            }
            assertTrue(new HashSet<>(alone).size() > 8, alone.toString());
            List<Thread> threads = new ArrayList<>();
            Map<Integer, String> together = new ConcurrentHashMap<>();
            for (int i = 0; i < 16; i++) {
                int caller = i;
                threads.add(Thread.startVirtualThread(() -> together.put(caller, text(kelvin, caller))));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            for (int i = 0; i < 16; i++) {
                assertEquals(alone.get(i), together.get(i), "caller " + i);
            }
            GenerationTask task = kelvin.submit(
                    GenerationRequest.of(kelvin.tokenizer().encode("a"), GenerateOptions.greedy(100_000)),
                    GenerationListener.NONE);
            kelvin.close();
            assertTrue(task.result().isDone());
        }
    }
}
