// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BiConsumer;

/** Decoders whose sizes and tensors have names of their own on the hub, or whose tensors lie otherwise. */
final class HubDecoders {
    private HubDecoders() {}

    /** The fields under names of their own. */
    static void sizes(String architecture, Map<String, Object> config, BiConsumer<String, String> copy) {
        switch (architecture) {
            case "exaone" -> rename(config, "num_hidden_layers num_layers rms_norm_eps layer_norm_epsilon");
            case "orion" -> copy.accept("attention.layer_norm_epsilon", "rms_norm_eps");
            case "falcon" -> {
                rename(config, "num_key_value_heads num_kv_heads intermediate_size ffn_hidden_size");
                copy.accept("attention.layer_norm_epsilon", "layer_norm_epsilon");
            }
            case "chatglm" ->
                rename(
                        config,
                        "num_hidden_layers num_layers max_position_embeddings seq_length intermediate_size"
                                + " ffn_hidden_size num_key_value_heads multi_query_group_num rms_norm_eps"
                                + " layernorm_epsilon vocab_size padded_vocab_size");
            case "starcoder" -> {
                rename(
                        config,
                        "num_hidden_layers n_layer max_position_embeddings n_positions hidden_size n_embd"
                                + " num_attention_heads n_head intermediate_size n_inner");
                config.remove("num_key_value_heads");
                copy.accept("attention.layer_norm_epsilon", "layer_norm_epsilon");
            }
            case "ernie4_5-moe" -> {
                rename(config, "num_experts moe_num_experts num_experts_per_tok moe_k");
                copy.accept("leading_dense_block_count", "moe_layer_start_index");
            }
            default -> {}
        }
    }

    private static void rename(Map<String, Object> config, String pairs) {
        String[] names = pairs.split(" ", -1);
        for (int i = 0; i < names.length; i += 2) {
            config.put(names[i + 1], config.remove(names[i]));
        }
    }

    /** Names of such decoders; null for other models. */
    static String name(String architecture, String name) {
        String words =
                switch (architecture) {
                    case "exaone" ->
                        "token_embd wte output_norm ln_f output lm_head attn_norm ln_1 ffn_norm ln_2 blk h"
                                + " attn_q attn.attention.q_proj attn_k attn.attention.k_proj"
                                + " attn_v attn.attention.v_proj attn_output attn.attention.out_proj"
                                + " ffn_gate mlp.c_fc_0 ffn_up mlp.c_fc_1 ffn_down mlp.c_proj";
                    case "falcon" ->
                        "token_embd word_embeddings output_norm ln_f output lm_head attn_norm input_layernorm blk h"
                                + " attn_output self_attention.dense"
                                + " ffn_up mlp.dense_h_to_4h ffn_down mlp.dense_4h_to_h";
                    case "chatglm" ->
                        "token_embd embedding.word_embeddings output_norm encoder.final_layernorm output output_layer"
                                + " attn_norm input_layernorm ffn_norm post_attention_layernorm blk encoder.layers"
                                + " attn_qkv self_attention.query_key_value attn_output self_attention.dense"
                                + " ffn_up mlp.dense_h_to_4h ffn_down mlp.dense_4h_to_h";
                    case "starcoder" ->
                        "token_embd wte position_embd wpe output_norm ln_f output lm_head attn_norm ln_1 ffn_norm ln_2"
                                + " blk h attn_output attn.c_proj ffn_up mlp.c_fc ffn_down mlp.c_proj";
                    default -> "";
                };
        if (words.isEmpty()) {
            return architecture.equals("internlm2") ? internLm(name) : null;
        }
        return prefix(architecture, name) + replaced(name, words);
    }

    /** Heads of outputs stand outside of the rest, but for chatglm's. */
    private static String prefix(String architecture, String name) {
        return name.startsWith("output.") && !architecture.equals("chatglm") ? "" : "transformer.";
    }

    private static String internLm(String name) {
        return replaced(
                name,
                "token_embd model.tok_embeddings output_norm model.norm attn_norm attention_norm blk model.layers"
                        + " attn_output attention.wo ffn_gate feed_forward.w1 ffn_down feed_forward.w2"
                        + " ffn_up feed_forward.w3");
    }

