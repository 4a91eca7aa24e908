// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogitsCommandTest {
    @TempDir
    Path folder;

    @Test
    void printsEachPosition() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        List<String> lines = Outcome.of("logits", "--model", model, "--ids", "1,4,5")
                .result()
                .lines()
                .toList();
        Object json = Outcome.of("logits", "--model", model, "--ids", "1,4,5", "--threads", "1", "--json")
                .json();
        assertEquals(4, lines.size());
        assertTrue(lines.get(0).matches(" +position +id +argmax +logit +logSumExp"), lines.get(0));
        assertEquals(3, JsonText.list(json, "positions").size());
        for (int position = 0; position < 3; position++) {
            String[] cells = lines.get(position + 1).strip().split(" +", -1);
            List<?> logits = JsonText.list(json, "positions", position, "logits");
            long argmax = (Long) JsonText.at(json, "positions", position, "argmax");
            assertEquals(TinyModel.VOCAB_SIZE, logits.size());
            assertEquals(List.of("1", "4", "5").get(position), cells[1]);
            assertEquals(Long.toString(argmax), cells[2]);
            assertEquals((Double) logits.get((int) argmax), Double.parseDouble(cells[3]), 5.1e-7);
            double sum = logits.stream().mapToDouble(z -> Math.exp((Double) z)).sum();
            assertEquals(Math.log(sum), Double.parseDouble(cells[4]), 1e-6);
        }
    }

    @Test
    void aPromptIsReadAsGenerateReadsIt() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        assertEquals(
                Outcome.of("logits", "--model", model, "--ids", "1,3,4,5").result(),
                Outcome.of("logits", "--model", model, "--prompt", "ab").result());
        assertEquals(
                Outcome.of("logits", "--model", model, "--ids", "1,2,3,4").result(),
                Outcome.of("logits", "--model", model, "--prompt", "</s>a", "--parse-special")
                        .result());
        Outcome.of("logits", "--model", model).refusal();
        Outcome.of("logits", "--model", model, "--ids", "1", "--parse-special").refusal();
    }

    @Test
    void metadataThatNobodyKnowsAreNamedOrRefused() throws IOException {
        String plain = TinyModel.write(folder.resolve("plain.gguf")).toString();
        for (String key : List.of("llama.wobble", "tokenizer.ggml.wobble")) {
            String model = TinyModel.write(folder.resolve("tiny.gguf"), key, 3).toString();
            String[] ids = {"logits", "--model", model, "--prompt", "ab"};
            Outcome outcome = Outcome.of(ids);
            assertEquals(
                    Outcome.of("logits", "--model", plain, "--prompt", "ab").result(), outcome.out());
            assertTrue(
                    outcome.err().contains("key " + key)
                            && outcome.err().lines().count() == 1,
                    outcome.err());
            Outcome strict = Outcome.of("logits", "--model", model, "--prompt", "ab", "--strict");
            assertEquals(1, strict.exitCode());
            assertTrue(strict.err().contains("key " + key), strict.err());
        }
        String changed = TinyModel.write(folder.resolve("changed.gguf"), "llama.logit_scale", 0.5f)
                .toString();
        Outcome refused = Outcome.of("logits", "--model", changed, "--ids", "1");
        assertEquals(1, refused.exitCode());
        assertTrue(refused.err().contains("key llama.logit_scale"), refused.err());
    }

    @Test
    void refusesWhatTheModelCannotTake() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        assertTrue(
                Outcome.of("logits", "--model", model, "--ids", "99").refusal().contains("99 at index 0"));
        String many = "1" + ",4".repeat(TinyModel.CONTEXT_LENGTH);
        assertTrue(
                Outcome.of("logits", "--model", model, "--ids", many).refusal().contains("context of 32"));
    }

    /** Against an independent computation in float64. */
    @Test
    void agreesWithTheReference() throws IOException {
        String model = SharedData.require("stories260K/stories260K.gguf").toString();
        List<String[]> expected = Files.readAllLines(SharedData.require("stories260K/greedy200-summary.tsv")).stream()
                .skip(1)
                .map(line -> line.split("\t", -1))
                .toList();
        String ids = expected.stream().map(row -> row[1]).collect(Collectors.joining(","));
        List<String> lines = Outcome.of("logits", "--model", model, "--ids", ids)
                .result()
                .lines()
                .toList();
        assertEquals(expected.size() + 1, lines.size());
        for (int position = 0; position < expected.size(); position++) {
            String[] row = expected.get(position);
            String[] cells = lines.get(position + 1).strip().split(" +", -1);
            assertEquals(row[2], cells[2], "argmax at position " + position);
            assertEquals(Double.parseDouble(row[3]), Double.parseDouble(cells[3]), 2e-4, "logit at " + position);
            assertEquals(Double.parseDouble(row[5]), Double.parseDouble(cells[4]), 2e-4, "logSumExp at " + position);
        }
    }

    /** Without a projection to the vocabulary, or with one whose rows see what comes after them. */
    @Test
    void anEncoderContinuesNoText() throws IOException {
        Path text = Files.writeString(folder.resolve("text"), "a small dog ".repeat(50));
        for (String name : List.of("bert-mean", "gemma-embedding")) {
            String model = SharedData.require("architectures/" + name + ".gguf").toString();
            for (String command : List.of(
                    "logits --prompt a",
                    "generate --prompt a",
                    "chat",
                    "temperature --prompt a",
                    "perplexity --text " + text,
                    "bench --prompt-tokens 8 --generate-tokens 4")) {
                String[] words = (command + " --model " + model).split(" ", -1);
                assertEquals(
                        "kelvin: the model is an encoder: it continues no text, but makes vectors of texts (kelvin embed)",
                        Outcome.of(words).failure(),
                        command);
            }
        }
    }

    /** The width of dense layers stands in files of mixtures that have none. */
    @Test
    void nothingIsSaidOfAPublishedMixture() {
        for (String name : List.of("qwen2moe", "qwen3moe", "gpt-oss")) {
            String model = SharedData.require("architectures/" + name + ".gguf").toString();
            assertEquals(
                    "",
                    Outcome.of("logits", "--model", model, "--ids", "64", "--strict")
                            .err());
        }
    }
}
