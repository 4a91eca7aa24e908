// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.constraint.Constraint;
import dev.kelvin.constraint.Gbnf;
import dev.kelvin.constraint.GrammarException;
import dev.kelvin.constraint.TokenTrie;
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

    /** Passes of any number of rows cost the same. */
    private static final PassCosts FREE = costs(0);

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

    private Engine engine(Decoder model, int draft) {
        EngineLimits limits = EngineLimits.STANDARD.withDraft(draft);
        return new Engine(model, null, tokenizer(), compute, limits, Answers.steadyClock());
    }

    /** Says 3 … 12 again and again. */
    private Engine repeating(int draft) {
        int[] script = IntStream.range(0, 200).map(i -> 3 + i % 10).toArray();
        Decoder model = ScriptedModel.of(compute, VOCABULARY, 200, script);
        return engine(model, draft);
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

    /** What passes cost where a row more costs so much of the first. */
    private static PassCosts costs(double slope) {
        PassCosts costs = new PassCosts(64);
        for (int times = 0; times < 20; times++) {
            for (int rows = 1; rows <= 16; rows = rows < 4 ? rows + 1 : rows + 4) {
                costs.learn(rows, Math.round(1e6 * (1 + slope * (rows - 1))));
            }
        }
        return costs;
    }

    private static int guess(PassCosts costs, Draft draft, int most, int... text) {
        costs.begin(1, 1);
        draft.begin(most);
        PromptLookup.guess(text, text.length, null, draft);
        return draft.size();
    }

    private static int guess(Draft draft, int most, int... text) {
        return guess(FREE, draft, most, text);
    }

    private static Draft draft(int most) {
        return new Draft(most, FREE, new GuessRecord());
    }

    @Test
    void whatWasSaidBeforeIsGuessed() {
        Draft draft = draft(8);
        int[] text = {5, 6, 7, 8, 9, 10, 11, 12, 3, 5, 6, 7};
        assertEquals(3, guess(draft, 3, text));
        assertEquals(5, guess(draft, 8, text), "rows cost nothing, but the sixth is right too seldom");
        assertArrayEquals(
                new int[] {8, 9, 10, 11, 12},
                IntStream.range(0, 5).map(draft::id).toArray());
        draft.learn(5);
        assertEquals(8, guess(draft, 8, text), "then more, as all were right");
    }

    /** Kernels take rows by four. */
    @Test
    void asManyAreGuessedAsAreWorthTheirRows() {
        PassCosts costs = costs(0.3);
        costs.begin(1, 1);
        assertEquals(15, costs.worth(1, 15));
        assertEquals(3, costs.worth(0.85, 15));
        assertEquals(0, costs.worth(0.2, 15));
        costs.begin(4, 4);
        assertEquals(4, costs.worth(1, 4), "the fifth row is as dear as the eighth");
        PassCosts dear = costs(3);
        dear.begin(1, 1);
        assertEquals(0, dear.worth(0.8, 3));
    }

    /** What is wrong costs a pass or two, and later less than one in a hundred. */
    @Test
    void whatIsWrongForLongIsTriedSeldom() {
        PassCosts costs = costs(0.3);
        Draft draft = new Draft(8, costs, new GuessRecord());
        int[] text = {5, 6, 7, 8, 5, 6};
        double paid = 0;
        int steps = 2000;
        for (int step = 0; step < steps; step++) {
            paid += 0.3 * guess(costs, draft, 8, text);
            draft.learn(0);
        }
        assertTrue(paid > 2 && paid < 4 + 0.01 * steps, paid + " passes");
        int[] longer = {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 5, 6, 7, 8, 9, 10, 11};
        assertTrue(guess(costs, draft, 8, longer) > 0, "more speaks for this one");
        int right = 0;
        for (int step = 0; step < 400; step++) {
            int guessed = guess(costs, draft, 8, text);
            draft.learn(guessed);
            right += guessed;
        }
        assertTrue(right > 400, right + " once they are right again");
    }

    /** A short period is guessed for as long as any other text is. */
    @Test
    void aTextThatRepeatsItselfIsGuessedBeyondItsEnd() {
        Draft draft = draft(8);
        assertEquals(3, guess(draft, 8, 9, 5, 6, 5, 6));
        draft.learn(3);
        assertEquals(8, guess(draft, 8, 9, 5, 6, 5, 6));
        assertArrayEquals(
                new int[] {5, 6, 5, 6, 5, 6, 5, 6},
                IntStream.range(0, 8).map(draft::id).toArray());
    }

    private static Constraint grammar(String rule) throws GrammarException {
        return new Constraint(Gbnf.parse(rule), TokenTrie.of(tokenizer()));
    }

    @Test
    void aGrammarEndsAGuessOrMakesIt() throws GrammarException {
        int[] text = {9, 10, 11, 12, 13, 9, 10};
        Draft draft = draft(8);
        FREE.begin(1, 1);
        draft.begin(8);
        PromptLookup.guess(
                text,
                text.length,
                grammar("root ::= \"w11 \" \"w12 \" (\"w14 \" | \"w15 \")").begin(),
                draft);
        assertEquals(2, draft.size(), "13 may not follow");
        FREE.begin(1, 1);
        draft.begin(8);
        PromptLookup.guess(
                text,
                text.length,
                grammar("root ::= (\"w3 \" | \"w11 \") \"w7 \" \"w8 \"").begin(),
                draft);
        assertArrayEquals(
                new int[] {11, 7, 8},
                IntStream.range(0, draft.size()).map(draft::id).toArray(),
                "what must follow, whatever was said");
        FREE.begin(1, 1);
        draft.begin(8);
        PromptLookup.guess(text, 5, grammar("root ::= \"w7 \" \"w8 \"").begin(), draft);
        assertEquals(2, draft.size(), "without a match, too");
    }

    /** Behind each pick follow tokens that the model has not seen when the next is guessed. */
    @Test
    void textThatAGrammarForcesIsGuessedToo() throws GrammarException {
        Constraint grammar = grammar("root ::= ([abw] (\"3 w4 \" | \"5 w6 \") \"w7 w8 \"){40}");
        for (int logProbs : new int[] {-1, 0}) {
            GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(120))
                    .withLogProbs(logProbs);
            StringBuilder text = new StringBuilder();
            Engine plain = repeating(0);
            List<Integer> ids = generate(plain, request.withConstraint(grammar.begin()), text);
            Engine guessing = repeating(16);
            StringBuilder guessedText = new StringBuilder();
            assertEquals(ids, generate(guessing, request.withConstraint(grammar.begin()), guessedText));
            assertEquals(text.toString(), guessedText.toString());
            EngineMetrics metrics = guessing.metrics();
            assertTrue(metrics.acceptedTokens() > 60, metrics.toString());
            assertTrue(2 * metrics.steps() < plain.metrics().steps(), metrics.toString());
        }
    }

    @Test
    void theLongestMatchIsTakenAndTheLastOfThose() {
        Draft draft = draft(1);
        assertEquals(1, guess(draft, 1, 1, 2, 3, 4, 2, 3, 5, 1, 2, 3));
        assertEquals(4, draft.id(0));
        assertEquals(1, guess(draft, 1, 2, 3, 4, 2, 3, 5, 1, 2, 3));
        assertEquals(5, draft.id(0));
    }

    @Test
    void aTextThatSaysNothingTwiceIsNoGuess() {
        Draft draft = draft(8);
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
                Engine engine = engine(model, draft);
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
