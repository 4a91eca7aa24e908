// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Writes a GGUF file as a folder of the hub: the way back, written after the modelling code of Hugging Face
 * transformers, which tells what the tensors of each class are called and how its rotary pairs lie.
 */
final class HubWriter {
    private static final Set<String> ADJACENT_PAIRS = Set.of(
            "llama llama-embed arcee mistral3 granite granitemoe granitehybrid smollm3 xverse minicpm".split(" ", -1));
    private static final Set<String> GAINS_OF_ONE_PLUS =
            Set.of("gemma", "nemotron", "gemma2", "gemma3", "gemma-embedding");

    private final GgufFile file;
    private final String architecture;
    private final HubShards shards;
    private final Map<String, Object> config = new LinkedHashMap<>();

    private HubWriter(GgufFile file, DType type) throws IOException {
        this.file = file;
        shards = new HubShards(type);
        architecture = file.metadata().string("general.architecture");
    }

    /**
     * Writes a folder.
     *
     * @param config fields of config.json beyond those that every model has
     * @param shards how many files the tensors are spread over
     */
    static void write(GgufFile file, Path folder, Map<String, ?> config, DType type, int shards) throws IOException {
        HubWriter writer = new HubWriter(file, type);
        writer.sizes();
        HubEncoders.sizes(writer.architecture, writer.config, writer::copy);
        HubDecoders.sizes(writer.architecture, writer.config, writer::copy);
        writer.config.putAll(config);
        for (TensorInfo info : file.tensors()) {
            writer.add(info);
        }
        // Masks, which are no weights.
        if (writer.architecture.equals("gpt2")) {
            writer.shards.put("transformer.h.0.attn.bias", new float[64], new int[] {1, 1, 8, 8});
        } else if (writer.architecture.equals("gptneox")) {
            writer.shards.put("gpt_neox.layers.0.attention.bias", new float[64], new int[] {1, 1, 8, 8});
        }
        Files.createDirectories(folder);
        HubTokenizerWriter.write(file, folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("config.json"), JsonWriter.write(writer.config));
        writer.shards.write(folder, shards);
    }

    private Object key(String key) {
        return file.metadata().asMap().get(architecture + "." + key);
    }

    private void copy(String key, String name) {
        if (key(key) != null) {
            Object value = key(key);
            config.put(name, value instanceof Float real ? (Object) Double.parseDouble(real.toString()) : value);
        }
    }

    private void sizes() throws IOException {
        copy("block_count", "num_hidden_layers");
        copy("context_length", "max_position_embeddings");
        copy("embedding_length", "hidden_size");
        copy("feed_forward_length", "intermediate_size");
        copy("attention.head_count", "num_attention_heads");
        copy("attention.head_count_kv", "num_key_value_heads");
        copy("attention.key_length", "head_dim");
        copy("attention.layer_norm_rms_epsilon", "rms_norm_eps");
        copy("rope.freq_base", "rope_theta");
        copy("attention.sliding_window", "sliding_window");
        copy("expert_count", "num_experts");
        copy("expert_used_count", "num_experts_per_tok");
        copy("expert_feed_forward_length", "moe_intermediate_size");
        config.put("vocab_size", file.metadata().strings("tokenizer.ggml.tokens").length);
        config.put("tie_word_embeddings", file.find("output.weight").isEmpty());
    }

    private void add(TensorInfo info) throws IOException {
        if (architecture.equals("gpt-oss") && HubGptOss.add(file, info, shards)) {
            return;
        }
        if (HubDecoders.add(file, architecture, info, shards)) {
            return;
        }
        if (architecture.equals("qwen3next") && HubStates.addProjections(file, info, shards)) {
            return;
        }
        if (info.name().startsWith("rope_")) {
            return; // the config says it
        }
        if (HubStates.isSecondHalf(architecture, info.name())) {
            return; // with the first
        }
        float[] values = file.tensor(info.name()).toHeap().data();
        int[] dims = info.shape().dims();
        String name = HubStates.has(architecture) ? HubStates.name(architecture, info.name()) : hubName(info.name());
        if (HubStates.has(architecture)) {
            values = HubStates.values(file, architecture, info.name(), values);
            dims = HubStates.dims(info.name(), dims);
        }
        if (HubStates.secondHalf(architecture, info.name()) != null) {
            String second = HubStates.secondHalf(architecture, info.name());
            putHalves(name, values, file.tensor(second).toHeap().data(), dims);
            return;
        }
        if (GAINS_OF_ONE_PLUS.contains(architecture) && name.endsWith("norm.weight")) {
            for (int i = 0; i < values.length; i++) {
                values[i] -= 1;
            }
        }
        if (ADJACENT_PAIRS.contains(architecture) && (name.contains("q_proj") || name.contains("k_proj"))) {
            String heads = name.contains("q_proj") ? "num_attention_heads" : "num_key_value_heads";
            values = halves(values, dims, ((Number) config.get(heads)).intValue());
        }
        if (architecture.equals("gptneox") && name.contains("query_key_value")) {
            values = byHead(values, dims[0], file.metadata().integer(architecture + ".attention.head_count"));
        }
        if (name.contains(".experts.#.")) {
            int size = values.length / dims[0];
            for (int expert = 0; expert < dims[0]; expert++) {
                shards.put(
                        name.replace("#", Integer.toString(expert)),
                        Arrays.copyOfRange(values, expert * size, (expert + 1) * size),
                        Arrays.copyOfRange(dims, 1, 3));
            }
        } else if (name.contains("shared_expert_gate")) {
            shards.put(name, values, new int[] {1, dims[0]});
        } else if (name.contains("conv.conv")) {
            shards.put(name, values, new int[] {dims[0], 1, dims[1]});
        } else if (architecture.equals("gpt2") && name.matches(".*(c_attn|c_proj|c_fc)\\.weight")) {
            shards.put(name, transposed(values, dims), new int[] {dims[1], dims[0]});
        } else {
            shards.put(name, values, dims);
        }
    }

