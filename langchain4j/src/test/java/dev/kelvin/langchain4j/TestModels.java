// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.format.GgufWriter;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.model.DecoderShape;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.BpeTrainer;
import dev.kelvin.train.Recipe;
import dev.kelvin.train.TokenData;
import dev.kelvin.train.TokenizedText;
import dev.kelvin.train.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * The models that the tests talk with. The one that writes is trained here on {@link Dialogs}, always to the same bits,
 * and kept in {@code target} under a name that changes with what it is made of.
 */
final class TestModels {
    static final String NAME = "knows-the-tests";

    private static final int VOCABULARY = 1024;
    private static final int CONTEXT = 256;
    private static final int ROUNDS = 16;
    private static final Recipe RECIPE = new Recipe(4, 1, 420, 3e-3, 1e-5, 20, 0.9, 0.98, 0.01, 1, 0, 23);

    /** The trained model, open for all tests of this JVM. */
    private static Kelvin chat;

    private TestModels() {}

    /** A model that knows the dialogs by heart. */
    static synchronized Kelvin chat() {
        if (chat == null) {
            try {
                chat = Kelvin.open(trained());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return chat;
    }

    /** The file of the trained model. */
    static synchronized Path trained() {
        String corpus = corpus();
        String key = Integer.toHexString((corpus + RECIPE + VOCABULARY + Dialog.TEMPLATE).hashCode());
        Path path = Path.of("target", "knows-the-tests-" + key + ".gguf");
        if (!Files.exists(path)) {
            try {
                Files.createDirectories(path.getParent());
                train(corpus, path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return path;
    }

    /** All dialogs again and again, each time in another order, so that none depends on what comes before. */
    private static String corpus() {
        StringBuilder corpus = new StringBuilder();
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < ROUNDS; round++) {
            List<String> texts = new ArrayList<>(Dialogs.texts());
            texts.addAll(Dialogs.dates(random, 3));
            Collections.shuffle(texts, new Random(round));
            for (String text : texts) {
                corpus.append(TokenizedText.SEPARATOR).append(text);
            }
        }
        return corpus.toString();
    }

    private static void train(String corpus, Path path) throws IOException {
        TokenizedText text = TokenizedText.bytePairs(corpus, VOCABULARY);
        int vocabSize = text.vocabulary().pieces().length;
        DecoderShape shape = new DecoderShape("llama", vocabSize, CONTEXT, 128, 384, 4, 4, 2, true);
        try (Compute compute = Compute.start(Runtime.getRuntime().availableProcessors())) {
            Trainer trainer = new Trainer(shape, RECIPE, new TokenData(text.tokens(), 0), compute);
            while (trainer.steps() < RECIPE.steps()) {
                trainer.step();
            }
            Map<String, Object> metadata = new LinkedHashMap<>(text.metadata());
            metadata.put("tokenizer.chat_template", Dialog.TEMPLATE);
            trainer.export(path, NAME, metadata);
        }
    }

    /** A model that makes vectors; its weights are random, but always the same. */
    static Path embedder(Path folder) throws IOException {
        int dim = 32;
        int vocabSize = 257;
        GgufWriter writer = new GgufWriter()
                .metadata("general.architecture", "qwen3")
                .metadata("general.name", "vectors")
                .metadata("qwen3.context_length", 128)
                .metadata("qwen3.embedding_length", dim)
                .metadata("qwen3.block_count", 1)
                .metadata("qwen3.feed_forward_length", 48)
                .metadata("qwen3.attention.head_count", 2)
                .metadata("qwen3.attention.head_count_kv", 2)
                .metadata("qwen3.attention.layer_norm_rms_epsilon", 1e-5f)
                .metadata("qwen3.pooling_type", 1);
        BpeTrainer.train(List.of("no words"), vocabSize, true).metadata().forEach(writer::metadata);
        Random random = new Random(11);
        writer.tensor("token_embd.weight", matrix(random, vocabSize, dim));
        writer.tensor("output_norm.weight", ones(dim));
        String block = "blk.0.";
        for (String norm : List.of("attn_norm", "ffn_norm")) {
            writer.tensor(block + norm + ".weight", ones(dim));
        }
        for (String norm : List.of("attn_q_norm", "attn_k_norm")) {
            writer.tensor(block + norm + ".weight", ones(dim / 2));
        }
        for (String part : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
            writer.tensor(block + part + ".weight", matrix(random, dim, dim));
        }
        writer.tensor(block + "ffn_gate.weight", matrix(random, 48, dim));
        writer.tensor(block + "ffn_up.weight", matrix(random, 48, dim));
        writer.tensor(block + "ffn_down.weight", matrix(random, dim, 48));
        Path path = folder.resolve("vectors.gguf");
        writer.write(path);
        return path;
    }

    private static HeapTensor ones(int columns) {
        HeapTensor ones = HeapTensor.zeros(columns);
        Arrays.fill(ones.data(), 1);
        return ones;
    }

    private static HeapTensor matrix(Random random, int rows, int columns) {
        HeapTensor matrix = HeapTensor.zeros(rows, columns);
        for (int i = 0; i < rows * columns; i++) {
            matrix.data()[i] = 0.2f * (float) random.nextGaussian();
        }
        return matrix;
    }
}
