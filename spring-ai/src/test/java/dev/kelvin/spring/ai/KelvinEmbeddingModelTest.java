// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.generate.Embedder;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.retry.NonTransientAiException;

/** Vectors are those of {@code kelvin embed}, bit for bit. */
class KelvinEmbeddingModelTest {
    private static final List<String> TEXTS =
            List.of("a small dog", "a puppy", "The weather in Oslo is clear and cold today.");

    @TempDir
    static Path folder;

    private static Path file;
    private static Kelvin kelvin;
    private static KelvinEmbeddingModel model;

    @BeforeAll
    static void open() throws IOException {
        file = TestModels.writeTiny(folder.resolve("tiny.gguf"));
        kelvin = TestModels.open(file);
        model = KelvinEmbeddingModel.builder(kelvin).build();
    }

    @AfterAll
    static void close() {
        kelvin.close();
    }

    /** As the command computes it: all texts at once. */
    private static List<float[]> expected() throws IOException {
        try (OpenModel open = OpenModel.of(GgufFile.open(file), Compute.start(1), LoadOptions.QUIET)) {
            List<int[]> ids = new ArrayList<>();
            for (String text : TEXTS) {
                ids.add(open.tokenizer().surround(open.tokenizer().encode(text)));
            }
            HeapTensor rows = new Embedder(open.model(), open.model().plan().pooling()).embed(ids);
            List<float[]> vectors = new ArrayList<>();
            for (int row = 0; row < rows.rows(); row++) {
                int begin = rows.offset() + row * rows.columns();
                vectors.add(Arrays.copyOfRange(rows.data(), begin, begin + rows.columns()));
            }
            return vectors;
        }
    }

    @Test
    void vectorsAreThoseOfTheCommand() throws IOException {
        List<float[]> expected = expected();
        List<float[]> vectors = model.embed(TEXTS);
        for (int i = 0; i < TEXTS.size(); i++) {
            assertArrayEquals(expected.get(i), vectors.get(i), TEXTS.get(i));
            assertArrayEquals(expected.get(i), model.embed(TEXTS.get(i)), TEXTS.get(i));
            assertArrayEquals(expected.get(i), model.embed(new Document(TEXTS.get(i))), TEXTS.get(i));
            assertEquals(model.dimensions(), vectors.get(i).length);
        }
    }

    @Test
    void manyCallersGetTheirOwn() throws IOException {
        List<float[]> expected = expected();
        List<CompletableFuture<float[]>> all = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < 32; i++) {
                String text = TEXTS.get(i % TEXTS.size());
                all.add(CompletableFuture.supplyAsync(() -> model.embed(text), callers));
            }
        }
        for (int i = 0; i < all.size(); i++) {
            assertArrayEquals(expected.get(i % TEXTS.size()), all.get(i).join(), "caller " + i);
        }
    }

    @Test
    void aResponseTellsModelIndexAndTokens() {
        EmbeddingResponse response = model.embedForResponse(TEXTS);
        assertEquals("tiny", response.getMetadata().getModel());
        int tokens = TEXTS.stream()
                .mapToInt(text -> kelvin.tokenizer().surround(kelvin.tokenizer().encode(text)).length)
                .sum();
        assertEquals(tokens, response.getMetadata().getUsage().getPromptTokens());
        for (int i = 0; i < TEXTS.size(); i++) {
            assertEquals(i, response.getResults().get(i).getIndex());
        }
        assertTrue(model.embed(List.<String>of()).isEmpty());
        KelvinEmbeddingModel named =
                KelvinEmbeddingModel.builder(kelvin).name("mine").build();
        assertEquals("mine", named.embedForResponse(TEXTS).getMetadata().getModel());
    }

    @Test
    void whatIsNotDoneIsRefused() throws IOException {
        int dim = model.dimensions();
        for (EmbeddingOptions wrong : List.of(
                EmbeddingOptions.builder().dimensions(dim - 1).build(),
                EmbeddingOptions.builder().model("ada").build())) {
            assertThrows(NonTransientAiException.class, () -> model.call(new EmbeddingRequest(TEXTS, wrong)));
        }
        EmbeddingOptions right =
                EmbeddingOptions.builder().dimensions(dim).model("tiny").build();
        assertEquals(
                3, model.call(new EmbeddingRequest(TEXTS, right)).getResults().size());
        assertThrows(NonTransientAiException.class, () -> model.embed("a word ".repeat(5000)));
        try (Kelvin stories = TestModels.open(TestModels.stories())) {
            assertThrows(IllegalArgumentException.class, () -> KelvinEmbeddingModel.builder(stories)
                    .build());
        }
    }
}
