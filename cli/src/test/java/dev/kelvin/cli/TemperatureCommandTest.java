// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemperatureCommandTest {
    @TempDir
    Path folder;

    /** The probabilities 0.659, 0.242, 0.099 are the textbook's softmax of 2.0, 1.0, 0.1. */
    @Test
    void drawsTheDistribution() {
        String expected = """
                τ = 1                                                         entropy 0.847 nats
                  cat  0.659    ██████████████████████████████████████████▏
                  dog  0.242    ███████████████▌
                  eel  0.099    ██████▎
                """;
        assertEquals(
                expected,
                Outcome.of("temperature", "--logits", "2.0,1.0,0.1", "--labels", "cat,dog,eel", "--temperatures", "1")
                        .result());
    }

    @Test
    void drawsInAsciiWhereTheTerminalKnowsNothingElse() {
        String drawn = Outcome.on(
                        false, false, "temperature", "--logits", "1,0", "--labels", "é,b", "--temperatures", "0,1,inf")
                .result();
        assertTrue(drawn.chars().allMatch(c -> c < 0x7f), drawn);
        assertTrue(drawn.contains("tau = inf"), drawn);
        assertTrue(drawn.contains("\\u{e9}"), drawn);
        assertTrue(drawn.contains("  b       0.269    #"), drawn);
    }

    @Test
    void marksTheLimits() {
        String drawn = Outcome.of("temperature", "--logits", "3,3,1,-inf", "--temperatures", "0,inf")
                .result();
        List<String> lines = drawn.lines().toList();
        assertTrue(lines.get(0).startsWith("τ = 0  the limit: equal shares for the 2 largest logits"), drawn);
        assertTrue(lines.get(0).endsWith("entropy 0.693 nats"), drawn);
        assertTrue(lines.get(1).startsWith("  z0 = 3     0.500 "), drawn);
        assertEquals("  z2 = 1     0", lines.get(3));
        assertTrue(lines.get(6).startsWith("τ = ∞  the limit: equal shares for all 3 candidates"), drawn);
        assertEquals("  z3 = -inf  0", lines.get(10));
    }

    @Test
    void keepsToEightyColumnsAndToOneLineARow() {
        String drawn = Outcome.of(
                        "temperature",
                        "--logits",
                        "5,4,3",
                        "--labels",
                        "x".repeat(200) + ",\u001b[2J\r\n\u202e,日本語" + "日".repeat(60))
                .result();
        List<String> lines = drawn.lines().toList();
        assertEquals(7 * 4 + 6, lines.size());
        for (String line : lines) {
            assertTrue(Glyphs.columns(line) <= 80, line);
            assertTrue(line.chars().noneMatch(c -> c < ' ' || c == 0x202e), line);
        }
        assertTrue(drawn.contains("xxx…"), drawn);
        assertTrue(drawn.contains("\\u{1b}[2J\\r\\n\\u{202e}"), drawn);
    }

    @Test
    void jsonTellsEverything() {
        Object json = Outcome.of("temperature", "--logits", "2,1,-inf", "--temperatures", "0,0.2,inf", "--json")
                .json();
        assertEquals("-inf", JsonText.at(json, "candidates", 2, "logit"));
        assertEquals(0.0, JsonText.at(json, "temperatures", 0, "temperature"));
        assertEquals(0.2, JsonText.at(json, "temperatures", 1, "temperature"));
        assertEquals("inf", JsonText.at(json, "temperatures", 2, "temperature"));
        assertEquals(List.of(1.0, 0.0, 0.0), JsonText.at(json, "temperatures", 0, "probs"));
        assertEquals(List.of(0.5, 0.5, 0.0), JsonText.at(json, "temperatures", 2, "probs"));
        assertEquals(Math.log(2), (Double) JsonText.at(json, "temperatures", 2, "entropyNats"), 1e-7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"inf", "Infinity", "∞", "+inf"})
    void infinityHasManyNames(String infinity) {
        Object json = Outcome.of("temperature", "--logits", "2,1", "--temperatures", infinity, "--json")
                .json();
        assertEquals("inf", JsonText.at(json, "temperatures", 0, "temperature"));
        assertEquals(List.of(0.5, 0.5), JsonText.at(json, "temperatures", 0, "probs"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1,nan,2; NaN at index 1",
                "1,2,inf; +inf at index 2",
                "-inf,-inf; no candidate is left",
                "1,,2; '' is not a number",
                "1,two; 'two' is not a number"
            })
    void wrongLogitsAreRefused(String logits, String reason) {
        String refusal = Outcome.of("temperature", "--logits", logits).refusal();
        assertTrue(refusal.contains(reason), refusal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nan", "-1", "-inf", "", "1,-0.5", "cold"})
    void wrongTemperaturesAreRefused(String temperatures) {
        String refusal = Outcome.of("temperature", "--logits", "2,1", "--temperatures", temperatures)
                .refusal();
        assertTrue(refusal.contains("--temperatures"), refusal);
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefused() {
        assertTrue(Outcome.of("temperature").refusal().contains("either --logits or --model"));
        assertTrue(Outcome.of("temperature", "--logits", "1", "--model", "x")
                .refusal()
                .contains("either"));
        assertTrue(Outcome.of("temperature", "--logits", "1", "--prompt", "x")
                .refusal()
                .contains("--prompt"));
        assertTrue(Outcome.of("temperature", "--model", "x", "--labels", "x")
                .refusal()
                .contains("--labels"));
        assertTrue(Outcome.of("temperature", "--logits", "1,2", "--labels", "x")
                .refusal()
                .contains("1 names for 2"));
    }

    @Test
    void negativeAndMaskedLogitsMayComeFirst() {
        assertTrue(Outcome.of("temperature", "--logits", "-1.5,2").result().contains("z0 = -1.5"));
        assertTrue(Outcome.of("temperature", "--logits", "-inf,2").result().contains("z0 = -inf"));
    }

    @Test
    void topSortsAndSumsTheOthers() {
        Object json = Outcome.of("temperature", "--logits", "0,3,1,3", "--top", "2", "--temperatures", "inf", "--json")
                .json();
        assertEquals(1L, JsonText.at(json, "candidates", 0, "id"));
        assertEquals(3L, JsonText.at(json, "candidates", 1, "id"));
        assertEquals(0.5, JsonText.at(json, "temperatures", 0, "other"));
    }

    @Test
    void topKeepsTheLowerIdAmongEquals() {
        try (Compute compute = Compute.serial()) {
            TemperatureSweep sweep =
                    TemperatureSweep.of(new float[] {1, 5, Float.NEGATIVE_INFINITY, 5, 7, 1}, new float[] {1}, compute);
            assertArrayEquals(new int[] {4, 1, 3, 0, 5, 2}, sweep.top(10));
            assertArrayEquals(new int[] {4, 1}, sweep.top(2));
        }
    }

    @Test
    void showsTheTokensOfAModel() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        String drawn = Outcome.of("temperature", "--model", model, "--prompt", "ab", "--top", "15")
                .result();
        assertTrue(drawn.lines().allMatch(line -> Glyphs.columns(line) <= 80), drawn);
        assertTrue(drawn.chars().noneMatch(c -> c < ' ' && c != '\n'), drawn);
        assertEquals(
                7, drawn.lines().filter(line -> line.startsWith("  other ")).count(), drawn);
        assertFalse(drawn.contains("\u202e"), drawn);

        Object json = Outcome.of("temperature", "--model", model, "--top", "16", "--temperatures", "1", "--json")
                .json();
        assertEquals(List.of(1L), JsonText.at(json, "promptIds"), "an empty prompt starts from BOS");
        assertEquals(16L, JsonText.at(json, "vocabSize"));
        double previous = Double.POSITIVE_INFINITY;
        double sum = 0;
        for (Object probability : JsonText.list(json, "temperatures", 0, "probs")) {
            assertTrue((Double) probability <= previous, "the most probable come first");
            previous = (Double) probability;
            sum += previous;
        }
        assertEquals(1, sum, 1e-6);
        assertTrue(
                JsonText.list(json, "candidates").stream()
                        .anyMatch(c -> JsonText.at(c, "label").equals(TinyModel.CLEAR_SCREEN)),
                "JSON gives the token's text itself");
    }
}
