// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One answer of a scripted model: how it begins, where it ends, and what its figures are. */
class EngineTest {
    private static final int EOS = 2;

    private final Compute compute = Compute.serial();
    private final List<Integer> made = new ArrayList<>();

    @AfterEach
    void close() {
        compute.close();
    }

    private Engine scripted(Decoder model) {
        return new Engine(model, ScriptedModel.letters(1, EOS), compute, EngineLimits.STANDARD);
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
        Engine engine =
                new Engine(model(100, 1, EOS, 3, 4), ScriptedModel.letters(1, -1), compute, EngineLimits.STANDARD);
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
        Engine without = new Engine(model, ScriptedModel.letters(-1, EOS), compute, EngineLimits.STANDARD);
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
                () -> new Engine(
                        ScriptedModel.of(compute, 11, 5, 1),
                        ScriptedModel.letters(1, 2),
                        compute,
                        EngineLimits.STANDARD));
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
}
