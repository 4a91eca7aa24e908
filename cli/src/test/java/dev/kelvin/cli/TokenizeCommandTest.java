// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufWriter;
import dev.kelvin.tokenizer.BpeTrainer;
import dev.kelvin.tokenizer.BpeVocabulary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizeCommandTest {
    @TempDir
    Path folder;

    private String model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
    }

    @Test
    void printsIdsOnOneLine() {
        assertEquals(
                "3 4 4 5\n", Outcome.of("tokenize", "--model", model, "aab").result());
        assertEquals(
                "1 3 4 4 5\n",
                Outcome.of("tokenize", "--model", model, "--bos", "aab").result());
        assertEquals("\n", Outcome.of("tokenize", "--model", model, "").result());
    }

    /** The option parser would put the words of a file in place of "@FILE", and take one of two signs away. */
    @Test
    void anAtSignIsText() throws IOException {
        Path file = Files.writeString(folder.resolve("f"), "--help");
        StringBuilder ids = new StringBuilder();
        ("@" + file).chars().forEach(c -> ids.append(ids.isEmpty() ? "" : " ").append(c));
        // Without merges, so that ids are bytes.
        BpeVocabulary bytes = BpeTrainer.train(List.of(), 257, false);
        GgufWriter writer = new GgufWriter();
        bytes.metadata().forEach(writer::metadata);
        Path vocabulary = folder.resolve("bytes.gguf");
        writer.write(vocabulary);
        assertEquals(
                ids + "\n",
                Outcome.of("tokenize", "--model", vocabulary.toString(), "@" + file)
                        .result());
        assertEquals(
                "64 64 102\n",
                Outcome.of("tokenize", "--model", vocabulary.toString(), "@@f").result());
    }

    /** Such a vocabulary has no token for a blank, and reads it all the same: it parts words. */
    @Test
    void blanksBetweenWordPiecesAreNotLacking() {
        String model = SharedData.require("tokenizers/ggml-vocab-bert-bge.gguf").toString();
        Outcome told = Outcome.of("tokenize", "--model", model, "a small\n dog");
        assertEquals(new Outcome(0, "1037 2235 3899\n", ""), told);
        assertTrue(
                Outcome.of("tokenize", "--model", model, "a\u0000b").err().contains("lacks the character"),
                "one that is dropped is");
    }

    @Test
    void givesTheTextBackToTheByte() {
        assertEquals(
                "aab",
                Outcome.of("tokenize", "--model", model, "--ids", "3,4,4,5").result());
        assertEquals(
                "aab",
                Outcome.of("tokenize", "--model", model, "--ids", "3 4 4 5").result());
        assertEquals(
                "é\n",
                Outcome.of("tokenize", "--model", model, "--ids", "9,10,8").result());
    }

    @Test
    void protectsAScreen() {
        String ids = "4," + TinyModel.CLEAR_SCREEN_ID;
        assertEquals(
                "a" + TinyModel.CLEAR_SCREEN,
                Outcome.of("tokenize", "--model", model, "--ids", ids).result());
        assertEquals(
                "a\\u{1b}[2J\n",
                Outcome.on(true, true, "tokenize", "--model", model, "--ids", ids)
                        .result());
    }

    @Test
    void aControlTokenIsParsedWhereAskedFor() {
        assertEquals(
                "3 0 0 0 0\n", Outcome.of("tokenize", "--model", model, "</s>").result());
        assertEquals(
                "2 3 4\n",
                Outcome.of("tokenize", "--model", model, "--parse-special", "</s>a")
                        .result());
        Outcome.of("tokenize", "--model", model, "--parse-special", "--ids", "3")
                .refusal();
    }

    private static final String HUB = """
            {"added_tokens": [{"id": 3, "content": "<e>", "special": true}],
             "normalizer": {"type": "Lowercase"},
             "pre_tokenizer": {"type": "Whitespace"},
             "post_processor": {"type": "BertProcessing", "cls": ["<e>", 3], "sep": ["<e>", 3]},
             "decoder": null,
             "model": {"type": "WordLevel", "vocab": {"<unk>": 0, "once": 1, "upon\\u001b": 2}, "unk_token": "<unk>"}}
            """;

    @Test
    void aTokenizerOfTheHub() throws IOException {
        String file = Files.writeString(folder.resolve("tokenizer.json"), HUB).toString();
        assertEquals(
                "1 0\n",
                Outcome.of("tokenize", "--tokenizer", file, "Once upon").result());
        assertEquals(
                "3 1 3\n",
                Outcome.of("tokenize", "--tokenizer", file, "--bos", "--parse-special", "Once<e>")
                        .result());
        assertEquals(
                "2\n",
                Outcome.of("tokenize", "--tokenizer", file, "--count", "once x").result());
        assertEquals(
                "1\tonce\n0\t<unk>\n",
                Outcome.of("tokenize", "--tokenizer", file, "--pieces", "once x")
                        .result());
        assertEquals(
                "once once",
                Outcome.of("tokenize", "--tokenizer", file, "--ids", "1,3,1").result());
        Outcome.of("tokenize", "--tokenizer", file, "--model", model, "x").refusal();
        Outcome.of("tokenize", "--tokenizer", file, "--count", "--ids", "1").refusal();
        assertTrue(Outcome.of("tokenize", "--tokenizer", model, "x").failure().contains("UTF-8"));
    }

    @Test
    void casesAreCounted() throws IOException {
        String file = Files.writeString(folder.resolve("tokenizer.json"), HUB).toString();
        Path cases = Files.writeString(folder.resolve("cases.json"), """
                {"cases": [
                  {"text": "once <e>", "ids": [1, 3], "ids_special": [3, 1, 3, 3], "decoded": "once <e>",
                   "decoded_skip": "once"},
                  {"text": "ONCE", "ids": [1]}]}
                """);
        assertEquals(
                "2 passed, 0 failed\n",
                Outcome.of("tokenize", "--tokenizer", file, "--cases", cases.toString())
                        .result());
        Files.writeString(cases, "[{\"text\": \"once\", \"ids\": [2]}, {\"text\": \"once\"}]");
        Outcome failed = Outcome.of("tokenize", "--tokenizer", file, "--cases", cases.toString());
        assertEquals(Main.FAILURE, failed.exitCode());
        assertTrue(failed.out().endsWith("\n1 passed, 1 failed\n"), failed::toString);
        assertTrue(failed.out().startsWith("ids of \"once\": expected [2], found [1]\n"), failed::toString);
    }

    @Test
    void refusesIdsOutsideTheVocabulary() {
        String refusal =
                Outcome.of("tokenize", "--model", model, "--ids", "1,16").refusal();
        assertTrue(refusal.contains("16 at index 1 is not in the vocabulary [0, 16)"), refusal);
    }

    @Test
    void readsTextFromStandardInput() {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("aab".getBytes(StandardCharsets.UTF_8)));
            assertEquals(
                    "3 4 4 5\n", Outcome.of("tokenize", "--model", model, "-").result());
            System.setIn(new ByteArrayInputStream(new byte[] {'a', (byte) 0xff}));
            assertTrue(Outcome.of("tokenize", "--model", model, "-").failure().contains("not UTF-8"));
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void comesBackFromARealVocabulary() {
        String real = SharedData.require("stories260K/stories260K.gguf").toString();
        String text = "Once upon a time, Ĺilý said \"héllo\"\n\tto 🙂 & 日本.";
        String ids = Outcome.of("tokenize", "--model", real, text).result().strip();
        assertEquals(text, Outcome.of("tokenize", "--model", real, "--ids", ids).result());
    }
}
