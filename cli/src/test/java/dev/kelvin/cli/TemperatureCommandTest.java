// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

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
        assertTrue(Outcome.of("temperature").refusal().contains("either --logits, or --model or --prompt"));
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

    @Test
    void showsWhatSamplersLeave() {
        String expected = """
                after top-k=2,temperature=0.5                                 entropy 0.365 nats
                  z0 = 2    0.881    ████████████████████████████████████████████████████
                  z1 = 1    0.119    ███████
                  z2 = 0.1  0
                """;
        assertEquals(
                expected,
                Outcome.of("temperature", "--logits", "2.0,1.0,0.1", "--sampler", "top-k=2,temperature=0.5")
                        .result());
    }

    /** Of 0.659, 0.242, 0.099, min-p 0.2 leaves the first two: 0.901 of all. */
    @Test
    void explainsStageByStage() {
        String expected = """
                  stage            candidates  of all  entropy
                  logits                    3       1    0.847
                  min-p=0.2                 2   0.901    0.582
                  temperature=inf           2   0.901    0.693

                picked cat: probability 0.500, 0.659 before
                draw   0.001635 of seed 12, sequence 0, position 0

                after min-p=0.2,temperature=inf                               entropy 0.693 nats
                  cat  0.500    ████████████████████████████████
                  dog  0.500    ████████████████████████████████
                  eel  0
                """;
        assertEquals(
                expected,
                Outcome.of(
                                "temperature",
                                "--logits",
                                "2.0,1.0,0.1",
                                "--labels",
                                "cat,dog,eel",
                                "--sampler",
                                "min-p=0.2,temperature=inf",
                                "--explain",
                                "--seed",
                                "12")
                        .result());
    }

    @Test
    void explainsAModel() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        String drawn = Outcome.of("temperature", "--model", model, "--prompt", "ab", "--explain", "--top", "15")
                .result();
        assertTrue(drawn.lines().allMatch(line -> Glyphs.columns(line) <= 80), drawn);
        assertTrue(
                drawn.contains("top-k=40") && drawn.contains("temperature=0.8"), "the samplers of generate: " + drawn);
        Object json = Outcome.of(
                        "temperature",
                        "--model",
                        model,
                        "--prompt",
                        "ab",
                        "--explain",
                        "--sampler",
                        "dry=1,penalties=-1:1.5,top-k=3",
                        "--top",
                        "4",
                        "--json")
                .json();
        assertEquals("dry=1:1.75:2:-1,penalties=-1:1.5:0:0,top-k=3", JsonText.at(json, "sampler"));
        assertEquals(16L, JsonText.at(json, "stages", 0, "candidates"));
        assertEquals(3L, JsonText.at(json, "stages", 3, "candidates"));
        assertEquals(0L, JsonText.at(json, "pick", "seed"));
        assertTrue((Double) JsonText.at(json, "candidates", 2, "prob") > 0, "the three left come first");
        assertEquals(0.0, ((Number) JsonText.at(json, "candidates", 3, "prob")).doubleValue());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "top-q=4; no sampler is called 'top-q'",
                "top-k=4:5; 1 value(s) too many",
                "top-k=; '' is not a whole number",
                "top-k; lacks a value",
                "penalties=64; lacks a value",
                "top-p=2; top-p: 2.0 is not in [0, 1]",
                "temperature=cold; 'cold' is not a number",
                "top-k=1,,top-p=1; no sampler is called ''",
                "categorical,top-k=1; comes after the pick",
                "mask=2; 2 is not in the vocabulary [0, 2)",
                "mask=-1; id -1 is negative",
                "logit-bias=9:1; 9 is not in the vocabulary [0, 2)",
                "logit-bias=0:-inf:1:-inf; leaves no candidate"
            })
    void wrongSamplersAreRefused(String spec, String reason) {
        String refusal =
                Outcome.of("temperature", "--logits", "2,1", "--sampler", spec).refusal();
        assertTrue(refusal.contains("--sampler") && refusal.contains(reason), refusal);
    }

    /** What is written of a chain is read back as the same chain, defaults filled in. */
    @Test
    void samplersReadWhatTheyWrite() {
        SamplerSpec spec = new SamplerSpec();
        String all = "temperature=0.8,dynamic-temperature=1:0.5:1,top-k=40,top-p=0.95,min-p=0.05,typical=0.9,"
                + "top-n-sigma=1.5,xtc=0.5:0.1,mirostat=5:0.1,penalties=64:1.1:0:0.25,dry=0.8:1.75:2:-1,"
                + "logit-bias=1:-inf:2:0.5,mask=0:7:9,temperature=inf,greedy,categorical";
        assertEquals(all, SamplerLanguage.text(spec.convert(all)));
        String defaults = "dynamic-temperature=1:0.5,xtc=0.5,mirostat=5,penalties=64:1.1,dry=0.8";
        assertEquals(
                "dynamic-temperature=1:0.5:1,xtc=0.5:0.1,mirostat=5:0.1,penalties=64:1.1:0:0,dry=0.8:1.75:2:-1",
                SamplerLanguage.text(spec.convert(defaults)));
    }

    @Test
    void drawsAPicture() throws Exception {
        Path file = folder.resolve("out.svg");
        Outcome outcome = Outcome.of(
                "temperature", "--logits", "2,1,-inf,0", "--labels", "a<b,\"c\" & d,x,y", "--svg", file.toString());
        assertEquals("", outcome.result());
        String svg = Files.readString(file);
        Element picture = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg)))
                .getDocumentElement();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < picture.getElementsByTagName("text").getLength(); i++) {
            texts.add(picture.getElementsByTagName("text").item(i).getTextContent());
        }
        for (String text :
                List.of("0", "0.2", "0.5", "1", "2", "5", "∞", "a<b", "\"c\" & d", "entropy", "probability")) {
            assertTrue(texts.contains(text), text + " in " + texts);
        }
        // Four probabilities and the entropy. The first begins at 1 and ends at a third; axes from 600 up to 100.
        assertEquals(5, picture.getElementsByTagName("polyline").getLength());
        String first = ((Element) picture.getElementsByTagName("polyline").item(3)).getAttribute("points");
        assertTrue(first.startsWith("120,100 ") && first.endsWith(" 880,433.3"), first);
        String masked = ((Element) picture.getElementsByTagName("polyline").item(0)).getAttribute("points");
        assertTrue(masked.matches("([0-9.]+,600 ?)+"), masked);
    }

    @Test
    void showsOneThingAtATime() {
        String[] common = {"temperature", "--logits", "2,1"};
        refused(common, "--svg", "--svg", "x", "--json");
        refused(common, "--svg", "--svg", "x", "--sampler", "greedy");
        refused(common, "--svg", "--svg", "x", "--temperatures", "1");
        refused(common, "at most 8 curves", "--svg", "x", "--top", "9");
        refused(common, "--temperatures", "--explain", "--temperatures", "1");
        refused(common, "--seed needs --explain", "--seed", "1");
        String failure = Outcome.of(
                        "temperature",
                        "--logits",
                        "2,1",
                        "--svg",
                        folder.resolve("no/out.svg").toString())
                .failure();
        assertTrue(failure.contains("out.svg: there is no folder"), failure);
    }

    private static void refused(String[] common, String reason, String... more) {
        List<String> all = new ArrayList<>(List.of(common));
        all.addAll(List.of(more));
        String refusal = Outcome.of(all.toArray(String[]::new)).refusal();
        assertTrue(refusal.contains(reason), refusal);
    }
}
