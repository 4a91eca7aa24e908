// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.OutputDistribution;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerplexityCommandTest {
    @TempDir
    Path folder;

    private String model;
    private String text;

    @BeforeEach
    void write() throws IOException {
        model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        text = Files.writeString(folder.resolve("text.txt"), " ab a b".repeat(20))
                .toString();
    }

    private Object json(String... more) {
        List<String> args = new ArrayList<>(List.of("perplexity", "--model", model, "--text", text, "--json"));
        args.addAll(List.of(more));
        return Outcome.of(args.toArray(String[]::new)).json();
    }

    /** By the logits of each window, one after the other: BOS first, and the second half scored. */
    @Test
    void perplexityIsThatOfTheLogits() throws IOException {
        String[] ids = Outcome.of("tokenize", "--model", model, Files.readString(Path.of(text)))
                .result()
                .strip()
                .split(" ", -1);
        double sum = 0;
        int scored = 0;
        for (int window = 0; window < 2; window++) {
            List<String> sequence = new ArrayList<>(List.of("1"));
            sequence.addAll(List.of(ids).subList(window * 10, window * 10 + 10));
            Object logits = Outcome.of(
                            "logits",
                            "--model",
                            model,
                            "--ids",
                            sequence.stream().collect(Collectors.joining(",")),
                            "--json")
                    .json();
            for (int position = 5; position < 10; position++) {
                List<?> row = JsonText.list(logits, "positions", position, "logits");
                double logSumExp = (Double) JsonText.at(logits, "positions", position, "logSumExp");
                sum += logSumExp - (Double) row.get(Integer.parseInt(sequence.get(position + 1)));
                scored++;
            }
        }
        Object json = json("--context", "11", "--windows", "2");
        assertEquals((long) scored, JsonText.at(json, "tokens"));
        assertEquals(2L, JsonText.at(json, "windows"));
        assertEquals(Math.exp(sum / scored), (Double) JsonText.at(json, "perplexity"), 1e-5);
    }

    @Test
    void aModelDoesNotDivergeFromItselfAndFromItsRoundedFormALittle() {
        Object same = json("--base", model);
        assertEquals(0.0, (Double) JsonText.at(same, "divergence"), 1e-12);
        assertEquals(0.0, (Double) JsonText.at(same, "divergenceMax"), 1e-12);
        assertEquals(1.0, (Double) JsonText.at(same, "sameFirst"));
        assertEquals(JsonText.at(same, "perplexity"), JsonText.at(same, "basePerplexity"));
        String full = model;
        model = folder.resolve("bf16.gguf").toString();
        Outcome.of("quantize", full, model, "--type", "BF16").result();
        Object rounded = json("--base", full);
        double mean = (Double) JsonText.at(rounded, "divergence");
        double median = (Double) JsonText.at(rounded, "divergenceMedian");
        double most = (Double) JsonText.at(rounded, "divergenceMax");
        assertTrue(mean > 1e-8 && mean < 1e-2, "divergence " + mean);
        assertTrue(median > 0 && median <= (Double) JsonText.at(rounded, "divergence99"), "median " + median);
        assertTrue(most >= (Double) JsonText.at(rounded, "divergence99"), "largest " + most);
        assertTrue((Double) JsonText.at(rounded, "divergenceStandardError") > 0);
    }

    private static OutputDistribution distribution(float... logits) {
        try (Compute compute = Compute.start(1)) {
            return OutputDistribution.of(compute, HeapTensor.of(logits, 1, logits.length));
        }
    }

    /** p = (1/2, 1/4, 1/4), q = (1/4, 1/2, 1/4): Σ p·ln(p/q) = ½·ln 2 − ¼·ln 2. */
    @Test
    void divergenceOfThreeCandidates() {
        float ln2 = (float) Math.log(2);
        OutputDistribution p = distribution(2 * ln2, ln2, ln2);
        OutputDistribution q = distribution(7, 7 + ln2, 7);
        assertEquals(Math.log(8), p.logSumExp(), 1e-6);
        assertEquals(Math.log(0.25), q.logProb(2), 1e-6);
        assertEquals(0.25 * Math.log(2), p.divergence(q), 1e-6);
        assertEquals(0, p.first());
        assertEquals(1, q.first());
    }

    /** A candidate that is masked in both has no part in it; one that only the other masks is infinitely far. */
    @Test
    void divergenceOfMaskedCandidates() {
        float masked = Float.NEGATIVE_INFINITY;
        OutputDistribution p = distribution(1, 1, masked);
        OutputDistribution q = distribution(3, masked, masked);
        assertEquals(0, p.divergence(p), 1e-15);
        assertEquals(Double.POSITIVE_INFINITY, p.divergence(q));
        assertEquals(Math.log(2), q.divergence(p), 1e-15);
    }

    /** A NaN is not a perplexity: the run fails, as one of another command does, for the model and for the base. */
    @Test
    void logitsWithoutADistributionAreAFailure() throws IOException {
        String sound = model;
        String broken = TinyModel.write(folder.resolve("nan.gguf"), Float.NaN).toString();
        for (List<String> models : List.of(List.of(broken, sound), List.of(sound, broken))) {
            String message = Outcome.of(
                            "perplexity", "--text", text, "--json", "--model", models.get(0), "--base", models.get(1))
                    .failure();
            assertTrue(message.contains("tensor output.weight: ") && message.contains("found NaN in row 15"), message);
        }
    }

    @Test
    void printsWhatItMeasured() {
        String alone = Outcome.of("perplexity", "--model", model, "--text", text, "--threads", "1")
                .result();
        assertTrue(
                alone.matches("(?s) +tokens scored +[0-9]+ +in windows: [0-9]+\\n +perplexity +[0-9.]+ +± .*"), alone);
        assertTrue(!alone.contains("divergence"), alone);
        String both = Outcome.of("perplexity", "--model", model, "--text", text, "--base", model)
                .result();
        assertTrue(both.contains("divergence, nats"), both);
        assertTrue(both.matches("(?s).*same first token +100\\.00%.*"), both);
    }

    @Test
    void refusesWhatCannotBeScored() throws IOException {
        String little = Files.writeString(folder.resolve("little.txt"), "ab").toString();
        assertTrue(Outcome.of("perplexity", "--model", model, "--text", little)
                .refusal()
                .contains("do not fill one window of 31"));
        assertTrue(Outcome.of("perplexity", "--model", model, "--text", text, "--context", "33")
                .refusal()
                .contains("context of 32"));
        assertTrue(Outcome.of("perplexity", "--model", model, "--text", text, "--context", "3")
                .refusal()
                .contains("too few"));
        Path bytes = Files.write(folder.resolve("bytes.txt"), new byte[] {(byte) 0xff, 'a'});
        assertTrue(Outcome.of("perplexity", "--model", model, "--text", bytes.toString())
                .failure()
                .contains("bytes.txt: is not UTF-8"));
    }

    @Test
    void namesATextThatIsNone() throws IOException {
        assertEquals(
                "kelvin: " + folder + ": is a directory, not a text",
                Outcome.of("perplexity", "--model", model, "--text", folder.toString())
                        .failure());
        assertEquals(
                "kelvin: " + model + ": is not UTF-8 text",
                Outcome.of("perplexity", "--model", model, "--text", model).failure());
    }
}
