// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

    /** Matrices that a text's vector goes through, as EmbeddingGemma has them: between pooling and division. */
    @Test
    void aVectorGoesThroughTheMapsOfItsModel(@TempDir Path folder) throws IOException {
        int[] ids = {2, 9, 17, 5, 33, 8};
        int dim = 48;
        int wide = 20;
        SplittableRandom random = new SplittableRandom(1);
        float[] second = floats(random, wide * dim);
        float[] third = floats(random, dim * wide);
        Path mapped = folder.resolve("mapped.gguf");
        try (Compute compute = Compute.start(2);
                GgufFile file = GgufFile.open(SharedData.require("architectures/gemma-embedding.gguf"))) {
            GgufWriter writer = new GgufWriter()
                    .metadataOf(file, Set.of())
                    .metadata("gemma-embedding.dense_2_feat_in", dim)
                    .metadata("gemma-embedding.dense_2_feat_out", wide)
                    .metadata("gemma-embedding.dense_3_feat_in", wide)
                    .metadata("gemma-embedding.dense_3_feat_out", dim)
                    .tensor("dense_2.weight", HeapTensor.of(second, wide, dim))
                    .tensor("dense_3.weight", HeapTensor.of(third, dim, wide));
            for (TensorInfo info : file.tensors()) {
                writer.tensor(info.name(), file.tensor(info.name()).toHeap());
            }
            writer.write(mapped);
            float[] plain = embed(LanguageModels.load(file, compute), ids);
            double[] expected = unit(times(third, times(second, plain)));
            try (GgufFile other = GgufFile.open(mapped)) {
                float[] vector = embed(LanguageModels.load(other, compute), ids);
                assertEquals(dim, vector.length);
                for (int i = 0; i < dim; i++) {
                    assertEquals(expected[i], vector[i], 1e-5);
                }
            }
        }
    }

    private static float[] floats(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    private static float[] embed(Decoder model, int[] ids) {
        Embedder embedder = new Embedder(model, model.plan().pooling());
        HeapTensor vector = embedder.embed(List.of(ids));
        assertEquals(embedder.dim(), vector.columns());
        return Arrays.copyOfRange(vector.data(), vector.offset(), vector.offset() + vector.columns());
    }

    /** W·x; the length of x does not matter in the end, as maps are linear. */
    private static float[] times(float[] w, float[] x) {
        float[] y = new float[w.length / x.length];
        for (int row = 0; row < y.length; row++) {
            double sum = 0;
            for (int i = 0; i < x.length; i++) {
                sum += (double) w[row * x.length + i] * x[i];
            }
            y[row] = (float) sum;
        }
        return y;
    }

    private static double[] unit(float[] x) {
        double squares = 0;
        for (float value : x) {
            squares += (double) value * value;
        }
        double[] unit = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            unit[i] = x[i] / Math.sqrt(squares);
        }
        return unit;
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

    @Test
    void manyTextsOfSeveralBatchesAreThoseOfOneEach() throws IOException {
        try (Kelvin encoder = Kelvin.open(SharedData.require("architectures/bert-mean.gguf"))) {
            List<String> texts = IntStream.range(0, 150)
                    .mapToObj(i -> "a small dog ".repeat(1 + i % 5) + i)
                    .toList();
            List<float[]> together = encoder.embed(texts);
            assertEquals(texts.size(), together.size());
            for (int i = 0; i < texts.size(); i++) {
                assertArrayEquals(encoder.embed(texts.get(i)), together.get(i), texts.get(i));
            }
            assertEquals(List.of(), encoder.embed(List.of()));
        }
    }
}
