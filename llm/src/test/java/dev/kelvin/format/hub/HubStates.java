// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.TensorInfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What families with states, and gemma4, have on the hub: the names of tensors, and their numbers on the way back. */
final class HubStates {
    private static final String[][] QWEN = {
        {"attn_norm", "input_layernorm"},
        {"post_attention_norm", "post_attention_layernorm"},
        {"attn_qkv", "linear_attn.in_proj_qkv"},
        {"attn_gate", "linear_attn.in_proj_z"},
        {"ssm_beta", "linear_attn.in_proj_b"},
        {"ssm_alpha", "linear_attn.in_proj_a"},
        {"ssm_ba", "linear_attn.in_proj_ba"},
        {"ssm_conv1d", "linear_attn.conv1d"},
        {"ssm_dt.bias", "linear_attn.dt_bias"},
        {"ssm_a", "linear_attn.A_log"},
        {"ssm_norm", "linear_attn.norm"},
        {"ssm_out", "linear_attn.out_proj"},
        {"ffn_gate_inp", "mlp.gate"},
        {"ffn_gate_exps", "mlp.experts.#.gate_proj"},
        {"ffn_up_exps", "mlp.experts.#.up_proj"},
        {"ffn_down_exps", "mlp.experts.#.down_proj"},
        {"ffn_gate_inp_shexp", "mlp.shared_expert_gate"},
        {"ffn_gate_shexp", "mlp.shared_expert.gate_proj"},
        {"ffn_up_shexp", "mlp.shared_expert.up_proj"},
        {"ffn_down_shexp", "mlp.shared_expert.down_proj"}
    };
    private static final String[][] GEMMA4 = {
        {"attn_norm", "input_layernorm"}, {"post_attention_norm", "post_attention_layernorm"},
        {"ffn_norm", "pre_feedforward_layernorm"}, {"post_ffw_norm", "post_feedforward_layernorm"},
        {"pre_ffw_norm_2", "pre_feedforward_layernorm_2"}, {"post_ffw_norm_1", "post_feedforward_layernorm_1"},
        {"post_ffw_norm_2", "post_feedforward_layernorm_2"}, {"inp_gate", "per_layer_input_gate"},
        {"proj", "per_layer_projection"}, {"post_norm", "post_per_layer_input_norm"},
        {"ffn_gate_inp", "router.proj"}, {"ffn_gate_inp.scale", "router.scale"},
        {"ffn_down_exps.scale", "router.per_expert_scale"}, {"layer_output_scale.weight", "layer_scalar"},
        {"ffn_gate_up_exps.weight", "experts.gate_up_proj"}, {"ffn_down_exps.weight", "experts.down_proj"}
    };
    private static final String[][] MAMBA = {
        {"attn_norm", "norm"}, {"ssm_in", "mixer.in_proj"}, {"ssm_conv1d", "mixer.conv1d"},
        {"ssm_dt.bias", "mixer.dt_bias"}, {"ssm_a", "mixer.A_log"}, {"ssm_d", "mixer.D"},
        {"ssm_norm", "mixer.norm"}, {"ssm_out", "mixer.out_proj"}
    };
    private static final String[][] GRANITE = {
        {"attn_norm", "input_layernorm"},
        {"ffn_norm", "post_attention_layernorm"},
        {"ssm_in", "mamba.in_proj"},
        {"ssm_conv1d", "mamba.conv1d"},
        {"ssm_dt.bias", "mamba.dt_bias"},
        {"ssm_a", "mamba.A_log"},
        {"ssm_d", "mamba.D"},
        {"ssm_norm", "mamba.norm"},
        {"ssm_out", "mamba.out_proj"},
        {"ffn_gate_inp", "block_sparse_moe.router.layer"},
        {"ffn_gate_exps", "block_sparse_moe.input_linear"},
        {"ffn_gate_shexp", "shared_mlp.input_linear"},
        {"ffn_down_exps", "block_sparse_moe.output_linear"},
        {"ffn_down_shexp", "shared_mlp.output_linear"}
    };
    private static final Map<String, String[][]> NAMES = Map.of(
            "qwen35",
            QWEN,
            "qwen35moe",
            QWEN,
            "qwen3next",
            QWEN,
            "gemma4",
            GEMMA4,
            "mamba2",
            MAMBA,
            "granitehybrid",
            GRANITE);
    private static final List<List<String>> COMMON = List.of(
            List.of("attn_q", "self_attn.q_proj"),
            List.of("attn_k", "self_attn.k_proj"),
            List.of("attn_v", "self_attn.v_proj"),
            List.of("attn_output", "self_attn.o_proj"),
            List.of("attn_q_norm", "self_attn.q_norm"),
            List.of("attn_k_norm", "self_attn.k_norm"),
            List.of("ffn_gate", "mlp.gate_proj"),
            List.of("ffn_up", "mlp.up_proj"),
            List.of("ffn_down", "mlp.down_proj"));

    private HubStates() {}

    static boolean has(String architecture) {
        return NAMES.containsKey(architecture);
    }

