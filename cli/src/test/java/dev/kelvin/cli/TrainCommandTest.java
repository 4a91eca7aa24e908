// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.model.LanguageModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    @TempDir
    private Path folder;

    private Path text;

    @BeforeEach
    void writeText() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            lines.append("the ")
                    .append(i % 2 == 0 ? "cat" : "dog")
                    .append(" sat on mat ")
                    .append(i % 10)
                    .append('\n');
        }
        text = Files.writeString(folder.resolve("text.txt"), lines);
    }

    private String[] arguments(String out, String... more) {
        List<String> all = new ArrayList<>(List.of("train", "--data", text.toString(), "--out"));
        all.add(folder.resolve(out).toString());
        all.addAll(List.of("--layers", "1", "--dim", "16", "--heads", "2", "--context", "24", "--batch", "4"));
        all.addAll(List.of("--lr", "0.01", "--threads", "1"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void makesAModelThatGenerates() throws IOException {
        Outcome outcome = Outcome.of(arguments("m.gguf", "--steps", "400", "--eval-every", "100"));
        String result = outcome.result();
        assertTrue(
                result.matches(".*m\\.gguf: held-out loss 0\\.[0-9]{4} nats a token, perplexity 1\\.[0-9]+\n"), result);
        assertTrue(outcome.err().contains("100/400 ["), outcome.err());
        String continued = Outcome.of(
                        "generate",
                        "--model",
                        folder.resolve("m.gguf").toString(),
                        "--prompt",
                        "the cat sat",
                        "--temperature",
                        "0",
                        "--max-tokens",
                        "14")
                .result();
        assertTrue(continued.matches(" on mat [0-9]\nthe .*"), continued);
        Outcome lacking = Outcome.of(
                "generate",
                "the cat \u00e9\u6f22!",
                "--model",
                folder.resolve("m.gguf").toString(),
                "--max-tokens",
                "1");
        assertEquals(
                "kelvin: the model's vocabulary lacks the characters \"\u00e9\", \"\u6f22\", \"!\"; it reads the text without"
                        + " them",
                lacking.err().lines().findFirst().orElse(""));
        List<String> log = Files.readAllLines(folder.resolve("m.csv"));
        assertEquals(401, log.size());
        assertTrue(log.get(100).matches("100,[0-9.]+,[0-9.]+,0.00[0-9]+,[0-9.]+,[0-9]+"), log.get(100));
        String svg = Files.readString(folder.resolve("m.svg"));
        assertTrue(svg.startsWith("<svg ") && svg.contains("<polyline"), svg);
        assertFalse(svg.contains("NaN"), svg);
        assertFalse(Files.exists(folder.resolve("m.checkpoint")));
    }

    @Test
    void anInterruptedRunGoesOnToTheSameModel() throws Exception {
        String[] recipe = {"--steps", "60", "--dropout", "0.1", "--accumulate", "2", "--tokenizer", "bpe:270"};
        Outcome.of(arguments("whole.gguf", recipe)).result();

        AtomicReference<Outcome> interrupted = new AtomicReference<>();
        Thread run = new Thread(() -> {
            Thread.currentThread().interrupt();
            interrupted.set(Outcome.of(arguments("part.gguf", recipe)));
        });
        run.start();
        run.join();
        Outcome outcome = interrupted.get();
        assertEquals(Main.FAILURE, outcome.exitCode(), outcome::toString);
        assertTrue(outcome.err().contains("stopped after step 1 of 60"), outcome.err());
        assertTrue(outcome.err().contains("--resume"), outcome.err());
        assertTrue(Files.exists(folder.resolve("part.checkpoint")));
        assertFalse(Files.exists(folder.resolve("part.gguf")));

        assertTrue(Outcome.of(arguments("part.gguf", recipe)).failure().contains("go on from it with --resume"));
        List<String> resumed = new ArrayList<>(List.of(recipe));
        resumed.add("--resume");
        resumed.add("--recompute");
        Outcome.of(arguments("part.gguf", resumed.toArray(String[]::new))).result();
        byte[] whole = Files.readAllBytes(folder.resolve("whole.gguf"));
        byte[] part = Files.readAllBytes(folder.resolve("part.gguf"));
        // The names of the models differ, by one letter.
        assertArrayEquals(tail(whole), tail(part));
        assertEquals(61, Files.readAllLines(folder.resolve("part.csv")).size());
    }

    private static byte[] tail(byte[] file) {
        return Arrays.copyOfRange(file, file.length - 20_000, file.length);
    }

    @Test
    void theHelpNamesWhatCanBeTrained() {
        String help = Outcome.of("train", "--help").result();
        assertTrue(help.contains("--arch=" + String.join("|", LanguageModels.trainable())), help);
    }

    @Test
    void trainsGpt2() {
        String result = Outcome.of(arguments("g.gguf", "--arch", "gpt2", "--steps", "20", "--untied"))
                .result();
        assertTrue(result.contains("held-out loss"), result);
        String model = folder.resolve("g.gguf").toString();
        Outcome.of("generate", "--model", model, "--prompt", "the cat", "--max-tokens", "5")
                .result();
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertTrue(Outcome.of(arguments("m.gguf", "--tokenizer", "words"))
                .refusal()
                .contains("--tokenizer is char, or bpe:"));
        assertTrue(Outcome.of(arguments("m.gguf", "--arch", "bert")).refusal().contains("--arch is llama or gpt2"));
        assertTrue(Outcome.of(arguments("m.gguf", "--kv-heads", "3")).refusal().contains("kvHeads 3"));
        assertTrue(Outcome.of(arguments("m.gguf", "--min-lr", "1")).refusal().contains("minLearningRate"));
        String out = folder.resolve("m.gguf").toString();
        assertTrue(Outcome.of("train", "--data", text.toString(), "--out", out, "--context", "99999")
                .failure()
                .contains("too few for a context of 99999"));
    }

    @Test
    void refusesFilesBeforeTheFirstStep() throws IOException {
        Path none = folder.resolve("none");
        Files.createDirectory(folder.resolve("taken"));
        Files.createDirectory(folder.resolve("b.svg"));
        assertTrue(Outcome.of(arguments("taken")).failure().endsWith("taken: is a folder, which cannot be replaced"));
        assertTrue(Outcome.of(arguments("b.gguf")).failure().endsWith("b.svg: is a folder, which cannot be replaced"));
        assertTrue(Outcome.of(arguments("none/m.gguf")).failure().endsWith("m.gguf: there is no folder " + none));
        assertEquals(
                "kelvin: " + folder + ": is a directory, not a text",
                Outcome.of("train", "--data", folder.toString(), "--out", text + ".gguf")
                        .failure());
        String before = Files.readString(text);
        Path csv = Files.copy(text, folder.resolve("words.csv"));
        assertTrue(Outcome.of(arguments("text.txt")).refusal().contains("would write its " + text + " over the text"));
        assertTrue(Outcome.of(
                        "train",
                        "--data",
                        csv.toString(),
                        "--out",
                        folder.resolve("words.gguf").toString())
                .refusal()
                .contains("would write its " + csv + " over the text"));
        assertEquals(before, Files.readString(csv));
    }

    @Test
    void refusesSizesThatNoArrayHolds() {
        for (String[] sizes : new String[][] {
            {"--dim", "100000000"},
            {"--dim", "1073741824", "--arch", "gpt2"},
            {"--ffn-dim", "2000000000"},
            {"--layers", "2000000000"},
            {"--batch", "2000000000"},
            {"--batch", "1000000"}
        }) {
            List<String> all = new ArrayList<>(List.of("train", "--data", text.toString()));
            all.addAll(List.of("--out", folder.resolve("m.gguf").toString(), "--threads", "1"));
            all.addAll(List.of(sizes));
            String failure = Outcome.of(all.toArray(String[]::new)).failure();
            assertTrue(failure.contains("more than an array holds"), failure);
        }
    }

    @Test
    void tellsThatTheHeldOutLossWasNotMeasured() throws IOException {
        Files.writeString(text, Files.readString(text).substring(0, 500));
        String result = Outcome.of(arguments("m.gguf", "--steps", "2")).result();
        assertTrue(
                result.endsWith("m.gguf: held-out loss not measured, for 50 tokens are less than a batch\n"), result);
    }

    @Test
    void tellsTheTime() {
        assertEquals("59 s", TrainingProgress.time(59));
        assertEquals("1 min 1 s", TrainingProgress.time(61));
        assertEquals("2 h 3 min", TrainingProgress.time(2 * 3600 + 3 * 60 + 5));
    }
}