    private static String replaced(String name, String words) {
        String[] pairs = words.split(" ", -1);
        String[] parts = name.split("\\.", -1);
        for (int i = 0; i < parts.length; i++) {
            for (int j = 0; j < pairs.length; j += 2) {
                if (parts[i].equals(pairs[j])) {
                    parts[i] = pairs[j + 1];
                    break;
                }
            }
        }
        return String.join(".", parts);
    }

    /** Writes tensors that lie otherwise on the hub; false for those that do not. */
    static boolean add(GgufFile file, String architecture, TensorInfo info, HubShards shards) throws IOException {
        String name = info.name();
        String layer = name.startsWith("blk.") ? name.split("\\.", -1)[1] : "";
        return switch (architecture) {
            case "internlm2" -> addGroups(file, name, "model.layers." + layer + ".attention.wqkv", shards);
            case "falcon" -> addFused(file, info, "transformer.h." + layer + ".self_attention.query_key_value", shards);
            case "starcoder" -> addFused(file, info, "transformer.h." + layer + ".attn.c_attn", shards);
            case "stablelm" -> addNorms(file, info, "model.layers." + layer + ".self_attn.", shards);
            case "hunyuan-dense" -> addRenamed(file, info, "model.layers." + layer + ".self_attn.", shards);
            case "ernie4_5-moe" -> addErnie(file, info, "model.layers." + layer + ".mlp.", shards);
            case "qwen3vlmoe" ->
                addExperts(file, info, "model.language_model.layers." + layer + ".mlp.experts.", shards);
            case "nomic-bert-moe" -> addNomic(file, info, "encoder.layers." + layer + ".mlp.experts.mlp.", shards);
            default -> false;
        };
    }

    private static float[] values(GgufFile file, String name) throws IOException {
        return file.tensor(name).toHeap().data();
    }

    /** Of queries, keys and values one tensor, head of keys by head of keys, their pairs half a head apart. */
    private static boolean addGroups(GgufFile file, String name, String made, HubShards shards) throws IOException {
        if (name.endsWith("attn_q.weight")) {
            int queries = file.metadata().integer("internlm2.attention.head_count");
            int keys = file.metadata().integer("internlm2.attention.head_count_kv");
            float[] q = values(file, name);
            Shape shape = file.tensor(name).shape();
            int width = shape.dim(0) / queries;
            int columns = shape.dim(1);
            int part = width * columns;
            float[] k = values(file, name.replace("attn_q", "attn_k"));
            float[] v = values(file, name.replace("attn_q", "attn_v"));
            int each = queries / keys;
            float[] all = new float[q.length + k.length + v.length];
            for (int group = 0; group < keys; group++) {
                for (int i = 0; i < each; i++) {
                    halve(q, (group * each + i) * part, all, (group * (each + 2) + i) * part, columns, width);
                }
                halve(k, group * part, all, (group * (each + 2) + each) * part, columns, width);
                System.arraycopy(v, group * part, all, (group * (each + 2) + each + 1) * part, part);
            }
            shards.put(made + ".weight", all, new int[] {all.length / columns, columns});
        }
        return name.matches(".*attn_[qkv]\\.weight");
    }

    /** Rows 2i and 2i + 1 of a head become rows i and i + d/2. */
    private static void halve(float[] from, int begin, float[] to, int at, int columns, int width) {
        for (int row = 0; row < width; row++) {
            int place = row / 2 + row % 2 * (width / 2);
            System.arraycopy(from, begin + row * columns, to, at + place * columns, columns);
        }
    }

    /** All queries, keys and values become those of each head of keys. */
    private static boolean addFused(GgufFile file, TensorInfo info, String made, HubShards shards) throws IOException {
        if (!info.name().contains("attn_qkv")) {
            return false;
        }
        String architecture = file.metadata().string("general.architecture");
        int queries = file.metadata().integer(architecture + ".attention.head_count");
        int keys = file.metadata().integer(architecture + ".attention.head_count_kv");
        float[] from = values(file, info.name());
        float[] to = new float[from.length];
        int part = from.length / (queries + 2 * keys);
        int each = queries / keys;
        for (int group = 0; group < keys; group++) {
            int at = group * (each + 2) * part;
            System.arraycopy(from, group * each * part, to, at, each * part);
            System.arraycopy(from, (queries + group) * part, to, at + each * part, part);
            System.arraycopy(from, (queries + keys + group) * part, to, at + (each + 1) * part, part);
        }
        shards.put(
                made + info.name().substring(info.name().lastIndexOf('.')),
                to,
                info.shape().dims());
        return true;
    }

