// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.constraint.Constraint;
import dev.kelvin.constraint.Gbnf;
import dev.kelvin.constraint.TokenTrie;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.head.CustomSampler;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.Mirostat;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.Temperature;
import dev.kelvin.model.DrawnModels;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.model.TinyLlama;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model that guesses changes no answer, whatever it guesses: itself, which is always right; itself with noise in its
 * weights, which often is; a stranger, which hardly ever is.
 */
class DraftModelTest {
    private static final int VOCABULARY = 40;
    private static final int CONTEXT = 256;
    private static final ModelConfig CONFIG = config(CONTEXT, VOCABULARY);
    private static final EngineLimits GUESSING = EngineLimits.STANDARD.withDraft(8);

    @TempDir
    private Path folder;

    private final Compute compute = Compute.serial();
    private final List<GgufFile> files = new ArrayList<>();
    private Tokenizer tokenizer;
    private Decoder model;
    private Decoder noisy;
    private Decoder stranger;

    private static ModelConfig config(int contextLength, int vocabSize) {
        return new ModelConfig(36, 53, 6, 2, 10, 2, vocabSize, contextLength, 1e-5f, 10000f, 10);
    }

    @BeforeEach
    void load() throws IOException {
        model = load(TinyLlama.withLetters(CONFIG, false, 3));
        tokenizer = Tokenizers.of(files.getFirst());
        TinyLlama disturbed = TinyLlama.withLetters(CONFIG, false, 3);
        DrawnModels.disturb(disturbed.tensors.values(), 0.2f);
        noisy = load(disturbed);
        stranger = load(TinyLlama.withLetters(CONFIG, false, 4));
    }

    @AfterEach
    void close() {
        compute.close();
        files.forEach(GgufFile::close);
    }

    private Decoder load(TinyLlama tiny) throws IOException {
        return load(tiny.write(folder.resolve(files.size() + ".gguf")));
    }

    private Decoder load(Path path) throws IOException {
        files.add(GgufFile.open(path));
        return LanguageModels.load(files.getLast(), compute);
    }

    private Engine plain() {
        return new Engine(model, tokenizer, compute, EngineLimits.STANDARD);
    }

    private Engine guessing(Decoder draft, EngineLimits limits) {
        return new Engine(model, draft, tokenizer, compute, limits, Answers.steadyClock());
    }

    /** Ids, log-probabilities as bits, text and end. */
    private static String answer(Engine engine, GenerationRequest request) {
        StringBuilder all = new StringBuilder();
        Generation end = engine.generate(request, new GenerationListener() {
            @Override
            public void token(GeneratedToken token) {
                all.append(token.id()).append(':').append(Float.floatToRawIntBits(token.logProb()));
                token.top()
                        .forEach(each ->
                                all.append('/').append(each.id()).append('=').append(each.logProb()));
                all.append(' ');
            }

            @Override
            public void text(String piece) {
                all.append(piece);
            }
        });
        return all.append(end.stopReason()).append(end.generatedTokens()).toString();
    }

    /** A request whose answer does not end before it must. */
    private static GenerationRequest request(int tokens, Sampler... samplers) {
        return GenerationRequest.of(new int[] {1, 7, 9}, endless(tokens, samplers));
    }

    private static GenerateOptions endless(int tokens, Sampler... samplers) {
        List<LogitBias.Entry> never = IntStream.range(0, 3)
                .mapToObj(id -> new LogitBias.Entry(id, Float.NEGATIVE_INFINITY))
                .toList();
        List<Sampler> chain = new ArrayList<>(List.of(samplers));
        chain.addFirst(new LogitBias(never));
        return new GenerateOptions(tokens, 5, chain);
    }

    private static double rightShare(Engine engine) {
        EngineMetrics metrics = engine.metrics();
        return (double) metrics.acceptedTokens() / metrics.draftedTokens();
    }

