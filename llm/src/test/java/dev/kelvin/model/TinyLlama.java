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
 * A small llama model of random weights, the contents of a model file before it is written. Tests change
 * {@link #metadata} and {@link #tensors} to make the file they need.
 */
public final class TinyLlama {
    public final ModelConfig config;
    public final Map<String, Object> metadata = new LinkedHashMap<>();
    public final Map<String, HeapTensor> tensors = new LinkedHashMap<>();

    public TinyLlama(ModelConfig config, boolean tied, long seed) {
        this.config = config;
        metadata.put("general.architecture", "llama");
        metadata.put("llama.embedding_length", config.dim());
        metadata.put("llama.feed_forward_length", config.ffnDim());
        metadata.put("llama.attention.head_count", config.heads());
        metadata.put("llama.attention.head_count_kv", config.kvHeads());
        metadata.put("llama.attention.key_length", config.headDim());
        metadata.put("llama.attention.value_length", config.headDim());
        metadata.put("llama.attention.layer_norm_rms_epsilon", config.rmsEpsilon());
        metadata.put("llama.block_count", config.layers());
        metadata.put("llama.context_length", config.contextLength());
        metadata.put("llama.rope.dimension_count", config.ropeDims());
        metadata.put("llama.rope.freq_base", config.ropeBase());
        metadata.put("llama.vocab_size", config.vocabSize());

        SplittableRandom random = new SplittableRandom(seed);
        int dim = config.dim();
        int queryDim = config.heads() * config.headDim();
        int kvDim = config.kvHeads() * config.headDim();
        tensors.put("token_embd.weight", uniform(random, 1, config.vocabSize(), dim));
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = "blk." + layer + ".";
            tensors.put(block + "attn_norm.weight", gains(random, dim));
            tensors.put(block + "attn_q.weight", matrix(random, queryDim, dim));
            tensors.put(block + "attn_k.weight", matrix(random, kvDim, dim));
            tensors.put(block + "attn_v.weight", matrix(random, kvDim, dim));
            tensors.put(block + "attn_output.weight", matrix(random, dim, queryDim));
            tensors.put(block + "ffn_norm.weight", gains(random, dim));
            tensors.put(block + "ffn_gate.weight", matrix(random, config.ffnDim(), dim));
            tensors.put(block + "ffn_up.weight", matrix(random, config.ffnDim(), dim));
            tensors.put(block + "ffn_down.weight", matrix(random, dim, config.ffnDim()));
        }
        tensors.put("output_norm.weight", gains(random, dim));
        if (!tied) {
            tensors.put("output.weight", matrix(random, config.vocabSize(), dim));
        }
    }

    /** Nothing round about it: H · Dh is not D, heads share keys, no size is a multiple of a lane count. */
    public static ModelConfig oddConfig() {
        return new ModelConfig(36, 53, 6, 2, 10, 3, 71, 600, 1e-5f, 10000f, 10);
    }

    /** A model with a vocabulary of single letters: 0 unknown, 1 BOS, 2 EOS, then 'a' to 'z' and the word boundary. */
    public static TinyLlama withLetters(ModelConfig config, boolean tied, long seed) {
        TinyLlama model = new TinyLlama(config, tied, seed);
        String[] tokens = new String[config.vocabSize()];
        float[] scores = new float[tokens.length];
        int[] types = new int[tokens.length];
        for (int id = 0; id < tokens.length; id++) {
            tokens[id] = id < 3 ? new String[] {"<unk>", "<s>", "</s>"}[id] : Character.toString(id - 3 + 'a');
            types[id] = id == 0 ? 2 : id < 3 ? 3 : 1;
        }
        tokens[tokens.length - 1] = "\u2581";
        model.metadata.put("tokenizer.ggml.model", "llama");
        model.metadata.put("tokenizer.ggml.tokens", tokens);
        model.metadata.put("tokenizer.ggml.scores", scores);
        model.metadata.put("tokenizer.ggml.token_type", types);
        model.metadata.put("tokenizer.ggml.bos_token_id", 1);
        model.metadata.put("tokenizer.ggml.eos_token_id", 2);
        model.metadata.put("tokenizer.ggml.unknown_token_id", 0);
        return model;
    }

    public Path write(Path file) throws IOException {
        GgufWriter writer = new GgufWriter();
        metadata.forEach(writer::metadata);
        tensors.forEach(writer::tensor);
        writer.write(file);
        return file;
    }

    private static HeapTensor matrix(SplittableRandom random, int rows, int columns) {
        return uniform(random, (float) Math.sqrt(3.0 / columns), rows, columns);
    }

    private static HeapTensor gains(SplittableRandom random, int columns) {
        HeapTensor gains = uniform(random, 0.3f, columns);
        for (int i = 0; i < columns; i++) {
            gains.data()[i] += 1;
        }
        return gains;
    }

    /** Uniform in [-limit, limit). */
    public static HeapTensor uniform(SplittableRandom random, float limit, int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextDouble(-limit, limit);
        }
        return tensor;
    }
}