    /** Gains of each head by themselves. */
    private static boolean addNorms(GgufFile file, TensorInfo info, String prefix, HubShards shards)
            throws IOException {
        boolean query = info.name().contains("attn_q_norm");
        if (!query && !info.name().contains("attn_k_norm")) {
            return false;
        }
        float[] gains = values(file, info.name());
        int width = info.shape().dim(1);
        for (int head = 0; head < info.shape().dim(0); head++) {
            shards.put(
                    prefix + (query ? "q" : "k") + "_layernorm.norms." + head + ".weight",
                    Arrays.copyOfRange(gains, head * width, (head + 1) * width),
                    new int[] {width});
        }
        return true;
    }

    private static boolean addRenamed(GgufFile file, TensorInfo info, String prefix, HubShards shards)
            throws IOException {
        boolean query = info.name().contains("attn_q_norm");
        if (!query && !info.name().contains("attn_k_norm")) {
            return false;
        }
        String made = prefix + (query ? "query" : "key") + "_layernorm.weight";
        shards.put(made, values(file, info.name()), info.shape().dims());
        return true;
    }

    private static boolean addErnie(GgufFile file, TensorInfo info, String prefix, HubShards shards)
            throws IOException {
        float[] values = values(file, info.name());
        if (info.name().contains("exp_probs_b")) {
            shards.put(prefix + "moe_statics.e_score_correction_bias", values, new int[] {1, values.length});
            return true;
        }
        if (!info.name().contains("_shexp")) {
            return false;
        }
        String kind = info.name().replaceFirst(".*ffn_(gate|up|down)_shexp.*", "$1");
        shards.put(
                prefix + "shared_experts." + kind + "_proj.weight",
                values,
                info.shape().dims());
        return true;
    }

    /** Gate and up of all experts in one tensor, and all three with rows and columns exchanged. */
    private static boolean addExperts(GgufFile file, TensorInfo info, String prefix, HubShards shards)
            throws IOException {
        int[] dims = info.shape().dims();
        if (info.name().contains("ffn_gate_exps")) {
            float[] gate = turned(values(file, info.name()), dims);
            float[] up = turned(values(file, info.name().replace("gate", "up")), dims);
            float[] both = new float[gate.length + up.length];
            for (int row = 0; row < dims[0] * dims[2]; row++) {
                System.arraycopy(gate, row * dims[1], both, 2 * row * dims[1], dims[1]);
                System.arraycopy(up, row * dims[1], both, (2 * row + 1) * dims[1], dims[1]);
            }
            shards.put(prefix + "gate_up_proj", both, new int[] {dims[0], dims[2], 2 * dims[1]});
        } else if (info.name().contains("ffn_down_exps")) {
            float[] down = turned(values(file, info.name()), dims);
            shards.put(prefix + "down_proj", down, new int[] {dims[0], dims[2], dims[1]});
        }
        return info.name().contains("_exps");
    }

    /** Rows of all experts under each other; those of the last projection with rows and columns exchanged. */
    private static boolean addNomic(GgufFile file, TensorInfo info, String prefix, HubShards shards)
            throws IOException {
        int[] dims = info.shape().dims();
        if (info.name().contains("ffn_up_exps")) {
            shards.put(prefix + "w1", values(file, info.name()), new int[] {dims[0] * dims[1], dims[2]});
        } else if (info.name().contains("ffn_down_exps")) {
            float[] down = turned(values(file, info.name()), dims);
            shards.put(prefix + "w2", down, new int[] {dims[0] * dims[2], dims[1]});
        }
        return info.name().contains("_exps");
    }

    /** Rows and columns of each expert's matrix exchanged. */
    private static float[] turned(float[] values, int[] dims) {
        float[] turned = new float[values.length];
        for (int e = 0; e < dims[0]; e++) {
            for (int i = 0; i < dims[1]; i++) {
                for (int j = 0; j < dims[2]; j++) {
                    turned[(e * dims[2] + j) * dims[1] + i] = values[(e * dims[1] + i) * dims[2] + j];
                }
            }
        }
        return turned;
    }
}
