// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.Arrays;
import java.util.Map;

/** The deepseek2 architecture, written down from its formulas: keys and values of all heads are made of each latent. */
final class NaiveLatent extends NaiveModel {
    private static final double EPSILON = 1e-5f;

    private final int dim;
    private final int heads;
    private final int still;
    private final int turning;
    private final int latent;
    private final int valueDim;

    /**
     * Makes the weights.
     *
     * @param keys below the family's name; those that tests do not vary have values of their own
     */
    NaiveLatent(Map<String, Object> keys, boolean tied, long seed) {
        super("deepseek2", seed);
        key("embedding_length", 26);
        key("block_count", 3);
        key("context_length", 100);
        key("vocab_size", 37);
        key("feed_forward_length", 29);
        key("attention.head_count", 3);
        key("attention.head_count_kv", 1);
        key("attention.kv_lora_rank", 11);
        key("attention.key_length_mla", 13);
        key("attention.value_length_mla", 9);
        key("rope.dimension_count", 4);
        key("attention.layer_norm_rms_epsilon", 1e-5f);
        key("expert_shared_count", 0);
        keys.forEach(this::key);
        dim = integer("embedding_length");
        heads = integer("attention.head_count");
        turning = integer("rope.dimension_count");
        still = integer("attention.key_length_mla") - turning;
        latent = integer("attention.kv_lora_rank");
        valueDim = integer("attention.value_length_mla");
        key("attention.key_length", latent + turning);
        key("attention.value_length", latent);
        matrix("token_embd", integer("vocab_size"), dim);
        gains("output_norm", dim);
        if (!tied) {
            matrix("output", integer("vocab_size"), dim);
        }
        for (int layer = 0; layer < integer("block_count"); layer++) {
            draw("blk." + layer + ".", layer);
        }
    }

    private void draw(String block, int layer) {
        gains(block + "attn_norm", dim);
        int rank = integer("attention.q_lora_rank", 0);
        if (rank > 0) {
            matrix(block + "attn_q_a", rank, dim);
            gains(block + "attn_q_a_norm", rank);
            matrix(block + "attn_q_b", heads * (still + turning), rank);
        } else {
            matrix(block + "attn_q", heads * (still + turning), dim);
        }
        matrix(block + "attn_kv_a_mqa", latent + turning, dim);
        gains(block + "attn_kv_a_norm", latent);
        experts(block + "attn_k_b", heads, latent, still);
        experts(block + "attn_v_b", heads, valueDim, latent);
        matrix(block + "attn_output", dim, heads * valueDim);
        gains(block + "ffn_norm", dim);
        if (integer("expert_count", 0) == 0 || layer < integer("leading_dense_block_count", 0)) {
            int ffnDim = integer("feed_forward_length");
            matrix(block + "ffn_gate", ffnDim, dim);
            matrix(block + "ffn_up", ffnDim, dim);
            matrix(block + "ffn_down", dim, ffnDim);
            return;
        }
        int experts = integer("expert_count");
        int width = integer("expert_feed_forward_length");
        int shared = width * integer("expert_shared_count");
        matrix(block + "ffn_gate_inp", experts, dim);
        experts(block + "ffn_gate_exps", experts, width, dim);
        experts(block + "ffn_up_exps", experts, width, dim);
        experts(block + "ffn_down_exps", experts, dim, width);
        matrix(block + "ffn_gate_shexp", shared, dim);
        matrix(block + "ffn_up_shexp", shared, dim);
        matrix(block + "ffn_down_shexp", dim, shared);
        if (integer("expert_gating_func", 0) == 2) {
            near(block + "exp_probs_b.bias", 0, 0.5f, experts);
        }
    }

    // The pass.

    @Override
    double[][] logits(int... tokens) {
        double[][] x = new double[tokens.length][];
        for (int t = 0; t < x.length; t++) {
            x[t] = row("token_embd.weight", tokens[t]);
        }
        for (int layer = 0; layer < integer("block_count"); layer++) {
            String block = "blk." + layer + ".";
            double[][] in = new double[x.length][];
            for (int t = 0; t < x.length; t++) {
                in[t] = rms(x[t], all(block + "attn_norm.weight"), dim, EPSILON);
            }
            double[][] mixed = attend(in, block);
            for (int t = 0; t < x.length; t++) {
                add(x[t], mixed[t]);
                double[] y = rms(x[t], all(block + "ffn_norm.weight"), dim, EPSILON);
                add(x[t], has(block + "ffn_gate.weight") ? feedForward(y, block) : experts(y, block));
            }
        }
        for (int t = 0; t < x.length; t++) {
            double[] normed = rms(x[t], all("output_norm.weight"), dim, EPSILON);
            x[t] = multiply(has("output.weight") ? "output" : "token_embd", normed);
        }
        return x;
    }

