// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tiny random models of each architecture against logits, or hidden rows of encoders, that llama.cpp computed, within
 * the tolerance that stands beside them: {@code shared/data/architectures/README.md}.
 */
class ArchitecturesTest {
    /** The context that the reference had. */
    private static final LoadOptions OPTIONS = LoadOptions.QUIET.withContextLength(256);

    private static final int NAME_COLUMN = 1;
    private static final int TOLERANCE_COLUMN = 9;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qwen2",
                "qwen3",
                "llama-linear",
                "llama-yarn",
                "llama-rope-freqs",
                "gemma2",
                "gemma3",
                "phi3-long",
                "phi3-short",
                "mistral3",
                "granite",
                "smollm3",
                "olmo2",
                "olmo2-swa",
                "starcoder2",
                "llama-moe",
                "qwen2moe",
                "qwen3moe",
                "gpt-oss",
                "gpt-oss-mxfp4",
                "lfm2",
                "lfm2moe",
                "qwen35",
                "qwen35moe",
                "mamba2",
                "granitehybrid"
            })
    void logitsAgreeWithTheReference(String name) throws IOException {
        Reference reference = Reference.of(name);
        try (Compute compute = Compute.start(2);
                GgufFile file = GgufFile.open(reference.model)) {
            Decoder model = LanguageModels.load(file, compute, OPTIONS);
            reference.check(Forwards.logits(model, reference.ids));
            HeapTensor hidden = Forwards.hidden(model, reference.ids, reference.ids.length);
            Forwards.assertSameBits(hidden, Forwards.hidden(model, reference.ids, 1), name + " token by token");
            Forwards.assertSameBits(hidden, Forwards.hidden(model, reference.ids, 7), name + " in pieces of 7");
            Forwards.assertCompanyAndCopiesChangeNothing(model, reference.ids, hidden);
            try (Compute serial = Compute.serial()) {
                Decoder same = LanguageModels.load(file, serial, OPTIONS);
                HeapTensor alone = Forwards.hidden(same, reference.ids, reference.ids.length);
                Forwards.assertSameBits(hidden, alone, name + " on one thread");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert-mean", "bert-cls", "nomic-bert", "qwen3-embedding", "gemma-embedding", "modern-bert"})
    void hiddenRowsAgreeWithTheReference(String name) throws IOException {
        Reference reference = Reference.of(name);
        try (Compute compute = Compute.start(2);
                GgufFile file = GgufFile.open(reference.model)) {
            Decoder model = LanguageModels.load(file, compute, OPTIONS);
            reference.check(Forwards.hidden(model, reference.ids, reference.ids.length));
        }
    }

    /** What is known of a model. */
    private record Reference(String name, Path model, int[] ids, List<String> rows, double tolerance) {
        static Reference of(String name) throws IOException {
            List<String> lines = Files.readAllLines(SharedData.require("architectures/" + name + ".tsv"));
            int[] ids = Stream.of(lines.getFirst().substring("#ids ".length()).split(",", -1))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            Path model = SharedData.require("architectures/" + name + ".gguf");
            return new Reference(name, model, ids, lines.subList(1, 1 + ids.length), toleranceOf(name));
        }

        void check(HeapTensor actual) {
            double worst = 0;
            for (int t = 0; t < ids.length; t++) {
                String[] expected = rows.get(t).split("\t", -1);
                for (int v = 0; v < expected.length; v++) {
                    double error = Math.abs(actual.data()[t * expected.length + v] - Double.parseDouble(expected[v]));
                    worst = error <= worst ? worst : error;
                }
            }
            System.out.printf("%s: worst error %.2e, tolerance %.0e%n", name, worst, tolerance);
            assertTrue(worst <= tolerance, name + ": error " + worst + ", tolerance " + tolerance);
        }
    }

    private static double toleranceOf(String name) throws IOException {
        for (String line : Files.readAllLines(SharedData.require("architectures/README.md"))) {
            String[] cells = line.split("\\|", -1);
            if (cells.length > TOLERANCE_COLUMN && cells[NAME_COLUMN].strip().equals(name)) {
                return Double.parseDouble(cells[TOLERANCE_COLUMN].strip());
            }
        }
        throw new AssertionError("no tolerance of " + name);
    }
}
