// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.head.Penalties;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Guessed tokens change no answer; {@link CompanyTest} has them in company too. */
class DraftTest {
    private static final int VOCABULARY = 40;
    private static final int EOS = 2;

    private final Compute compute = Compute.serial();

    @AfterEach
    void close() {
        compute.close();
    }

    private static Tokenizer tokenizer() {
        String[] pieces =
                IntStream.range(0, VOCABULARY).mapToObj(i -> "w" + i + " ").toArray(String[]::new);
        int[] types = IntStream.range(0, VOCABULARY).map(i -> i < 3 ? 3 : 1).toArray();
        return GgufTokenizers.sentencePieces(
                new Vocabulary(pieces, new float[VOCABULARY], types, 1, EOS, 0, true, false));
    }

    /** Says 3 … 12 again and again. */
    private Engine repeating(int draft) {
        int[] script = IntStream.range(0, 200).map(i -> 3 + i % 10).toArray();
        Decoder model = ScriptedModel.of(compute, VOCABULARY, 200, script);
        return new Engine(model, tokenizer(), compute, EngineLimits.STANDARD.withDraft(draft));
    }

    private static List<Integer> generate(Engine engine, GenerationRequest request, StringBuilder text) {
        List<Integer> ids = new ArrayList<>();
        engine.generate(request, new GenerationListener() {
            @Override
            public void token(GeneratedToken token) {
                ids.add(token.id());
                ids.add(Float.floatToRawIntBits(token.logProb()));
            }

            @Override
            public void text(String piece) {
                text.append(piece);
            }
        });
        return ids;
    }

    private static int guess(Draft draft, int most, int... text) {
        draft.begin(most);
        PromptLookup.guess(text, text.length, draft);
        return draft.size();
    }

    @Test
    void whatWasSaidBeforeIsGuessed() {
        Draft draft = new Draft(8);
        int[] text = {5, 6, 7, 8, 9, 10, 11, 12, 3, 5, 6, 7};
        assertEquals(4, guess(draft, 8, text), "carefully at first");
        assertArrayEquals(
                new int[] {8, 9, 10, 11}, IntStream.range(0, 4).map(draft::id).toArray());
        draft.learn(4);
        assertEquals(8, guess(draft, 8, text), "then more, as all were right");
        assertEquals(3, guess(draft, 3, text));
        draft.learn(0);
        assertEquals(1, guess(draft, 8, text), "and fewer after an error");
    }

    /** 0 0 0, then a rest of 1, 2, 4, 8, 16, 16 … steps before the next try, until something is right. */
    @Test
    void whoIsWrongForAWhileRests() {
        Draft draft = new Draft(8);
        int[] text = {5, 6, 7, 8, 5, 6};
        StringBuilder steps = new StringBuilder();
        for (int step = 0; step < 60; step++) {
            int guessed = guess(draft, 8, text);
            draft.learn(0);
            steps.append(guessed > 0 ? 'g' : '.');
        }
        String expected = "ggg.g..g....g" + ".".repeat(8) + "g" + ".".repeat(16) + "g" + ".".repeat(16) + "g";
        assertEquals(expected, steps.substring(0, expected.length()));
        while (guess(draft, 8, text) == 0) {}
        draft.learn(1);
        assertEquals(2, guess(draft, 8, text));
    }

    /** A short period is guessed for as long as any other text is. */
    @Test
    void aTextThatRepeatsItselfIsGuessedBeyondItsEnd() {
        Draft draft = new Draft(8);
        assertEquals(4, guess(draft, 8, 9, 5, 6, 5, 6));
        draft.learn(4);
        assertEquals(8, guess(draft, 8, 9, 5, 6, 5, 6));
        assertArrayEquals(
                new int[] {5, 6, 5, 6, 5, 6, 5, 6},
                IntStream.range(0, 8).map(draft::id).toArray());
    }

    @Test
    void theLongestMatchIsTakenAndTheLastOfThose() {
        Draft draft = new Draft(1);
        assertEquals(1, guess(draft, 1, 1, 2, 3, 4, 2, 3, 5, 1, 2, 3));
        assertEquals(4, draft.id(0));
        assertEquals(1, guess(draft, 1, 2, 3, 4, 2, 3, 5, 1, 2, 3));
        assertEquals(5, draft.id(0));
    }