    @Test
    void answersAreThoseWithoutIt() {
        for (Decoder draft : List.of(model, noisy, stranger)) {
            long accepted = 0;
            long drafted = 0;
            for (List<Sampler> chain : Company.CHAINS) {
                for (int seed = 0; seed < 3; seed++) {
                    GenerationRequest request = GenerationRequest.of(
                                    new int[] {1, 4, 6, 8}, new GenerateOptions(60, seed, chain))
                            .withLogProbs(seed - 1)
                            .withStops(seed == 1 ? List.of("bc", "f") : List.of());
                    Engine engine = guessing(draft, EngineLimits.STANDARD.withDraft(3 + 20 * seed));
                    assertEquals(answer(plain(), request), answer(engine, request), chain + ", seed " + seed);
                    accepted += engine.metrics().acceptedTokens();
                    drafted += engine.metrics().draftedTokens();
                    boolean adapts = chain.stream().anyMatch(Mirostat.class::isInstance);
                    if (draft == model && !adapts && seed != 1) { // a stop cuts a guess short
                        assertEquals(
                                engine.metrics().draftedTokens(),
                                engine.metrics().acceptedTokens(),
                                chain + "");
                    }
                }
            }
            assertTrue(drafted > 50 && accepted > 0, accepted + " of " + drafted);
            assertTrue(accepted < drafted || draft == model, accepted + " of " + drafted);
        }
    }

    @Test
    void theNearerItIsTheMoreIsRight() {
        GenerationRequest request = request(200, new Temperature(0.7f));
        Engine itself = guessing(model, GUESSING);
        Engine near = guessing(noisy, GUESSING);
        Engine far = guessing(stranger, GUESSING);
        String expected = answer(plain(), request);
        for (Engine engine : List.of(itself, near, far)) {
            assertEquals(expected, answer(engine, request));
        }
        assertEquals(1, rightShare(itself));
        assertTrue(rightShare(near) < 1 && rightShare(near) > 0.3, "" + rightShare(near));
        assertTrue(rightShare(far) < rightShare(near), "" + rightShare(far));
        assertTrue(far.metrics().draftedTokens() < 150, "and rests: " + far.metrics());
        assertTrue(itself.metrics().steps() * 5 < itself.metrics().generatedTokens(), "steps: " + itself.metrics());
    }

    @Test
    void answersAreTheSameInCompany() {
        Company company = new Company(
                4,
                12,
                VOCABULARY,
                CONTEXT - 30,
                () -> new Engine(model, tokenizer, compute, EngineLimits.STANDARD.withPrefixCache(false)));
        long bytes = KvPool.bytes(model.memory(), DType.F32, CONTEXT);
        List<EngineLimits> limits = List.of(
                GUESSING,
                GUESSING.with(40, 5).withKeysAndValues(4 * bytes, DType.F32),
                GUESSING.with(31, 9).withPrefixCache(false).withDraft(EngineLimits.MOST_DRAFT));
        for (Decoder draft : List.of(noisy, model)) {
            for (EngineLimits each : limits) {
                Engine engine = guessing(draft, each);
                company.meet(engine, 11, "cold, " + each);
                company.meet(engine, 12, "warm, " + each);
                assertTrue(
                        engine.metrics().acceptedTokens() > 0, engine.metrics().toString());
                assertTrue(engine.usedBytes() <= engine.kvBytes());
                engine.forgetPrefixes();
                assertEquals(0, engine.usedBytes());
            }
        }
    }

    /** With the grammar's masks it is always right, since it is the model itself. */
    @Test
    void guessesKeepTheGrammar() throws Exception {
        Constraint grammar = new Constraint(
                Gbnf.parse("root ::= (\"abc\" | [d-m]) (\"q\" [a-z] [a-z]){20}"), TokenTrie.of(tokenizer));
        for (float temperature : new float[] {0, 1.5f}) {
            GenerationRequest asked = request(200, new Temperature(temperature));
            Engine engine = guessing(model, GUESSING);
            String expected = answer(plain(), asked.withConstraint(grammar.begin()));
            assertEquals(expected, answer(engine, asked.withConstraint(grammar.begin())));
            assertTrue(engine.metrics().draftedTokens() > 30, engine.metrics().toString());
            assertEquals(1, rightShare(engine));
            Engine far = guessing(stranger, GUESSING);
            assertEquals(expected, answer(far, asked.withConstraint(grammar.begin())));
        }
    }

    /** What was read stays for the next text that begins alike. */
    @Test
    void itsMemoryIsGivenBack() {
        Engine engine = guessing(noisy, GUESSING);
        GenerationRequest request = request(100, new Temperature(1));
        Engine without = plain();
        String expected = answer(without, request);
        assertEquals(expected, answer(engine, request));
        assertEquals(2 * without.usedBytes(), engine.usedBytes(), "models of one shape keep as much");
        assertEquals(expected, answer(engine, request));
        assertEquals(2 * without.usedBytes(), engine.usedBytes());
        GenerationTask task = engine.submit(request(100, new Temperature(0)), GenerationListener.NONE);
        for (int i = 0; i < 4; i++) {
            engine.step();
        }
        task.cancel();
        engine.step();
        engine.forgetPrefixes();
        assertEquals(0, engine.usedBytes());
        Engine forgetful = guessing(noisy, GUESSING.withPrefixCache(false));
        assertEquals(expected, answer(forgetful, request));
        assertEquals(0, forgetful.usedBytes());
    }