    /** Rows of two matrices, or of two for each expert, as one; granite's name of it. */
    private void putHalves(String name, float[] first, float[] second, int... dims) {
        int[] both = dims.clone();
        both[both.length - 2] *= 2;
        int size = dims[dims.length - 2] * dims[dims.length - 1];
        float[] values = new float[2 * first.length];
        for (int at = 0; at < first.length; at += size) {
            System.arraycopy(first, at, values, 2 * at, size);
            System.arraycopy(second, at, values, 2 * at + size, size);
        }
        shards.put(name, values, both);
    }

    /** Rows 2i and 2i + 1 of a head become rows i and i + d/2. */
    private static float[] halves(float[] values, int[] dims, int heads) {
        int columns = dims.length == 1 ? 1 : dims[1];
        int width = dims[0] / heads;
        float[] moved = new float[values.length];
        for (int head = 0; head < heads; head++) {
            for (int i = 0; i < width; i++) {
                int to = head * width + i / 2 + (i % 2) * (width / 2);
                System.arraycopy(values, (head * width + i) * columns, moved, to * columns, columns);
            }
        }
        return moved;
    }

    /** All queries, all keys and all values become those of each head. */
    private static float[] byHead(float[] values, int rows, int heads) {
        int part = values.length / rows * (rows / (3 * heads));
        float[] moved = new float[values.length];
        for (int head = 0; head < heads; head++) {
            for (int kind = 0; kind < 3; kind++) {
                System.arraycopy(values, (kind * heads + head) * part, moved, (3 * head + kind) * part, part);
            }
        }
        return moved;
    }

    private static float[] transposed(float[] values, int[] dims) {
        float[] turned = new float[values.length];
        for (int i = 0; i < dims[0]; i++) {
            for (int j = 0; j < dims[1]; j++) {
                turned[j * dims[0] + i] = values[i * dims[1] + j];
            }
        }
        return turned;
    }