    @Test
    void aTextThatSaysNothingTwiceIsNoGuess() {
        Draft draft = new Draft(8);
        assertEquals(0, guess(draft, 8, 1, 2, 3, 4, 1));
        assertEquals(0, guess(draft, 8));
    }

    @Test
    void textThatRepeatsItselfTakesFewerSteps() {
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(150));
        StringBuilder text = new StringBuilder();
        Engine plain = repeating(0);
        List<Integer> ids = generate(plain, request, text);
        Engine guessing = repeating(16);
        StringBuilder guessedText = new StringBuilder();
        assertEquals(ids, generate(guessing, request, guessedText));
        assertEquals(text.toString(), guessedText.toString());
        long steps = guessing.metrics().steps();
        assertTrue(
                4 * steps < plain.metrics().steps(),
                steps + " of " + plain.metrics().steps());
        assertTrue(guessing.metrics().acceptedTokens() > 100);
        assertTrue(guessing.metrics().acceptedTokens() <= guessing.metrics().draftedTokens());
    }

    @Test
    void picksOfEachKindAreTheSame() {
        List<List<Sampler>> chains = List.of(
                List.of(new Temperature(0)),
                List.of(new Temperature(60)),
                List.of(new TopK(5), new Temperature(90)),
                List.of(new Penalties(8, 1.05f, 0.01f, 0), new Temperature(60)));
        long accepted = 0;
        long drafted = 0;
        for (List<Sampler> chain : chains) {
            for (int seed = 0; seed < 2; seed++) {
                for (int logProbs = -1; logProbs < 2; logProbs++) {
                    for (List<String> stops : List.of(List.<String>of(), List.of("w7 w8 w9 w1"))) {
                        GenerationRequest request = GenerationRequest.of(
                                        new int[] {1, 4}, new GenerateOptions(60, seed, chain))
                                .withLogProbs(logProbs)
                                .withStops(stops);
                        StringBuilder text = new StringBuilder();
                        List<Integer> ids = generate(repeating(0), request, text);
                        for (int draft : new int[] {3, EngineLimits.MOST_DRAFT}) {
                            Engine engine = repeating(draft);
                            StringBuilder guessed = new StringBuilder();
                            assertEquals(ids, generate(engine, request, guessed), request + ", " + draft);
                            assertEquals(text.toString(), guessed.toString());
                            accepted += engine.metrics().acceptedTokens();
                            drafted += engine.metrics().draftedTokens();
                        }
                    }
                }
            }
        }
        assertTrue(accepted > 500 && accepted < drafted, accepted + " of " + drafted);
    }

    @Test
    void theEndAndTheContextEndAGuessToo() {
        int[] script =
                IntStream.range(0, 60).map(i -> i == 47 ? EOS : 3 + i % 5).toArray();
        for (int context : new int[] {200, 44}) {
            List<String> answers = new ArrayList<>();
            for (int draft : new int[] {0, 20}) {
                Decoder model = ScriptedModel.of(compute, VOCABULARY, context, script);
                Engine engine = new Engine(model, tokenizer(), compute, EngineLimits.STANDARD.withDraft(draft));
                GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(100));
                List<Integer> ids = new ArrayList<>();
                Generation end = engine.generate(request, Answers.ids(ids::add));
                answers.add(ids + " " + end.stopReason());
            }
            assertEquals(answers.get(0), answers.get(1));
        }
    }

    @Test
    void aListenerThatThrowsEndsItsAnswerAlone() {
        Engine engine = repeating(16);
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(100));
        int[] heard = {0};
        GenerationTask failing = engine.submit(request, Answers.ids(id -> {
            if (++heard[0] == 40) {
                throw new IllegalStateException("enough");
            }
        }));
        List<Integer> ids = new ArrayList<>();
        engine.generate(request, Answers.ids(ids::add));
        assertEquals(100, ids.size());
        assertThrows(RuntimeException.class, () -> failing.result().join());
        assertEquals(40, heard[0]);
    }

    @Test
    void aDraftHasALimit() {
        assertThrows(IllegalArgumentException.class, () -> EngineLimits.STANDARD.withDraft(-1));
        assertThrows(IllegalArgumentException.class, () -> EngineLimits.STANDARD.withDraft(65));
    }
}