    @Test
    void aListenerThatThrowsOrRestsIsNoTrouble() {
        Engine engine = guessing(noisy, GUESSING);
        int[] heard = {0};
        GenerationTask failing = engine.submit(request(100, new Temperature(0)), Answers.ids(_ -> {
            if (++heard[0] == 20) {
                throw new IllegalStateException("enough");
            }
        }));
        boolean[] rests = {false};
        List<Integer> ids = new ArrayList<>();
        GenerationTask resting = engine.submit(request(90, new Temperature(1)), new GenerationListener() {
            @Override
            public void token(GeneratedToken token) {
                ids.add(token.id());
                rests[0] = ids.size() % 7 == 0;
            }

            @Override
            public boolean takesMore() {
                return !rests[0];
            }
        });
        while (!resting.result().isDone()) {
            engine.step();
            rests[0] = false;
        }
        assertEquals(90, resting.result().join().generatedTokens());
        assertEquals(20, heard[0]);
        assertTrue(failing.result().isCompletedExceptionally());
        List<Integer> expected = new ArrayList<>();
        plain().generate(request(90, new Temperature(1)), Answers.ids(expected::add));
        assertEquals(expected, ids);
        engine.forgetPrefixes();
        assertEquals(0, engine.usedBytes());
    }

    @Test
    void aShorterContextEndsItsGuessesAlone() throws IOException {
        Decoder shorter = load(TinyLlama.withLetters(config(40, VOCABULARY), false, 3));
        GenerationRequest request = request(150, new Temperature(0.9f));
        Engine engine = guessing(shorter, GUESSING);
        assertEquals(answer(plain(), request), answer(engine, request));
        assertEquals(1, rightShare(engine), "it is the model, as far as it goes");
        long drafted = engine.metrics().draftedTokens();
        assertTrue(drafted > 20 && drafted < 41, "" + drafted);
    }

    /** A long prompt is read in pieces, one a step. */
    @Test
    void aPromptLongerThanAPieceIsReadByAndBy() throws IOException {
        ModelConfig large = config(900, VOCABULARY);
        Decoder roomy = load(TinyLlama.withLetters(large, false, 3));
        int[] prompt =
                IntStream.range(0, 700).map(i -> i == 0 ? 1 : 3 + i * i % 31).toArray();
        GenerationRequest request = GenerationRequest.of(prompt, endless(60, new Temperature(1)));
        Engine without = new Engine(roomy, tokenizer, compute, EngineLimits.STANDARD);
        Engine engine = new Engine(roomy, roomy, tokenizer, compute, GUESSING, Answers.steadyClock());
        assertEquals(answer(without, request), answer(engine, request));
        assertEquals(1, rightShare(engine));
        assertTrue(engine.metrics().draftedTokens() > 30, engine.metrics().toString());
    }

    @Test
    void weightsThatAreNoNumbersAndSamplersThatThrowGuessNothing() throws IOException {
        TinyLlama broken = TinyLlama.withLetters(CONFIG, false, 3);
        broken.tensors.get("blk.1.ffn_down.weight").data()[5] = Float.NaN;
        Engine engine = guessing(load(broken), GUESSING);
        GenerationRequest request = request(40, new Temperature(1));
        assertEquals(answer(plain(), request), answer(engine, request));
        assertEquals(0, engine.metrics().draftedTokens());
        // The first two calls are the answer's own, as nothing is known of a pass; the draft asks next.
        int[] calls = {0};
        CustomSampler calm = (candidates, _) -> candidates.keepIf(i -> candidates.id(i) != 5);
        CustomSampler moody = (candidates, sampling) -> {
            if (++calls[0] == 3) {
                throw new ArithmeticException("not now");
            }
            calm.apply(candidates, sampling);
        };
        Engine other = guessing(model, GUESSING);
        String expected = answer(plain(), request(40, calm, new Temperature(1)));
        assertEquals(expected, answer(other, request(40, moody, new Temperature(1))));
        assertEquals(0, other.metrics().draftedTokens());
        assertEquals(41, calls[0], "one that threw, and one each token");
    }