    private double[][] attend(double[][] x, String block) {
        int count = x.length;
        double[][][] q = new double[count][heads][];
        double[][][] k = new double[count][heads][];
        double[][][] v = new double[count][heads][];
        for (int t = 0; t < count; t++) {
            double[] queries = has(block + "attn_q.weight")
                    ? multiply(block + "attn_q", x[t])
                    : multiply(
                            block + "attn_q_b",
                            rms(
                                    multiply(block + "attn_q_a", x[t]),
                                    all(block + "attn_q_a_norm.weight"),
                                    integer("attention.q_lora_rank"),
                                    EPSILON));
            double[] both = multiply(block + "attn_kv_a_mqa", x[t]);
            double[] c = rms(part(both, 0, latent), all(block + "attn_kv_a_norm.weight"), latent, EPSILON);
            double[] turned = turn(part(both, latent, latent + turning), t);
            for (int h = 0; h < heads; h++) {
                int begin = h * (still + turning);
                double[] own = part(queries, begin + still, begin + still + turning);
                q[t][h] = joined(part(queries, begin, begin + still), turn(own, t));
                k[t][h] = joined(keys(c, block, h), turned);
                v[t][h] = expert(block + "attn_v_b", h, valueDim, c);
                if (real("attention.temperature_scale", 0) != 0) {
                    int step = integer("attention.temperature_length");
                    double growth = real("attention.temperature_scale", 0) * Math.log(1 + t / step);
                    q[t][h] = times(q[t][h], 1 + growth);
                }
            }
        }
        double[][] y = new double[count][];
        for (int t = 0; t < count; t++) {
            double[] all = new double[heads * valueDim];
            for (int h = 0; h < heads; h++) {
                mix(t, h, q, k, v, all);
            }
            y[t] = multiply(block + "attn_output", all);
        }
        return y;
    }

    private void mix(int t, int h, double[][][] q, double[][][] k, double[][][] v, double[] all) {
        double[] weights = new double[t + 1];
        double sum = 0;
        for (int j = 0; j <= t; j++) {
            double dot = Arrays.stream(times(q[t][h], k[j][h])).sum();
            weights[j] = Math.exp(dot * scale());
            sum += weights[j];
        }
        for (int j = 0; j <= t; j++) {
            for (int i = 0; i < valueDim; i++) {
                all[h * valueDim + i] += weights[j] / sum * v[j][h][i];
            }
        }
    }

    private double growth() {
        boolean yarn = "yarn".equals(metadata.get(family + ".rope.scaling.type"));
        return yarn ? 0.1 * Math.log(real("rope.scaling.factor", 1)) : 0;
    }

    private double scale() {
        double multiplier = real("rope.scaling.yarn_log_multiplier", 0) * 10;
        double growth = growth() * (multiplier == 0 ? 1 : multiplier);
        double magnitude = real("rope.scaling.attn_factor", 1) * (1 + growth);
        return magnitude * magnitude / Math.sqrt(still + turning);
    }

    /** The part of a head's key that does not turn, by the columns of its matrix. */
    private double[] keys(double[] c, String block, int head) {
        float[] weight = tensors.get(block + "attn_k_b.weight").data();
        double[] key = new double[still];
        for (int l = 0; l < latent; l++) {
            for (int i = 0; i < still; i++) {
                key[i] += c[l] * weight[(head * latent + l) * still + i];
            }
        }
        return key;
    }

    private double[] turn(double[] x, int position) {
        double base = real("rope.freq_base", 10_000);
        double[] angles = NaiveRotary.angles(position, turning, base);
        double magnitude = real("rope.scaling.attn_factor", 1);
        if (growth() > 0) {
            double factor = real("rope.scaling.factor", 1);
            int original = integer("rope.scaling.original_context_length");
            double first = Math.max(0, Math.floor(pair(original, 32, base)));
            double last = Math.min(turning - 1.0, Math.ceil(pair(original, 1, base)));
            for (int i = 0; i < angles.length; i++) {
                double kept = 1 - Math.clamp((i - first) / Math.max(0.001, last - first), 0, 1);
                angles[i] *= kept + (1 - kept) / factor;
            }
            magnitude *= metadata.containsKey(family + ".rope.scaling.yarn_log_multiplier") ? 1 : 1 + growth();
        }
        return times(NaiveRotary.turnNeighbours(x, turning, angles), magnitude);
    }

    private double pair(int original, double turns, double base) {
        return turning * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }

    private static double[] joined(double[] a, double... b) {
        double[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private double[] experts(double[] x, String block) {
        double[] logits = multiply(block + "ffn_gate_inp", x);
        boolean sigmoid = integer("expert_gating_func", 0) == 2;
        double[] gates = map(logits, sigmoid ? NaiveModel::sigmoid : Math::exp);
        gates = sigmoid ? gates : times(gates, 1 / Arrays.stream(gates).sum());
        double[] ranks = gates.clone();
        if (sigmoid) {
            add(ranks, all(block + "exp_probs_b.bias"));
        }
        double[] sorted = ranks.clone();
        Arrays.sort(sorted);
        double least = sorted[sorted.length - integer("expert_used_count")];
        double sum = 0;
        for (int e = 0; e < gates.length; e++) {
            gates[e] = ranks[e] >= least ? gates[e] : 0;
            sum += gates[e];
        }
        boolean normalised = Boolean.TRUE.equals(metadata.get(family + ".expert_weights_norm"));
        gates = times(gates, real("expert_weights_scale", 1) / (normalised ? sum : 1));
        double[] y = gated(x, block + "ffn_%s_shexp");
        int width = integer("expert_feed_forward_length");
        for (int e = 0; e < gates.length; e++) {
            double[] gate = map(expert(block + "ffn_gate_exps", e, width, x), NaiveModel::silu);
            double[] up = expert(block + "ffn_up_exps", e, width, x);
            add(y, times(expert(block + "ffn_down_exps", e, dim, times(gate, up)), gates[e]));
        }
        return y;
    }
}
