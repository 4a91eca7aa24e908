// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.GgufWriter;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A small GPT-2 model of random weights, the contents of a model file before it is written; two layers, D = 36, H = 6,
 * F = 53, V = 71, context 40. Tests change {@link #metadata} and {@link #tensors} to make the file they need.
 */
final class TinyGpt2 {
    static final int DIM = 36;
    static final int FFN_DIM = 53;
    static final int LAYERS = 2;
    static final int VOCAB_SIZE = 71;
    static final int CONTEXT_LENGTH = 40;

    final Map<String, Object> metadata = new LinkedHashMap<>();
    final Map<String, HeapTensor> tensors = new LinkedHashMap<>();
    private final SplittableRandom random = new SplittableRandom(1);

    TinyGpt2() {
        String[] tokens = new String[VOCAB_SIZE];
        for (int id = 0; id < tokens.length; id++) {
            tokens[id] = Character.toString('A' + id);
        }
        metadata.put("general.architecture", "gpt2");
        metadata.put("gpt2.embedding_length", DIM);
        metadata.put("gpt2.feed_forward_length", FFN_DIM);
        metadata.put("gpt2.attention.head_count", 6);
        metadata.put("gpt2.attention.layer_norm_epsilon", 1e-5f);
        metadata.put("gpt2.block_count", LAYERS);
        metadata.put("gpt2.context_length", CONTEXT_LENGTH);
        metadata.put("tokenizer.ggml.tokens", tokens);
        matrix("token_embd", VOCAB_SIZE, DIM);
        matrix("position_embd", CONTEXT_LENGTH, DIM);
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "blk." + layer + ".";
            norm(block + "attn_norm");
            affine(block + "attn_qkv", 3 * DIM, DIM);
            affine(block + "attn_output", DIM, DIM);
            norm(block + "ffn_norm");
            affine(block + "ffn_up", FFN_DIM, DIM);
            affine(block + "ffn_down", DIM, FFN_DIM);
        }
        norm("output_norm");
        matrix("output", VOCAB_SIZE, DIM);
    }

    private void matrix(String name, int rows, int columns) {
        tensors.put(name + ".weight", TinyLlama.uniform(random, 0.3f, rows, columns));
    }

    private void affine(String name, int rows, int columns) {
        matrix(name, rows, columns);
        tensors.put(name + ".bias", TinyLlama.uniform(random, 0.3f, rows));
    }

    private void norm(String name) {
        tensors.put(name + ".weight", TinyLlama.uniform(random, 1, DIM));
        tensors.put(name + ".bias", TinyLlama.uniform(random, 0.3f, DIM));
    }

    Path write(Path file) throws IOException {
        GgufWriter writer = new GgufWriter();
        metadata.forEach(writer::metadata);
        tensors.forEach(writer::tensor);
        writer.write(file);
        return file;
    }
}