    /** The name of a tensor on the hub. */
    static String name(String architecture, String name) {
        boolean mamba = architecture.equals("mamba2");
        switch (name) {
            case "token_embd.weight" -> {
                return mamba ? "backbone.embeddings.weight" : "model.embed_tokens.weight";
            }
            case "output_norm.weight" -> {
                return mamba ? "backbone.norm_f.weight" : "model.norm.weight";
            }
            case "output.weight" -> {
                return "lm_head.weight";
            }
            case "per_layer_token_embd.weight" -> {
                return "model.embed_tokens_per_layer.weight";
            }
            case "per_layer_model_proj.weight" -> {
                return "model.per_layer_model_projection.weight";
            }
            case "per_layer_proj_norm.weight" -> {
                return "model.per_layer_projection_norm.weight";
            }
            default -> {}
        }
        String[] words = name.split("\\.", 3);
        String prefix = (mamba ? "backbone.layers." : "model.layers.") + words[1] + ".";
        String stem = words[2].replaceFirst("\\.(weight|bias)$", "");
        for (String[] pair : NAMES.get(architecture)) {
            if (pair[0].equals(words[2])) {
                return prefix + pair[1];
            }
            if (pair[0].equals(stem)) {
                return prefix + pair[1] + words[2].substring(stem.length());
            }
        }
        for (List<String> pair : COMMON) {
            if (pair.getFirst().equals(stem)) {
                return prefix + pair.getLast() + words[2].substring(stem.length());
            }
        }
        throw new AssertionError(architecture + ": " + name);
    }

    /** Whether both halves of a tensor are here, under the name of the first. */
    static String secondHalf(String architecture, String name) {
        boolean first = architecture.equals("granitehybrid") && name.matches(".*ffn_gate_(exps|shexp)\\.weight");
        return first ? name.replace("ffn_gate", "ffn_up") : null;
    }

    static boolean isSecondHalf(String architecture, String name) {
        return architecture.equals("granitehybrid") && name.matches(".*ffn_up_(exps|shexp)\\.weight");
    }

    /** What makes queries, keys, values and gates of qwen3next, of each head of keys by itself. */
    static boolean addProjections(GgufFile file, TensorInfo info, HubShards shards) throws IOException {
        if (info.name().endsWith(".attn_gate.weight")) {
            return true; // with the others
        }
        if (!info.name().endsWith(".attn_qkv.weight")) {
            return false;
        }
        float[] others = file.tensor(info.name()).toHeap().data();
        float[] gates = file.tensor(info.name().replace("attn_qkv", "attn_gate"))
                .toHeap()
                .data();
        int groups = file.metadata().integer("qwen3next.ssm.group_count");
        int columns = info.shape().columns();
        int key = file.metadata().integer("qwen3next.ssm.state_size") * columns;
        int values = gates.length / groups;
        float[] all = new float[others.length + gates.length];
        int to = 0;
        for (int group = 0; group < groups; group++) {
            System.arraycopy(others, group * key, all, to, key);
            System.arraycopy(others, (groups + group) * key, all, to + key, key);
            System.arraycopy(others, 2 * groups * key + group * values, all, to + 2 * key, values);
            System.arraycopy(gates, group * values, all, to + 2 * key + values, values);
            to += 2 * key + 2 * values;
        }
        String prefix = "model.layers." + info.name().split("\\.", -1)[1];
        shards.put(prefix + ".linear_attn.in_proj_qkvz.weight", all, new int[] {all.length / columns, columns});
        return true;
    }

    /** The numbers as the hub has them. */
    static float[] values(GgufFile file, String architecture, String name, float... values) throws IOException {
        if (name.endsWith(".ssm_a")) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.log(-values[i]);
            }
        }
        if (!architecture.startsWith("qwen3")) {
            return values;
        }
        if (name.endsWith("norm.weight") && !name.endsWith("ssm_norm.weight")) {
            for (int i = 0; i < values.length; i++) {
                values[i] -= 1;
            }
        }
        if (architecture.equals("qwen3next")) {
            return values;
        }
        int groups = file.metadata().integer(architecture + ".ssm.group_count");
        int heads = file.metadata().integer(architecture + ".ssm.time_step_rank");
        int width = file.metadata().integer(architecture + ".ssm.state_size");
        int[] dims = file.find(name).orElseThrow().shape().dims();
        int columns = dims.length == 1 ? 1 : dims[1];
        if (name.matches(".*(attn_qkv|ssm_conv1d).weight")) {
            return grouped(values, new int[] {groups, heads}, 2 * groups * width * columns, width * columns);
        }
        if (name.matches(".*(attn_gate.weight|ssm_beta.weight|ssm_alpha.weight|ssm_dt.bias|ssm_a)")) {
            return grouped(values, new int[] {groups, heads}, 0, dims[0] / heads * columns);
        }
        if (name.endsWith("ssm_out.weight")) {
            float[] all = values.clone();
            for (int row = 0; row < dims[0]; row++) {
                float[] one = java.util.Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
                System.arraycopy(grouped(one, new int[] {groups, heads}, 0, width), 0, all, row * columns, columns);
            }
            return all;
        }
        return values;
    }

    /** Head h of GGUF shares keys with h % groups; on the hub those that share follow each other. */
    private static float[] grouped(float[] values, int[] counts, int begin, int size) {
        float[] moved = values.clone();
        int groups = counts[0];
        int each = counts[1] / groups;
        for (int h = 0; h < counts[1]; h++) {
            int to = h % groups * each + h / groups;
            System.arraycopy(values, begin + h * size, moved, begin + to * size, size);
        }
        return moved;
    }

    /** The extents on the hub. */
    static int[] dims(String name, int... dims) {
        if (name.endsWith("ssm_conv1d.weight")) {
            return new int[] {dims[0], 1, dims[1]};
        }
        if (name.endsWith(".ssm_a") || name.endsWith(".ssm_d")) {
            return new int[] {dims[0]};
        }
        return name.endsWith("ssm_norm.weight") && dims.length == 2 ? new int[] {dims[0] * dims[1]} : dims;
    }
}
