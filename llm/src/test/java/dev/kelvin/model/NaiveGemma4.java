// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.Map;
import java.util.Set;

/** The gemma4 architecture, written down from its formulas. */
final class NaiveGemma4 extends NaiveModel {
    private static final double EPSILON = 1e-6f;

    private final int dim;
    private final int layers;
    private final int inputDim;
    private final boolean[] windowed;

    /**
     * Makes the weights.
     *
     * @param keys below the family's name; those that tests do not vary have values of their own
     * @param withoutValues layers that have keys only
     */
    NaiveGemma4(Map<String, Object> keys, Set<Integer> withoutValues, boolean tied, long seed) {
        super("gemma4", seed);
        key("embedding_length", 22);
        key("block_count", 5);
        key("context_length", 100);
        key("vocab_size", 43);
        key("feed_forward_length", 31);
        key("attention.layer_norm_rms_epsilon", 1e-6f);
        key("attention.head_count", 4);
        key("attention.head_count_kv", 2);
        key("attention.key_length", 14);
        key("attention.value_length", 14);
        key("attention.key_length_swa", 10);
        key("attention.value_length_swa", 10);
        key("attention.sliding_window", 7);
        key("attention.sliding_window_pattern", new boolean[] {true, false, true, true, false});
        key("rope.freq_base", 3000f);
        key("rope.freq_base_swa", 200f);
        key("rope.dimension_count", 14);
        key("rope.dimension_count_swa", 10);
        keys.forEach(this::key);
        dim = integer("embedding_length");
        layers = integer("block_count");
        inputDim = integer("embedding_length_per_layer_input", 0);
        windowed = (boolean[]) metadata.get("gemma4.attention.sliding_window_pattern");
        matrix("token_embd", integer("vocab_size"), dim);
        gains("output_norm", dim);
        if (!tied) {
            matrix("output", integer("vocab_size"), dim);
        }
        near("rope_freqs.weight", 3, 2, integer("attention.key_length") / 2);
        if (inputDim > 0) {
            matrix("per_layer_token_embd", integer("vocab_size"), layers * inputDim);
            matrix("per_layer_model_proj", layers * inputDim, dim);
            gains("per_layer_proj_norm", inputDim);
        }
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            int width = width(layer);
            matrix(block + "attn_q", each("attention.head_count", layer) * width, dim);
            gains(block + "attn_q_norm", width);
            if (layer < layers - integer("attention.shared_kv_layers", 0)) {
                matrix(block + "attn_k", each("attention.head_count_kv", layer) * width, dim);
                gains(block + "attn_k_norm", width);
                if (!withoutValues.contains(layer)) {
                    matrix(block + "attn_v", each("attention.head_count_kv", layer) * width, dim);
                }
            }
            matrix(block + "attn_output", dim, each("attention.head_count", layer) * width);
            for (String norm : new String[] {"attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"}) {
                gains(block + norm, dim);
            }
            feedForward(block, layer);
        }
    }

    private void feedForward(String block, int layer) {
        int ffnDim = each("feed_forward_length", layer);
        matrix(block + "ffn_gate", ffnDim, dim);
        matrix(block + "ffn_up", ffnDim, dim);
        matrix(block + "ffn_down", dim, ffnDim);
        int experts = integer("expert_count", 0);
        if (experts > 0) {
            int width = integer("expert_feed_forward_length");
            matrix(block + "ffn_gate_inp", experts, dim);
            near(block + "ffn_gate_inp.scale", 4, 2, dim);
            gains(block + "pre_ffw_norm_2", dim);
            gains(block + "post_ffw_norm_1", dim);
            gains(block + "post_ffw_norm_2", dim);
            if (layer % 2 == 0) {
                experts(block + "ffn_gate_up_exps", experts, 2 * width, dim);
            } else {
                experts(block + "ffn_gate_exps", experts, width, dim);
                experts(block + "ffn_up_exps", experts, width, dim);
            }
            experts(block + "ffn_down_exps", experts, dim, width);
            if (layer != 1) {
                near(block + "ffn_down_exps.scale", 1, 0.5f, experts);
            }
        }
        if (inputDim > 0) {
            matrix(block + "inp_gate", inputDim, dim);
            matrix(block + "proj", dim, inputDim);
            gains(block + "post_norm", dim);
        }
        if (layer != 2) {
            near(block + "layer_output_scale.weight", 0.8f, 0.3f, 1);
        }
    }

    private int each(String name, int layer) {
        return metadata.get("gemma4." + name) instanceof int[] each ? each[layer] : integer(name);
    }

    private int width(int layer) {
        return integer(windowed[layer] ? "attention.key_length_swa" : "attention.key_length");
    }

    @Override
    double[][] logits(int... tokens) {
        double[][] x = new double[tokens.length][];
        double[][] inputs = new double[tokens.length][];
        for (int t = 0; t < x.length; t++) {
            x[t] = times(row("token_embd.weight", tokens[t]), Math.sqrt(dim));
            inputs[t] = inputDim == 0 ? null : inputs(tokens[t], x[t]);
        }
        double[][][] k = new double[layers][x.length][];
        double[][][] v = new double[layers][x.length][];
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            int source = source(layer);
            for (int t = 0; t < x.length; t++) {
                double[] normed = norm(x[t], block + "attn_norm");
                if (source == layer) {
                    keysAndValues(normed, layer, t, k[layer], v[layer]);
                }
                double[] mixed = attend(normed, layer, t, k[source], v[source]);
                add(x[t], norm(mixed, block + "post_attention_norm"));
                add(x[t], norm(forward(x[t], block), block + "post_ffw_norm"));
                if (inputDim > 0) {
                    double[] gate = map(multiply(block + "inp_gate", x[t]), NaiveModel::gelu);
                    double[] input = part(inputs[t], layer * inputDim, (layer + 1) * inputDim);
                    add(x[t], norm(multiply(block + "proj", times(gate, input)), block + "post_norm"));
                }
                if (has(block + "layer_output_scale.weight")) {
                    x[t] = times(x[t], all(block + "layer_output_scale.weight")[0]);
                }
            }
        }
        double cap = real("final_logit_softcapping", 30);
        double[][] logits = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            logits[t] = multiply(has("output.weight") ? "output" : "token_embd", norm(x[t], "output_norm"));
            logits[t] = cap == 0 ? logits[t] : map(logits[t], z -> cap * Math.tanh(z / cap));
        }
        return logits;
    }

    private double[] norm(double[] x, String gains) {
        return rms(x, all(gains + ".weight"), dim, EPSILON);
    }

    private double[] inputs(int token, double[] x) {
        double[] projected = times(multiply("per_layer_model_proj", x), 1 / Math.sqrt(dim));
        double[] sum = rms(projected, all("per_layer_proj_norm.weight"), inputDim, EPSILON);
        add(sum, times(row("per_layer_token_embd.weight", token), Math.sqrt(inputDim)));
        return times(sum, Math.sqrt(0.5));
    }

    /** The layer whose keys and values one reads. */
    private int source(int layer) {
        int own = layers - integer("attention.shared_kv_layers", 0);
        int source = Math.min(layer, own - 1);
        while (windowed[source] != windowed[layer]) {
            source--;
        }
        return source;
    }

    private double[] turn(double[] heads, int layer, int position) {
        double[] angles;
        if (windowed[layer]) {
            angles =
                    NaiveRotary.angles(position, integer("rope.dimension_count_swa"), real("rope.freq_base_swa", 3000));
        } else {
            angles = NaiveRotary.angles(position, integer("rope.dimension_count"), 3000);
            double[] divisors = all("rope_freqs.weight");
            for (int i = 0; i < angles.length; i++) {
                angles[i] /= divisors[i];
            }
        }
        return NaiveRotary.turnHalves(heads, width(layer), angles);
    }

    private void keysAndValues(double[] x, int layer, int t, double[][] k, double[][] v) {
        String block = "blk." + layer + ".";
        double[] keys = multiply(block + "attn_k", x);
        double[] values = has(block + "attn_v.weight") ? multiply(block + "attn_v", x) : keys;
        k[t] = turn(rms(keys, all(block + "attn_k_norm.weight"), width(layer), EPSILON), layer, t);
        v[t] = rms(values, null, width(layer), EPSILON);
    }

    private double[] attend(double[] x, int layer, int t, double[][] k, double[][] v) {
        String block = "blk." + layer + ".";
        double[] q = rms(multiply(block + "attn_q", x), all(block + "attn_q_norm.weight"), width(layer), EPSILON);
        int begin = windowed[layer] ? Math.max(0, t + 1 - integer("attention.sliding_window")) : 0;
        double[] mixed = attend(turn(q, layer, t), k, v, begin, t + 1, width(layer), 1);
        return multiply(block + "attn_output", mixed);
    }

    private double[] forward(double[] x, String block) {
        double[] input = norm(x, block + "ffn_norm");
        double[] gate = map(multiply(block + "ffn_gate", input), NaiveModel::gelu);
        double[] dense = multiply(block + "ffn_down", times(gate, multiply(block + "ffn_up", input)));
        if (!has(block + "ffn_gate_inp.weight")) {
            return dense;
        }
        double[] routed = times(rms(x, all(block + "ffn_gate_inp.scale"), dim, EPSILON), 1 / Math.sqrt(dim));
        double[] weights = route(multiply(block + "ffn_gate_inp", routed), integer("expert_used_count"));
        double[] read = norm(x, block + "pre_ffw_norm_2");
        double[] mixture = new double[dim];
        for (int e = 0; e < weights.length; e++) {
            double factor = has(block + "ffn_down_exps.scale") ? all(block + "ffn_down_exps.scale")[e] : 1;
            add(mixture, times(expert(read, block, e), weights[e] * factor));
        }
        double[] sum = norm(dense, block + "post_ffw_norm_1");
        add(sum, norm(mixture, block + "post_ffw_norm_2"));
        return sum;
    }

    private double[] expert(double[] x, String block, int e) {
        int width = integer("expert_feed_forward_length");
        boolean fused = has(block + "ffn_gate_up_exps.weight");
        float[] gates = tensors.get(block + (fused ? "ffn_gate_up_exps.weight" : "ffn_gate_exps.weight"))
                .data();
        float[] ups = fused ? gates : tensors.get(block + "ffn_up_exps.weight").data();
        double[] gate = multiply(gates, (fused ? 2 * e : e) * width, width, x);
        double[] up = multiply(ups, (fused ? 2 * e + 1 : e) * width, width, x);
        float[] down = tensors.get(block + "ffn_down_exps.weight").data();
        return multiply(down, e * dim, dim, times(map(gate, NaiveModel::gelu), up));
    }
}
