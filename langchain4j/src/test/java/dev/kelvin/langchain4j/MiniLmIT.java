// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.Kelvin;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real model, all-MiniLM-L6-v2: its weights come out of the jar that LangChain4j ships for ONNX Runtime, and Kelvin
 * gives the vectors that ONNX Runtime gives. The ratio of their times is printed, and means something where the machine
 * does nothing else: {@code -Dkelvin.quiet=true} says so, takes more rounds, and wants 1.
 */
class MiniLmIT {
    private static final boolean QUIET = Boolean.getBoolean("kelvin.quiet");
    private static final double LEAST_COSINE = 0.9999;
    private static final int TEXTS = QUIET ? 256 : 32;
    private static final int TOKENS = 64;

    @TempDir
    private static Path folder;

    private static Kelvin kelvin;
    private static AllMiniLmL6V2EmbeddingModel onnx;

    @BeforeAll
    static void convert() throws IOException {
        onnx = new AllMiniLmL6V2EmbeddingModel();
        OnnxBert.write(resource("/all-minilm-l6-v2.onnx"), resource("/all-minilm-l6-v2-tokenizer.json"), folder);
        kelvin = Kelvin.open(folder);
    }

    @AfterAll
    static void close() {
        if (kelvin != null) {
            kelvin.close();
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = AllMiniLmL6V2EmbeddingModel.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    @Test
    void givesTheVectorsOfOnnxRuntime() {
        List<String> texts = new ArrayList<>(List.of(
                "a small dog",
                "The quick brown fox jumps over the lazy dog.",
                "Où est la bibliothèque? Ça coûte 12,50 €.",
                "東京 is the capital of Japan",
                "unbelievably, antidisestablishmentarianism!",
                "x"));
        texts.addAll(texts(20, TOKENS));
        List<float[]> mine = kelvin.embed(texts);
        for (int i = 0; i < texts.size(); i++) {
            float[] theirs = onnx.embed(texts.get(i)).content().vector();
            double cosine = cosine(mine.get(i), theirs);
            assertTrue(cosine >= LEAST_COSINE, texts.get(i) + ": " + cosine);
        }
    }

    @Test
    void takesNoLongerThanOnnxRuntime() {
        List<String> texts = texts(TEXTS, TOKENS);
        List<TextSegment> segments = texts.stream().map(TextSegment::from).toList();
        double[] mine = new double[QUIET ? 5 : 1];
        double[] theirs = new double[mine.length];
        for (int round = -1; round < mine.length; round++) {
            long start = System.nanoTime();
            List<float[]> vectors = kelvin.embed(texts);
            long middle = System.nanoTime();
            List<Embedding> others = onnx.embedAll(segments).content();
            long end = System.nanoTime();
            assertEquals(others.size(), vectors.size());
            if (round >= 0) {
                mine[round] = texts.size() / ((middle - start) * 1e-9);
                theirs[round] = texts.size() / ((end - middle) * 1e-9);
            }
        }
        double ratio = median(mine) / median(theirs);
        System.out.printf(
                Locale.ROOT,
                "texts of %d tokens a second: Kelvin %s, ONNX Runtime %s; ratio %.2f%n",
                TOKENS,
                rates(mine),
                rates(theirs),
                ratio);
        if (QUIET) {
            assertTrue(ratio >= 1, "Kelvin embeds " + ratio + " times as fast as ONNX Runtime");
        }
    }

    private static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static String rates(double... rates) {
        return DoubleStream.of(rates)
                .mapToObj(rate -> String.format(Locale.ROOT, "%.0f", rate))
                .collect(Collectors.joining(", "));
    }

    /** Of words that are one token each; two tokens surround every text. */
    private static List<String> texts(int count, int tokens) {
        String[] words = "the a dog house river walks under green stone light music never always seven people water"
                .split(" ", -1);
        Random random = new Random(1);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(random.ints(tokens - 2, 0, words.length)
                    .mapToObj(word -> words[word])
                    .collect(Collectors.joining(" ")));
        }
        return texts;
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }
}
