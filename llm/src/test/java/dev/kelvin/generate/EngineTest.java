// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TokenConstraint;
import dev.kelvin.head.TokenMask;
import dev.kelvin.head.TopK;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.model.TinyLlama;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.tensor.DType;
import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {
    private static final int EOS = 2;

    @TempDir
    private Path folder;

    private final Compute compute = Compute.serial();
    private final List<Integer> made = new ArrayList<>();

    @AfterEach
    void close() {
        compute.close();
    }

    private static Tokenizer letters(int bosId, int eosId) {
        String[] pieces = {"<unk>", "<s>", eosId < 0 ? "no end" : "</s>", "a", "b", "c", "d", "e", "f", "g"};
        int[] types = {2, 3, 3, 1, 1, 1, 1, 1, 1, 1};
        return GgufTokenizers.sentencePieces(
                new Vocabulary(pieces, new float[10], types, bosId, eosId, 0, bosId >= 0, false));
    }

    private Engine scripted(Decoder model) {
        return new Engine(model, letters(1, EOS), compute, EngineLimits.STANDARD);
    }

    private Decoder model(int contextLength, int... script) {
        return ScriptedModel.of(compute, 10, contextLength, script);
    }

    private static void refused(String message, Runnable action) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void stopsAtEndOfText() {
        Decoder model = model(100, 1, 3, 4, 5, EOS, 9, 9);
        Generation generation =
                Answers.generate(scripted(model), new int[] {1, 3}, GenerateOptions.greedy(50), made::add);
        assertEquals(List.of(4, 5), made, "the end itself is no text");
        assertEquals(StopReason.END_OF_TEXT, generation.stopReason());
        assertEquals(2, generation.promptTokens());
        assertEquals(2, generation.generatedTokens());
        assertEquals(2, generation.decodeSteps());
    }

    @Test
    void stopsAtOnceIfTheFirstPickEndsTheText() {
        Generation generation =
                Answers.generate(scripted(model(100, 1, EOS)), new int[] {1}, GenerateOptions.greedy(50), made::add);
        assertEquals(List.of(), made);
        assertEquals(StopReason.END_OF_TEXT, generation.stopReason());
        assertEquals(0, generation.generatedTokens());
        assertEquals(0, generation.decodeSteps());
        assertTrue(generation.firstTokenNanos() >= generation.promptNanos());
    }

    @Test
    void stopsWhereAnotherTextBegins() {
        Generation generation = Answers.generate(
                scripted(model(100, 1, 3, 4, 1, 5)), new int[] {1}, GenerateOptions.greedy(50), made::add);
        assertEquals(List.of(3, 4), made);
        assertEquals(StopReason.END_OF_TEXT, generation.stopReason());
    }

    @Test
    void withoutAnEndItGoesOnPastWhatOthersCallEnd() {
        Engine engine = new Engine(model(100, 1, EOS, 3, 4), letters(1, -1), compute, EngineLimits.STANDARD);
        Answers.generate(engine, new int[] {1}, GenerateOptions.greedy(3), made::add);
        assertEquals(List.of(EOS, 3, 4), made);
    }

    @Test
    void stopsAfterMaxTokensWithoutAStepTooMany() {
        Decoder model = model(100, 1, 3, 4, 5, 6, 7);
        Generation generation = Answers.generate(scripted(model), new int[] {1}, GenerateOptions.greedy(3), made::add);
        assertEquals(List.of(3, 4, 5), made);
        assertEquals(StopReason.MAX_TOKENS, generation.stopReason());
        assertEquals(3, generation.generatedTokens());
        assertEquals(2, generation.decodeSteps());
    }

    @Test
    void maxTokensZeroOnlyReadsThePrompt() {
        Decoder model = model(100, 1, 3);
        Generation generation =
                Answers.generate(scripted(model), new int[] {1, 4, 5}, GenerateOptions.greedy(0), made::add);
        assertEquals(List.of(), made);
        assertEquals(StopReason.MAX_TOKENS, generation.stopReason());
        assertEquals(0, generation.firstTokenNanos());
    }

    @Test
    void stopsWhenTheContextIsFull() {
        Decoder model = model(5, 1, 3, 4, 5, 6, 7, 8, 9);
        Generation generation =
                Answers.generate(scripted(model), new int[] {1, 3}, GenerateOptions.greedy(50), made::add);
        // Positions 0 to 4 are used; the pick behind the last one still counts.
        assertEquals(List.of(4, 5, 6, 7), made);
        assertEquals(StopReason.CONTEXT_FULL, generation.stopReason());

        made.clear();
        generation = Answers.generate(
                scripted(model(5, 1, 3, 4, 5, 6, 7)), new int[5], GenerateOptions.greedy(50), made::add);
        assertEquals(List.of(7), made);
        assertEquals(StopReason.CONTEXT_FULL, generation.stopReason());
    }

    @Test
    void maxTokensIsTheReasonWhereBothLimitsMeet() {
        Generation generation =
                Answers.generate(scripted(model(5, 1, 3, 4)), new int[] {1, 3}, GenerateOptions.greedy(4), made::add);
        assertEquals(4, made.size());
        assertEquals(StopReason.MAX_TOKENS, generation.stopReason());
    }

    @Test
    void anEmptyPromptStartsFromBos() {
        Decoder model = model(100, 1, 3, 4);
        Generation generation = Answers.generate(scripted(model), new int[0], GenerateOptions.greedy(1), made::add);
        assertEquals(1, generation.promptTokens());
        Engine without = new Engine(model, letters(-1, EOS), compute, EngineLimits.STANDARD);
        refused("no BOS", () -> Answers.generate(without, new int[0], GenerateOptions.greedy(1), made::add));
    }

    @Test
    void refusesPromptsItCannotTake() {
        Decoder model = model(5, 1, 3, 4);
        Engine engine = scripted(model);
        GenerateOptions options = GenerateOptions.greedy(1);
        refused(
                "prompt[1] is 10, outside the vocabulary [0, 10)",
                () -> Answers.generate(engine, new int[] {1, 10}, options, made::add));
        refused("prompt[0] is -7", () -> Answers.generate(engine, new int[] {-7}, options, made::add));
        refused(
                "a prompt of 6 tokens does not fit the model's context of 5",
                () -> Answers.generate(engine, new int[6], options, made::add));
        refused("maxTokens must not be negative, but is -1", () -> GenerateOptions.greedy(-1));
        refused(
                "the tokenizer has 10 tokens, but the model's vocabSize is 11",
                () -> new Engine(ScriptedModel.of(compute, 11, 5, 1), letters(1, 2), compute, EngineLimits.STANDARD));
    }

    @Test
    void longPromptsGoThroughInPieces() {
        Decoder model = model(2000, IntStream.range(0, 1000).map(i -> 3 + i % 7).toArray());
        Answers.generate(scripted(model), new int[600], GenerateOptions.greedy(3), made::add);
        assertEquals(List.of(3 + 600 % 7, 3 + 601 % 7, 3 + 602 % 7), made);
    }

    @Test
    void anEngineIsUsedAgain() {
        Decoder model = model(100, 1, 3, 4, 5, 6, 7, 8);
        Engine engine = scripted(model);
        Answers.generate(engine, new int[] {1, 3}, GenerateOptions.greedy(4), made::add);
        Answers.generate(engine, new int[] {1}, GenerateOptions.greedy(4), made::add);
        assertEquals(List.of(4, 5, 6, 7, 3, 4, 5, 6), made);
        Answers.generate(engine, new int[] {1}, GenerateOptions.greedy(Integer.MAX_VALUE), id -> made.clear());
    }

    @Test
    void theListenersExceptionReachesTheCallerAndLeavesTheEngineUsable() {
        Engine engine = scripted(model(100, 1, 3, 4, 5, 6, 7, 8));
        assertThrows(
                ArithmeticException.class,
                () -> Answers.generate(engine, new int[] {1}, GenerateOptions.greedy(9), id -> {
                    throw new ArithmeticException("enough");
                }));
        Answers.generate(engine, new int[] {1}, GenerateOptions.greedy(3), made::add);
        assertEquals(List.of(3, 4, 5), made);
    }

    @Test
    void timesAndRatesFitTogether() {
        long start = System.nanoTime();
        Generation generation = Answers.generate(
                scripted(model(100, 1, 3, 4, 5, 6, 7, 8)), new int[] {1, 3, 4}, GenerateOptions.greedy(3), made::add);
        long total = System.nanoTime() - start;
        assertTrue(generation.promptNanos() > 0 && generation.generationNanos() > 0);
        assertTrue(generation.firstTokenNanos() >= generation.promptNanos());
        assertTrue(generation.promptNanos() + generation.generationNanos() <= total);
        assertEquals(3e9 / generation.promptNanos(), generation.promptTokensPerSecond(), 1e-6);
        assertEquals(2e9 / generation.generationNanos(), generation.generatedTokensPerSecond(), 1e-6);
        Generation instant = new Generation(1, 0, 1, 0, 0, 0, 0, StopReason.MAX_TOKENS);
        assertEquals(0, instant.promptTokensPerSecond());
        assertEquals(0, instant.generatedTokensPerSecond());
    }

    private List<Integer> sample(int threads, int[] prompt, long seed, int maxTokens) throws IOException {
        ModelConfig config = new ModelConfig(36, 53, 6, 2, 10, 3, 29, 600, 1e-5f, 10000f, 10);
        Path path = TinyLlama.withLetters(config, false, 3).write(folder.resolve("letters.gguf"));
        List<Integer> ids = new ArrayList<>();
        try (Compute own = Compute.start(threads);
                GgufFile file = GgufFile.open(path)) {
            Engine engine = new Engine(LanguageModels.load(file, own), Tokenizers.of(file), own, EngineLimits.STANDARD);
            Answers.generate(
                    engine, prompt, new GenerateOptions(maxTokens, seed, List.of(new Temperature(1.5f))), ids::add);
        }
        return ids;
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

    private record Told(List<GeneratedToken> tokens, StringBuilder text) implements GenerationListener {
        Told() {
            this(new ArrayList<>(), new StringBuilder());
        }

        @Override
        public void token(GeneratedToken token) {
            tokens.add(token);
        }

        @Override
        public void text(String piece) {
            assertFalse(piece.isEmpty());
            text.append(piece);
        }

        List<Integer> ids() {
            return tokens.stream().map(GeneratedToken::id).toList();
        }
    }

    @Test
    void stopsEndTheAnswerAndAreNoPartOfIt() {
        Engine engine = scripted(model(100, 1, 3, 4, 5, 6, 7, 8, 3, 3));
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(9));
        for (String stop : new String[] {"cd", "c", "f"}) {
            Told told = new Told();
            Generation generation = engine.generate(request.withStops(List.of("zz", stop, "fx")), told);
            assertEquals(
                    "abcdefaa".substring(0, "abcdefaa".indexOf(stop)),
                    told.text().toString());
            assertEquals(StopReason.STOP_TEXT, generation.stopReason());
        }
        Told told = new Told();
        engine.generate(request.withStops(List.of("aab", "fab")), told);
        assertEquals("abcdefaaa", told.text().toString(), "what only begins a stop is text in the end");
    }

    @Test
    void tellsLogProbabilitiesBeforeTheSamplers() {
        Engine engine = scripted(model(100, 1, 3, 4));
        Told told = new Told();
        GenerateOptions options = new GenerateOptions(2, 0, List.of(new TopK(1)));
        engine.generate(GenerationRequest.of(new int[] {1}, options).withLogProbs(2), told);
        assertEquals(List.of(3, 4), told.ids());
        // 50 times a row of a one and nine zeros that was normalised to mean 0 and variance 1.
        double difference = 50 / Math.sqrt(0.09 + 1e-5);
        for (GeneratedToken token : told.tokens()) {
            assertEquals(0, token.logProb(), 1e-6);
            assertEquals(2, token.top().size());
            assertEquals(token.id(), token.top().getFirst().id());
            assertEquals(-difference, token.top().getLast().logProb(), 1e-3);
        }
    }

    /** Allows only the next of some ids. */
    private static TokenConstraint saying(int... ids) {
        return new TokenConstraint() {
            private int at;

            @Override
            public TokenMask mask() {
                return TokenMask.of(ids[at]);
            }

            @Override
            public void accept(int id) {
                assertEquals(ids[at++], id);
            }

            @Override
            public boolean hasEnded() {
                return at == ids.length;
            }
        };
    }

    @Test
    void aConstraintDecidesWhatMayCome() {
        Engine engine = scripted(model(100, 1, 3, 4, 5, 6));
        Told told = new Told();
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(9));
        Generation generation = engine.generate(request.withConstraint(saying(9, 8, 7)), told);
        assertEquals(List.of(9, 8, 7), told.ids());
        assertEquals(StopReason.END_OF_TEXT, generation.stopReason());
    }

    @Test
    void whatIsCancelledEndsWhereItIs() {
        Engine engine = scripted(model(100, 1, 3, 4, 5, 6, 7, 8, 9));
        Told told = new Told();
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(50));
        GenerationTask task = engine.submit(request, told);
        GenerationTask never = engine.submit(request, GenerationListener.NONE);
        never.cancel();
        for (int i = 0; i < 3; i++) {
            assertTrue(engine.step());
        }
        task.cancel();
        assertFalse(engine.step());
        assertEquals(StopReason.CANCELLED, task.result().join().stopReason());
        assertEquals(List.of(3, 4, 5), told.ids());
        assertEquals("abc", told.text().toString());
        assertEquals(StopReason.CANCELLED, never.result().join().stopReason());
        engine.forgetPrefixes();
        assertEquals(0, engine.usedBytes());
    }

    @Test
    void theQueueIsBounded() {
        Engine engine =
                new Engine(model(100, 1, 3, 4, 5), letters(1, EOS), compute, EngineLimits.STANDARD.withQueued(2));
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(2));
        List<GenerationTask> tasks = new ArrayList<>();
        tasks.add(engine.submit(request, GenerationListener.NONE));
        tasks.add(engine.submit(request, GenerationListener.NONE));
        assertThrows(RejectedExecutionException.class, () -> engine.submit(request, GenerationListener.NONE));
        engine.step();
        tasks.add(engine.submit(request, GenerationListener.NONE));
        engine.close();
        assertThrows(IllegalStateException.class, () -> engine.submit(request, GenerationListener.NONE));
        for (GenerationTask task : tasks) {
            assertEquals(StopReason.CANCELLED, task.result().join().stopReason());
        }
    }

    @Test
    void anExceptionOfOneListenerIsOfNoConcernToTheOthers() {
        Engine engine = scripted(model(100, 1, 3, 4, 5, 6, 7, 8, 9));
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(5));
        GenerationTask broken = engine.submit(request, Answers.ids(id -> {
            throw new ArithmeticException("enough");
        }));
        engine.generate(request, Answers.ids(made::add));
        assertEquals(List.of(3, 4, 5, 6, 7), made);
        assertTrue(broken.result().isCompletedExceptionally());
    }

    /** A real model, so that company could change something: requests of all kinds, alone and at once. */
    @Test
    void answersDoNotDependOnCompanyOrLimits() throws IOException {
        Compute plain = ComputeGrid.reference();
        ModelConfig config = new ModelConfig(36, 53, 6, 2, 10, 3, 29, 200, 1e-5f, 10000f, 10);
        Path path = TinyLlama.withLetters(config, false, 3).write(folder.resolve("letters.gguf"));
        try (GgufFile file = GgufFile.open(path)) {
            Decoder model = LanguageModels.load(file, plain);
            Tokenizer tokenizer = Tokenizers.of(file);
            List<GenerationRequest> requests = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                int[] prompt = new int[1 + i * i % 97];
                for (int t = 0; t < prompt.length; t++) {
                    prompt[t] = 3 + (t * 7 + i) % 25;
                }
                List<Sampler> chain = i % 3 == 0
                        ? List.of(new TopK(9), new Temperature(1.2f))
                        : List.of(new Temperature(i % 3 == 1 ? 0 : 1.5f));
                GenerationRequest request =
                        GenerationRequest.of(prompt, new GenerateOptions(12 + 5 * i % 17, i, chain));
                requests.add(i % 4 == 0 ? request.withLogProbs(2) : request);
            }
            List<Told> alone = new ArrayList<>();
            for (GenerationRequest request : requests) {
                Told told = new Told();
                new Engine(model, tokenizer, plain, EngineLimits.STANDARD).generate(request, told);
                alone.add(told);
            }
            long page = KvPool.bytes(model.memory(), DType.F32, 1);
            for (EngineLimits limits : new EngineLimits[] {
                EngineLimits.STANDARD,
                EngineLimits.STANDARD.with(5, 3),
                EngineLimits.STANDARD.with(16, 16),
                EngineLimits.STANDARD.withKeysAndValues(4 * page, DType.F32)
            }) {
                Engine engine = new Engine(model, tokenizer, plain, limits);
                List<Told> together = new ArrayList<>();
                for (GenerationRequest request : requests) {
                    together.add(new Told());
                    engine.submit(request, together.getLast());
                    engine.step();
                }
                while (engine.step()) {}
                for (int i = 0; i < requests.size(); i++) {
                    assertEquals(alone.get(i).tokens(), together.get(i).tokens(), "request " + i + ", " + limits);
                    assertEquals(
                            alone.get(i).text().toString(),
                            together.get(i).text().toString());
                }
                engine.forgetPrefixes();
                assertEquals(0, engine.usedBytes());
            }
            Engine none = new Engine(model, tokenizer, plain, EngineLimits.STANDARD.withKeysAndValues(1, DType.F32));
            refused(
                    "a prompt of 1 tokens does not fit the memory for keys and values: its 1 bytes have room for 0"
                            + " tokens (EngineLimits.kvBytes)",
                    () -> none.generate(requests.getFirst(), GenerationListener.NONE));
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
        ModelConfig config = new ModelConfig(36, 53, 6, 2, 10, 3, 29, 200, 1e-5f, 10000f, 10);
        Path path = TinyLlama.withLetters(config, false, 3).write(folder.resolve("letters.gguf"));
        try (Kelvin kelvin = Kelvin.open(path)) {
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
