// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vectors of texts against those of llama.cpp: {@code shared/data/architectures}. */
class EmbedderTest {
    private static final double TOLERANCE = 1e-4;

    @ParameterizedTest
    @ValueSource(strings = {"bert-mean", "bert-cls", "nomic-bert", "qwen3-embedding", "gemma-embedding", "modern-bert"})
    void aVectorIsThatOfTheReferenceAndTheSameInCompany(String name) throws IOException {
        List<String> lines = Files.readAllLines(SharedData.require("architectures/" + name + ".tsv"));
        int[] ids = Stream.of(lines.getFirst().substring("#ids ".length()).split(",", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
        String[] pooled = lines.getLast().substring("#pooled ".length()).split("\t", -1);
        try (Compute compute = Compute.start(2);
                GgufFile file = GgufFile.open(SharedData.require("architectures/" + name + ".gguf"))) {
            Decoder model = LanguageModels.load(file, compute);
            Embedder embedder = new Embedder(model, model.plan().pooling());
            HeapTensor alone = embedder.embed(List.of(ids));
            assertEquals(pooled.length, alone.columns());
            for (int i = 0; i < pooled.length; i++) {
                assertEquals(Double.parseDouble(pooled[i]), alone.data()[alone.offset() + i], TOLERANCE, name);
            }
            HeapTensor together = embedder.embed(List.of(Arrays.copyOf(ids, 5), ids, Arrays.copyOf(ids, 17)));
            float[] row = Arrays.copyOfRange(
                    together.data(), together.offset() + alone.columns(), together.offset() + 2 * alone.columns());
            assertArrayEquals(Arrays.copyOf(alone.data(), alone.columns()), row, name);
        }
    }

    @Test
    void refusesWhatMakesNoVector() throws IOException {
        try (Compute compute = Compute.start(1);
                GgufFile file = GgufFile.open(SharedData.require("architectures/bert-mean.gguf"))) {
            Decoder model = LanguageModels.load(file, compute);
            assertThrows(IllegalArgumentException.class, () -> new Embedder(model, Pooling.NONE));
            Embedder embedder = new Embedder(model, Pooling.MEAN);
            assertThrows(IllegalArgumentException.class, () -> embedder.embed(List.of(new int[0])));
            assertThrows(IllegalArgumentException.class, () -> embedder.embed(List.of(new int[1000])));
        }
    }
}