    private String hubName(String name) {
        String[][] names = {
            {"token_embd.", "model.embed_tokens."},
            {"output_norm.", "model.norm."},
            {"output.", "lm_head."},
            {"blk.", "model.layers."},
            {".attn_norm.", ".input_layernorm."},
            {".attn_q_norm.", ".self_attn.q_norm."},
            {".attn_k_norm.", ".self_attn.k_norm."},
            {".attn_q.", ".self_attn.q_proj."},
            {".attn_k.", ".self_attn.k_proj."},
            {".attn_v.", ".self_attn.v_proj."},
            {".attn_qkv.", ".self_attn.qkv_proj."},
            {".attn_output.", ".self_attn.o_proj."},
            {".post_attention_norm.", ".post_attention_layernorm."},
            {".post_ffw_norm.", ".post_feedforward_layernorm."},
            {".ffn_norm.", hasPostNorms() ? ".pre_feedforward_layernorm." : ".post_attention_layernorm."},
            {".ffn_gate.", ".mlp.gate_proj."},
            {".ffn_up.", architecture.equals("phi3") ? ".mlp.gate_up_proj." : ".mlp.up_proj."},
            {".ffn_down.", ".mlp.down_proj."},
            {".ffn_gate_inp_shexp.", ".mlp.shared_expert_gate."},
            {".ffn_gate_shexp.", ".mlp.shared_expert.gate_proj."},
            {".ffn_up_shexp.", ".mlp.shared_expert.up_proj."},
            {".ffn_down_shexp.", ".mlp.shared_expert.down_proj."},
            {".ffn_gate_inp.", ".mlp.gate."},
            {".ffn_gate_exps.", ".mlp.experts.#.gate_proj."},
            {".ffn_up_exps.", ".mlp.experts.#.up_proj."},
            {".ffn_down_exps.", ".mlp.experts.#.down_proj."}
        };
        String encoders = HubEncoders.name(architecture, name);
        if (encoders != null) {
            return encoders;
        }
        String decoders = HubDecoders.name(architecture, name);
        if (decoders != null) {
            return decoders;
        }
        String changed = name;
        for (String[] pair : names) {
            int at = changed.indexOf(pair[0]);
            if (pair[0].startsWith(".") ? at > 0 : at == 0) {
                changed = changed.replace(pair[0], pair[1]);
            }
        }
        return switch (architecture) {
            case "llama" ->
                changed.replace("mlp.gate.", "block_sparse_moe.gate.")
                        .replace("mlp.experts", "block_sparse_moe.experts")
                        .replaceFirst("(experts.#.)gate_proj", "$1w1")
                        .replaceFirst("(experts.#.)down_proj", "$1w2")
                        .replaceFirst("(experts.#.)up_proj", "$1w3");
            case "glm4" ->
                changed.replace("post_attention_layernorm", "post_self_attn_layernorm")
                        .replace("pre_feedforward_layernorm", "post_attention_layernorm")
                        .replace("post_feedforward_layernorm", "post_mlp_layernorm")
                        .replace("mlp.up_proj", "mlp.gate_up_proj");
            case "phi2" ->
                changed.replace("model.norm", "model.final_layernorm")
                        .replace("self_attn.o_proj", "self_attn.dense")
                        .replace("mlp.up_proj", "mlp.fc1")
                        .replace("mlp.down_proj", "mlp.fc2");
            case "gpt2" ->
                changed.replace("model.embed_tokens", "transformer.wte")
                        .replace("position_embd", "transformer.wpe")
                        .replace("model.norm", "transformer.ln_f")
                        .replace("model.layers", "transformer.h")
                        .replace("input_layernorm", "ln_1")
                        .replace("post_attention_layernorm", "ln_2")
                        .replace("self_attn.qkv_proj", "attn.c_attn")
                        .replace("self_attn.o_proj", "attn.c_proj")
                        .replace("mlp.up_proj", "mlp.c_fc")
                        .replace("mlp.down_proj", "mlp.c_proj");
            case "gptneox" ->
                changed.replace("model.embed_tokens", "gpt_neox.embed_in")
                        .replace("lm_head", "embed_out")
                        .replace("model.norm", "gpt_neox.final_layer_norm")
                        .replace("model.layers", "gpt_neox.layers")
                        .replace("self_attn.qkv_proj", "attention.query_key_value")
                        .replace("self_attn.o_proj", "attention.dense")
                        .replace("mlp.up_proj", "mlp.dense_h_to_4h")
                        .replace("mlp.down_proj", "mlp.dense_4h_to_h");
            case "starcoder2" -> changed.replace("mlp.up_proj", "mlp.c_fc").replace("mlp.down_proj", "mlp.c_proj");
            case "gpt-oss" ->
                changed.replace("attn_sinks.weight", "self_attn.sinks").replace("mlp.gate.", "mlp.router.");
            case "gemma-embedding" -> changed.replaceFirst("^model\\.", "");
            case "lfm2", "lfm2moe" ->
                changed.replace("mlp.experts", "feed_forward.experts")
                        .replace("mlp.gate.", "feed_forward.gate.")
                        .replaceFirst("(experts.#.)gate_proj", "$1w1")
                        .replaceFirst("(experts.#.)down_proj", "$1w2")
                        .replaceFirst("(experts.#.)up_proj", "$1w3")
                        .replace(".exp_probs_b.bias", ".feed_forward.expert_bias")
                        .replace("token_embd_norm", "model.embedding_norm")
                        .replace("input_layernorm", "operator_norm")
                        .replace("post_attention_layernorm", "ffn_norm")
                        .replace("self_attn.o_proj", "self_attn.out_proj")
                        .replace("self_attn.q_norm", "self_attn.q_layernorm")
                        .replace("self_attn.k_norm", "self_attn.k_layernorm")
                        .replace("shortconv", "conv")
                        .replace("mlp.gate_proj", "feed_forward.w1")
                        .replace("mlp.down_proj", "feed_forward.w2")
                        .replace("mlp.up_proj", "feed_forward.w3");
            default -> changed;
        };
    }

    private boolean hasPostNorms() {
        return file.find("blk.0.post_ffw_norm.weight").isPresent();
    }
}