    private OpenModel open(Path path) throws IOException {
        return OpenModel.of(GgufFile.open(path), Compute.serial(), LoadOptions.QUIET);
    }

    @Test
    void anotherVocabularyIsRefusedByName() throws IOException {
        Path path = TinyLlama.withLetters(CONFIG, false, 3).write(folder.resolve("large.gguf"));
        Path fewer = TinyLlama.withLetters(config(CONTEXT, 33), false, 3).write(folder.resolve("fewer.gguf"));
        TinyLlama tiny = TinyLlama.withLetters(CONFIG, false, 3);
        ((String[]) tiny.metadata.get("tokenizer.ggml.tokens"))[11] = "other";
        Path other = tiny.write(folder.resolve("other.gguf"));
        try (OpenModel open = open(path)) {
            String count = assertThrows(ModelFormatException.class, () -> open.guessWith(GgufFile.open(fewer)))
                    .getMessage();
            assertTrue(count.contains("fewer.gguf: vocabulary: expected 40 tokens, as in "), count);
            assertTrue(count.contains("large.gguf, found 33"), count);
            String piece = assertThrows(ModelFormatException.class, () -> open.guessWith(GgufFile.open(other)))
                    .getMessage();
            assertTrue(
                    piece.contains("other.gguf: token 11: expected 'i', as in ") && piece.contains("'other'"), piece);
            open.guessWith(GgufFile.open(path));
            assertThrows(IllegalStateException.class, () -> open.guessWith(GgufFile.open(path)), "there is one");
            assertThrows(IllegalArgumentException.class, () -> open.engine(EngineLimits.STANDARD));
            Engine engine = open.engine(GUESSING);
            assertEquals(
                    answer(plain(), request(50, new Temperature(1))), answer(engine, request(50, new Temperature(1))));
            assertEquals(1, rightShare(engine));
        }
    }

    /** States go forward only: what is guessed wrong is computed again from what there was before. */
    @Test
    void recurrentStatesGuessAndAreGuessedFor() throws IOException {
        Decoder recurrent = load(drawn(0));
        Decoder near = load(drawn(0.1f));
        Decoder plain =
                load(TinyLlama.withLetters(config(100, recurrent.plan().sizes().vocabSize()), false, 3));
        Tokenizer ids = words(recurrent.plan().sizes().vocabSize());
        long wrong = 0;
        for (Decoder model : List.of(recurrent, plain)) {
            for (Decoder draft : List.of(recurrent, near, plain)) {
                for (float temperature : new float[] {0, 0.5f, 1}) {
                    for (boolean cache : new boolean[] {true, false}) {
                        GenerationRequest request = request(80, new Temperature(temperature));
                        EngineLimits limits = GUESSING.withPrefixCache(cache);
                        Engine engine = new Engine(model, draft, ids, compute, limits, Answers.steadyClock());
                        String expected = answer(new Engine(model, ids, compute, EngineLimits.STANDARD), request);
                        assertEquals(expected, answer(engine, request));
                        assertEquals(expected, answer(engine, request), "again");
                        assertTrue(
                                engine.metrics().draftedTokens() > 10,
                                engine.metrics().toString());
                        if (model.equals(draft)) {
                            assertEquals(1, rightShare(engine));
                        }
                        if (model.equals(recurrent) && draft.equals(near)) {
                            assertTrue(
                                    engine.metrics().acceptedTokens() > 0,
                                    engine.metrics().toString());
                            wrong += engine.metrics().draftedTokens()
                                    - engine.metrics().acceptedTokens();
                        }
                        engine.forgetPrefixes();
                        assertEquals(0, engine.usedBytes());
                    }
                }
            }
        }
        assertTrue(wrong > 20, "some must go back: " + wrong);
    }

    private static Tokenizer words(int count) {
        String[] pieces = IntStream.range(0, count).mapToObj(i -> "w" + i).toArray(String[]::new);
        int[] types = IntStream.range(0, count).map(_ -> 1).toArray();
        return GgufTokenizers.sentencePieces(new Vocabulary(pieces, new float[count], types, 1, 2, 0, true, false));
    }

    private Path drawn(float noise) throws IOException {
        Path file = folder.resolve("drawn" + noise + ".gguf");
        DrawnModels.write("qwen3next", noise, file);
        return file;
    }
}
