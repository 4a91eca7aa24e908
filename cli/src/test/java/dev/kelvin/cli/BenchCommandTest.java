// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
    @TempDir
    Path folder;

    @Test
    void writesEveryMeasurement() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        Object json = Outcome.of(
                        "bench",
                        "--model",
                        model,
                        "--prompt-tokens",
                        "7",
                        "--generate-tokens",
                        "5",
                        "--threads",
                        "1,2",
                        "--repeats",
                        "4",
                        "--json")
                .json();
        assertEquals(7L, JsonText.at(json, "promptTokens"));
        assertEquals(5L, JsonText.at(json, "generateTokens"));
        assertEquals(2, JsonText.list(json, "runs").size());
        for (int run = 0; run < 2; run++) {
            assertEquals(run + 1L, JsonText.at(json, "runs", run, "threads"));
            for (String kind : List.of("prompt", "generation")) {
                List<?> ascending = JsonText.list(json, "runs", run, kind + "Measurements");
                assertEquals(4, ascending.size());
                double median = ((Double) ascending.get(1) + (Double) ascending.get(2)) / 2;
                assertEquals(median, (Double) JsonText.at(json, "runs", run, kind + "TokensPerSecond"), 1e-9 * median);
                assertTrue((Double) ascending.get(0) > 0 && (Double) ascending.get(0) <= (Double) ascending.get(3));
            }
            assertTrue((Double) JsonText.at(json, "runs", run, "readBytesPerSecond") > 1e8);
            assertTrue((Double) JsonText.at(json, "runs", run, "fmaPeakFlops") > 1e8);
        }
    }

    @Test
    void printsARowAKind() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        List<String> lines = Outcome.of(
                        "bench",
                        "--model",
                        model,
                        "--prompt-tokens",
                        "4",
                        "--generate-tokens",
                        "4",
                        "--threads",
                        "1",
                        "--repeats",
                        "1")
                .result()
                .lines()
                .toList();
        assertEquals(5, lines.size());
        assertTrue(lines.get(1).startsWith("  first prompt"), lines.get(1));
        assertTrue(lines.get(2).matches("  prompt +1 .*GFLOP/s.*%"), lines.get(2));
        assertTrue(lines.get(3).matches("  generation +1 .*GB/s.*%"), lines.get(3));
    }

    /** The model is its own draft, so every guess is right. */
    @Test
    void answersThatAreGuessedHaveARow() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        String[] args = {
            "bench",
            "--model",
            model,
            "--draft",
            model,
            "--prompt-tokens",
            "4",
            "--generate-tokens",
            "20",
            "--threads",
            "1",
            "--repeats",
            "2"
        };
        List<String> lines = Outcome.of(args).result().lines().toList();
        assertTrue(lines.get(4).matches("  guessed, 100% right +1 +[0-9.]+ .*"), lines.get(4));
        String[] asJson = Arrays.copyOf(args, args.length + 1);
        asJson[args.length] = "--json";
        Object json = Outcome.of(asJson).json();
        assertEquals(2, JsonText.list(json, "runs", 0, "guessingMeasurements").size());
        assertTrue((Double) JsonText.at(json, "runs", 0, "guessingTokensPerSecond") > 0);
        assertTrue((Long) JsonText.at(json, "runs", 0, "guessedTokens") > 10);
        assertEquals((Long) JsonText.at(json, "runs", 0, "guessedTokens"), (Long)
                JsonText.at(json, "runs", 0, "rightTokens"));
    }

    @Test
    void refusesMoreTokensThanTheContext() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        String tooMany = Integer.toString(TinyModel.CONTEXT_LENGTH + 1);
        assertTrue(Outcome.of("bench", "--model", model, "--prompt-tokens", tooMany)
                .refusal()
                .contains("context of " + TinyModel.CONTEXT_LENGTH));
    }

    @Test
    void generatesTogetherAtADepth() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        Object json = Outcome.of(
                        "bench",
                        "--model",
                        model,
                        "--prompt-tokens",
                        "4",
                        "--depth",
                        "3",
                        "--generate-tokens",
                        "4",
                        "--threads",
                        "1",
                        "--repeats",
                        "1",
                        "--sequences",
                        "1,3",
                        "--json")
                .json();
        assertEquals(3L, JsonText.at(json, "depth"));
        assertEquals(2, JsonText.list(json, "runs", 0, "generations").size());
        assertEquals(3L, JsonText.at(json, "runs", 0, "generations", 1, "sequences"));
        assertTrue((Double) JsonText.at(json, "runs", 0, "generations", 1, "tokensPerSecond") > 0);
        assertEquals(
                JsonText.at(json, "runs", 0, "generationTokensPerSecond"),
                JsonText.at(json, "runs", 0, "generations", 0, "tokensPerSecond"));
    }

    @Test
    void theModelThatComesWithTheProgramIsTheDefault() {
        String shown = Outcome.of("bench", "--prompt-tokens", "4", "--generate-tokens", "2", "--repeats", "1")
                .result();
        assertTrue(shown.contains("generation"), shown);
    }
}
