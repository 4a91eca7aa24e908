// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.head.Temperature;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.model.TinyLlama;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
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

    private Generator scripted(Decoder model) {
        return new Generator(model, letters(1, EOS), compute);
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
        Generation generation = scripted(model).generate(new int[] {1, 3}, GenerateOptions.greedy(50), made::add);
        assertEquals(List.of(4, 5), made, "the end itself is no text");
        assertEquals(StopReason.END_OF_TEXT, generation.stopReason());
        assertEquals(2, generation.promptTokens());
        assertEquals(2, generation.generatedTokens());
        assertEquals(2, generation.decodeSteps());
    }

    @Test
    void stopsAtOnceIfTheFirstPickEndsTheText() {
        Generation generation =
                scripted(model(100, 1, EOS)).generate(new int[] {1}, GenerateOptions.greedy(50), made::add);
        assertEquals(List.of(), made);
        assertEquals(StopReason.END_OF_TEXT, generation.stopReason());
        assertEquals(0, generation.generatedTokens());
        assertEquals(0, generation.decodeSteps());
        assertTrue(generation.firstTokenNanos() >= generation.promptNanos());
    }

    @Test
    void stopsWhereAnotherTextBegins() {
        Generation generation =
                scripted(model(100, 1, 3, 4, 1, 5)).generate(new int[] {1}, GenerateOptions.greedy(50), made::add);
        assertEquals(List.of(3, 4), made);
        assertEquals(StopReason.END_OF_TEXT, generation.stopReason());
    }

    @Test
    void withoutAnEndItGoesOnPastWhatOthersCallEnd() {
        Generator generator = new Generator(model(100, 1, EOS, 3, 4), letters(1, -1), compute);
        generator.generate(new int[] {1}, GenerateOptions.greedy(3), made::add);
        assertEquals(List.of(EOS, 3, 4), made);
    }

    @Test
    void stopsAfterMaxTokensWithoutAStepTooMany() {
        Decoder model = model(100, 1, 3, 4, 5, 6, 7);
        Generation generation = scripted(model).generate(new int[] {1}, GenerateOptions.greedy(3), made::add);
        assertEquals(List.of(3, 4, 5), made);
        assertEquals(StopReason.MAX_TOKENS, generation.stopReason());
        assertEquals(3, generation.generatedTokens());
        assertEquals(2, generation.decodeSteps());
    }

    @Test
    void maxTokensZeroOnlyReadsThePrompt() {
        Decoder model = model(100, 1, 3);
        Generation generation = scripted(model).generate(new int[] {1, 4, 5}, GenerateOptions.greedy(0), made::add);
        assertEquals(List.of(), made);
        assertEquals(StopReason.MAX_TOKENS, generation.stopReason());
        assertEquals(0, generation.firstTokenNanos());
    }

    @Test
    void stopsWhenTheContextIsFull() {
        Decoder model = model(5, 1, 3, 4, 5, 6, 7, 8, 9);
        Generation generation = scripted(model).generate(new int[] {1, 3}, GenerateOptions.greedy(50), made::add);
        // Positions 0 to 4 are used; the pick behind the last one still counts.
        assertEquals(List.of(4, 5, 6, 7), made);
        assertEquals(StopReason.CONTEXT_FULL, generation.stopReason());

        made.clear();
        generation = scripted(model(5, 1, 3, 4, 5, 6, 7)).generate(new int[5], GenerateOptions.greedy(50), made::add);
        assertEquals(List.of(7), made);
        assertEquals(StopReason.CONTEXT_FULL, generation.stopReason());
    }

    @Test
    void maxTokensIsTheReasonWhereBothLimitsMeet() {
        Generation generation =
                scripted(model(5, 1, 3, 4)).generate(new int[] {1, 3}, GenerateOptions.greedy(4), made::add);
        assertEquals(4, made.size());
        assertEquals(StopReason.MAX_TOKENS, generation.stopReason());
    }

    @Test
    void anEmptyPromptStartsFromBos() {
        Decoder model = model(100, 1, 3, 4);
        Generation generation = scripted(model).generate(new int[0], GenerateOptions.greedy(1), made::add);
        assertEquals(1, generation.promptTokens());
        Generator without = new Generator(model, letters(-1, EOS), compute);
        refused("no BOS", () -> without.generate(new int[0], GenerateOptions.greedy(1), made::add));
    }

    @Test
    void refusesPromptsItCannotTake() {
        Decoder model = model(5, 1, 3, 4);
        Generator generator = scripted(model);
        GenerateOptions options = GenerateOptions.greedy(1);
        refused(
                "prompt[1] is 10, outside the vocabulary [0, 10)",
                () -> generator.generate(new int[] {1, 10}, options, made::add));
        refused("prompt[0] is -7", () -> generator.generate(new int[] {-7}, options, made::add));
        refused(
                "a prompt of 6 tokens does not fit the model's context of 5",
                () -> generator.generate(new int[6], options, made::add));
        refused("maxTokens must not be negative, but is -1", () -> GenerateOptions.greedy(-1));
        refused(
                "the tokenizer has 10 tokens, but the model's vocabSize is 11",
                () -> new Generator(ScriptedModel.of(compute, 11, 5, 1), letters(1, 2), compute));
    }

    @Test
    void longPromptsGoThroughInPieces() {
        Decoder model = model(2000, IntStream.range(0, 1000).map(i -> 3 + i % 7).toArray());
        scripted(model).generate(new int[600], GenerateOptions.greedy(3), made::add);
        assertEquals(List.of(3 + 600 % 7, 3 + 601 % 7, 3 + 602 % 7), made);
    }

    @Test
    void aGeneratorIsReusedWithItsCache() {
        Decoder model = model(100, 1, 3, 4, 5, 6, 7, 8);
        Generator generator = scripted(model);
        generator.generate(new int[] {1, 3}, GenerateOptions.greedy(4), made::add);
        generator.generate(new int[] {1}, GenerateOptions.greedy(4), made::add);
        assertEquals(List.of(4, 5, 6, 7, 3, 4, 5, 6), made);
        generator.generate(new int[] {1}, GenerateOptions.greedy(Integer.MAX_VALUE), id -> made.clear());
    }

    @Test
    void theListenersExceptionReachesTheCallerAndLeavesTheGeneratorUsable() {
        Generator generator = scripted(model(100, 1, 3, 4, 5, 6, 7, 8));
        assertThrows(
                ArithmeticException.class,
                () -> generator.generate(new int[] {1}, GenerateOptions.greedy(9), id -> {
                    throw new ArithmeticException("enough");
                }));
        generator.generate(new int[] {1}, GenerateOptions.greedy(3), made::add);
        assertEquals(List.of(3, 4, 5), made);
    }

    @Test
    void timesAndRatesFitTogether() {
        long start = System.nanoTime();
        Generation generation = scripted(model(100, 1, 3, 4, 5, 6, 7, 8))
                .generate(new int[] {1, 3, 4}, GenerateOptions.greedy(3), made::add);
        long total = System.nanoTime() - start;
        assertTrue(generation.promptNanos() > 0 && generation.generationNanos() > 0);
        assertTrue(generation.firstTokenNanos() >= generation.promptNanos());
        assertTrue(generation.promptNanos() + generation.generationNanos() <= total);
        assertEquals(3e9 / generation.promptNanos(), generation.promptTokensPerSecond(), 1e-6);
        assertEquals(2e9 / generation.generationNanos(), generation.generatedTokensPerSecond(), 1e-6);
        Generation instant = new Generation(1, 1, 0, 0, 0, 0, StopReason.MAX_TOKENS);
        assertEquals(0, instant.promptTokensPerSecond());
        assertEquals(0, instant.generatedTokensPerSecond());
    }

    private List<Integer> sample(int threads, int[] prompt, long seed, int maxTokens) throws IOException {
        ModelConfig config = new ModelConfig(36, 53, 6, 2, 10, 3, 29, 600, 1e-5f, 10000f, 10);
        Path path = TinyLlama.withLetters(config, false, 3).write(folder.resolve("letters.gguf"));
        List<Integer> ids = new ArrayList<>();
        try (Compute own = Compute.start(threads);
                GgufFile file = GgufFile.open(path)) {
            Generator generator = new Generator(LanguageModels.load(file, own), Tokenizers.of(file), own);
            generator.generate(prompt, new GenerateOptions(maxTokens, seed, List.of(new Temperature(1.5f))), ids::add);
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
}
