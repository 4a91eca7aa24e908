// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
    @TempDir
    Path folder;

    private String model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
    }

    @Test
    void writesTheGreedyTextToTheLetter() throws IOException {
        Path stories = SharedData.require("stories260K/stories260K.gguf");
        String expected = Files.readString(SharedData.require("stories260K/expected-greedy-n200.txt"));
        Outcome outcome = Outcome.of(
                "generate", "--model", stories.toString(), "--temperature", "0", "--max-tokens", "200", "--prompt", "");
        assertEquals(expected, outcome.result());
        assertTrue(
                outcome.err().matches("(?s).*prompt +1 token .*generated +200 tokens +[0-9.]+ tokens/s.*"),
                outcome.err());
    }

    /** The continuation of the beginning is the rest, its first space included. */
    @Test
    void continuesAPrompt() throws IOException {
        String stories = SharedData.require("stories260K/stories260K.gguf").toString();
        String expected = Files.readString(SharedData.require("stories260K/expected-greedy-n200.txt"));
        String[] args = {
            "generate", "--model", stories, "--temperature", "0", "--max-tokens", "40", "--prompt", "Once upon a time"
        };
        String text = Outcome.of(args).result();
        assertTrue(text.startsWith(", there was a little girl"), text);
        String echoed = Outcome.of(append(args, "--echo")).result();
        assertTrue(expected.startsWith(echoed), echoed);
        assertEquals("Once upon a time" + text, echoed);
    }

    @Test
    void theSameSeedGivesTheSameTextOnAnyNumberOfThreads() {
        String[] args = {
            "generate", "--model", model, "--temperature", "inf", "--top-k", "0", "--top-p", "1", "--min-p", "0"
        };
        String once = Outcome.of(append(args, "--seed", "5", "--threads", "1")).result();
        assertEquals(
                once, Outcome.of(append(args, "--seed", "5", "--threads", "2")).result());
        StringBuilder others = new StringBuilder();
        for (int seed = 6; seed < 12; seed++) {
            others.append(
                    Outcome.of(append(args, "--seed", Integer.toString(seed))).result());
        }
        assertNotEquals(once.repeat(6), others.toString());
    }

    @Test
    void keysAndValuesAreKeptAsAsked() {
        String[] args = {"generate", "--model", model, "--prompt", "ab", "--seed", "4", "--max-tokens", "25"};
        String half =
                Outcome.of(append(args, "--kv-type", "f16", "--threads", "1")).result();
        assertEquals(
                half,
                Outcome.of(append(args, "--kv-type", "F16", "--threads", "2")).result());
        assertEquals(
                Outcome.of(args).result(),
                Outcome.of(append(args, "--kv-type", "f32")).result());
        String refusal = Outcome.of(append(args, "--kv-type", "f8")).refusal();
        assertTrue(refusal.contains("--kv-type") && refusal.contains("f32, f16 and q8_0"), refusal);
    }

    /** The model is its own draft: always right, and the same text. */
    @Test
    void aModelThatGuessesChangesNoText() throws IOException {
        String copy = TinyModel.write(folder.resolve("copy.gguf")).toString();
        String other = TinyModel.write(folder.resolve("other.gguf"), 3).toString();
        String[] args = {"generate", "--model", model, "--prompt", "ab", "--seed", "4", "--max-tokens", "25"};
        for (String temperature : new String[] {"0", "1.5", "inf"}) {
            String[] hot = append(args, "--sampler", "mask=3:4:5:6,temperature=" + temperature);
            String plain = Outcome.of(hot).result();
            Outcome guessed = Outcome.of(append(hot, "--draft", copy));
            assertEquals(plain, guessed.result());
            assertTrue(
                    guessed.err().matches("(?s).*\nguessed    [1-9][0-9]* tokens, [0-9]+ right \\(100%\\).*"),
                    guessed.err());
            assertEquals(
                    plain,
                    Outcome.of(append(hot, "--draft", other, "--draft", "3")).result());
            assertEquals(plain, Outcome.of(append(hot, "--draft", "3")).result());
        }
        assertFalse(Outcome.of(args).err().contains("guessed"));
    }

    @Test
    void whatCannotGuessIsToldByName() throws IOException {
        String fewer = SharedData.require("stories260K/stories260K.gguf").toString();
        String refused =
                Outcome.of("generate", "--model", model, "--draft", fewer).failure();
        assertTrue(refused.contains("vocabulary: expected 16 tokens") && refused.contains("found 512"), refused);
        String missing =
                Outcome.of("generate", "--model", model, "--draft", "none.gguf").failure();
        assertTrue(missing.contains("none.gguf"), missing);
        String many = Outcome.of("generate", "--model", model, "--draft", "65").refusal();
        assertTrue(many.contains("'65' is more than 64"), many);
        Outcome.of("generate", "--model", model, "--draft", "-1").refusal();
        String recurrent = SharedData.require("architectures/lfm2.gguf").toString();
        String[] args = {"generate", "--model", recurrent, "--prompt", "a", "--seed", "1", "--max-tokens", "5"};
        assertEquals(
                Outcome.of(args).result(),
                Outcome.of(append(args, "--draft", recurrent)).result());
    }

    @Test
    void samplersAreOneOption() {
        String[] args = {"generate", "--model", model, "--seed", "5"};
        assertEquals(
                Outcome.of(append(args, "--top-k", "3", "--top-p", "0.8", "--min-p", "0.1", "--temperature", "2"))
                        .result(),
                Outcome.of(append(args, "--sampler", "top-k=3,top-p=0.8,min-p=0.1,temperature=2"))
                        .result());
        assertEquals(
                Outcome.of(args).result(),
                Outcome.of(append(args, "--sampler", "top-k=40,top-p=0.95,min-p=0.05,temperature=0.8"))
                        .result(),
                "the default");
        assertEquals(
                Outcome.of(append(args, "--temperature", "0")).result(),
                Outcome.of(append(args, "--sampler", "greedy")).result());
        String refusal =
                Outcome.of(append(args, "--sampler", "greedy", "--top-k", "3")).refusal();
        assertTrue(refusal.contains("--sampler replaces"), refusal);
        refusal = Outcome.of(append(args, "--sampler", "mask=16")).refusal();
        assertTrue(refusal.contains("16 is not in the vocabulary [0, 16)"), refusal);
    }

    /** Only a (4) and b (5) may follow, and a penalty a time evens them out, those of the prompt included. */
    @Test
    void samplersSeeThePrompt() {
        String text = Outcome.of(
                        "generate",
                        "--model",
                        model,
                        "--prompt",
                        "aaaaa",
                        "--max-tokens",
                        "9",
                        "--sampler",
                        "mask=4:5,penalties=-1:1:1000,greedy")
                .result();
        assertEquals("bbbbb", text.substring(0, 5));
        assertEquals(2, text.chars().skip(5).filter(c -> c == 'a').count(), text);
        assertEquals(9, text.length());
    }

    @Test
    void aSeedThatWasToldGivesTheSameTextAgain() {
        String[] args = {"generate", "--model", model, "--temperature", "2", "--max-tokens", "20"};
        Outcome first = Outcome.of(args);
        String seed = first.err().replaceAll("(?s).*seed (\\d+),.*", "$1");
        assertEquals(first.result(), Outcome.of(append(args, "--seed", seed)).result());
    }

    @Test
    void theSummaryTellsWhatHappened() {
        Outcome outcome =
                Outcome.of("generate", "--model", model, "--prompt", "aab", "--seed", "1", "--max-tokens", "3");
        outcome.result();
        for (String expected : new String[] {"prompt ", "5 tokens", "generated ", "first token", "peak ", "seed 1"}) {
            assertTrue(outcome.err().contains(expected), outcome.err());
        }
    }

    @Test
    void noTokensAreMadeWhenNoneAreWanted() {
        assertEquals(
                "",
                Outcome.of("generate", "--model", model, "--max-tokens", "0").result());
        assertEquals(
                "aé",
                Outcome.of("generate", "--model", model, "--max-tokens", "0", "--prompt", "aé", "--echo")
                        .result());
    }

    @Test
    void aPromptLongerThanTheContextFails() {
        String failure = Outcome.of("generate", "--model", model, "--prompt", "a".repeat(40))
                .failure();
        assertTrue(failure.contains("context of 32"), failure);
    }

    /** As in {@code kelvin generate … | head -1}. */
    @Test
    void aReaderThatGoesAwayEndsTheGenerationQuietly() {
        int[] written = new int[1];
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                if (++written[0] > 2) {
                    throw new IOException("Broken pipe");
                }
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        StandardOutput stdout = new StandardOutput(closed);
        int exitCode = Main.run(
                new PrintStream(stdout, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                "generate",
                "--model",
                model,
                "--temperature",
                "inf",
                "--prompt",
                "aaaa",
                "--echo",
                "--seed",
                "5");
        assertEquals(Main.OK, exitCode);
        assertEquals("", err.toString(StandardCharsets.UTF_8));
        assertTrue(stdout.failure().isEmpty());
        assertTrue(written[0] < 10, "it stopped soon after, at write " + written[0]);
    }

    private static String[] append(String[] args, String... more) {
        String[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return all;
    }

    @Test
    void theTextKeepsASchemaOrAGrammar(@TempDir Path folder) throws IOException {
        Path schema = Files.writeString(folder.resolve("s.json"), """
                {"type": "object", "properties": {"name": {"enum": ["Tom", "Ada"]}, "age": {"type": "integer",
                 "minimum": 1, "maximum": 9}}, "required": ["name", "age"], "additionalProperties": false}""");
        int finished = 0;
        for (String temperature : List.of("0", "1", "inf")) {
            Outcome outcome = Outcome.of(
                    "generate",
                    "The cat",
                    "--json-schema",
                    schema.toString(),
                    "--seed",
                    "3",
                    "--temperature",
                    temperature);
            if (!outcome.err().contains("cut short")) {
                finished++;
                assertTrue(
                        outcome.result()
                                .strip()
                                .matches(
                                        "(?s)\\{\\s*\"name\"\\s*:\\s*\"(Tom|Ada)\"\\s*,\\s*\"age\"\\s*:\\s*[1-9]\\s*}"),
                        outcome.out());
            }
        }
        assertTrue(finished >= 2, finished + " of 3 answers came to an end");
        Path grammar = Files.writeString(folder.resolve("g.gbnf"), "root ::= \"yes\" | \"no\"");
        String answer = Outcome.of("generate", "Is it?", "--grammar", grammar.toString(), "--temperature", "0")
                .result();
        assertTrue(answer.equals("yes") || answer.equals("no"), answer);
        Outcome cut = Outcome.of("generate", "--grammar", grammar.toString(), "--max-tokens", "0");
        assertTrue(cut.err().contains("does not keep the grammar yet"), cut.err());
        Files.writeString(schema, "{\"uniqueItems\": true}");
        assertTrue(Outcome.of("generate", "--json-schema", schema.toString())
                .failure()
                .contains("uniqueItems"));
        Files.writeString(grammar, "root ::= root \"a\"");
        assertTrue(Outcome.of("generate", "--grammar", grammar.toString())
                .failure()
                .contains("root"));
        Outcome.of("generate", "--grammar", grammar.toString(), "--json-schema", schema.toString())
                .refusal();
    }
}
