// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.Arrays;
import java.util.Map;

/** The qwen35, qwen35moe and qwen3next architectures, written down from their formulas. */
final class NaiveQwen35 extends NaiveModel {
    private static final double EPSILON = 1e-6f;
    private static final double BASE = 5000;

    private final int dim;
    private final int layers;
    private final boolean next;

    /**
     * Makes the weights.
     *
     * @param keys below the family's name; those that tests do not vary have values of their own
     */
    NaiveQwen35(String family, Map<String, Object> keys, boolean tied, long seed) {
        super(family, seed);
        key("embedding_length", 26);
        key("block_count", 4);
        key("context_length", 100);
        key("vocab_size", 41);
        key("feed_forward_length", 35);
        key("attention.layer_norm_rms_epsilon", 1e-6f);
        key("rope.freq_base", 5000f);
        next = family.equals("qwen3next");
        if (!next) {
            key("rope.dimension_sections", new int[] {2, 1, 1, 0});
        }
        key("attention.head_count", 3);
        key("attention.head_count_kv", 1);
        key("attention.key_length", 14);
        key("attention.value_length", 14);
        key("rope.dimension_count", 8);
        key("ssm.conv_kernel", 4);
        key("ssm.state_size", 9);
        key("ssm.group_count", 2);
        key("ssm.time_step_rank", 4);
        keys.forEach(this::key);
        key("ssm.inner_size", integer("ssm.time_step_rank") * integer("ssm.state_size"));
        dim = integer("embedding_length");
        layers = integer("block_count") - integer("nextn_predict_layers", 0);
        matrix("token_embd", integer("vocab_size"), dim);
        gains("output_norm", dim);
        if (!tied) {
            matrix("output", integer("vocab_size"), dim);
        }
        for (int layer = 0; layer < integer("block_count"); layer++) {
            String block = "blk." + layer + ".";
            gains(block + "attn_norm", dim);
            gains(block + "post_attention_norm", dim);
            if (layer < layers && recurrent(layer)) {
                deltaNet(block);
            } else {
                attention(block);
            }
            feedForward(block, true);
            if (layer >= layers) {
                matrix(block + "nextn.eh_proj", dim, 2 * dim);
                gains(block + "nextn.enorm", dim);
            }
        }
    }

    private boolean recurrent(int layer) {
        int interval = integer("full_attention_interval", 4);
        return (layer + 1) % interval != 0;
    }

    private void deltaNet(String block) {
        int keys = integer("ssm.group_count") * integer("ssm.state_size");
        int heads = integer("ssm.time_step_rank");
        int values = integer("ssm.inner_size");
        matrix(block + "attn_qkv", 2 * keys + values, dim);
        matrix(block + "attn_gate", values, dim);
        near(block + "ssm_conv1d.weight", 0.1f, 0.6f, 2 * keys + values, integer("ssm.conv_kernel"));
        near(block + "ssm_dt.bias", 0, 1, heads);
        near(block + "ssm_a", -0.8f, 0.7f, heads);
        if (next) {
            matrix(block + "ssm_ba", 2 * heads, dim);
        } else {
            matrix(block + "ssm_alpha", heads, dim);
            matrix(block + "ssm_beta", heads, dim);
        }
        gains(block + "ssm_norm", integer("ssm.state_size"));
        matrix(block + "ssm_out", dim, values);
    }

    private void attention(String block) {
        int width = integer("attention.key_length");
        int heads = integer("attention.head_count");
        matrix(block + "attn_q", 2 * heads * width, dim);
        matrix(block + "attn_k", integer("attention.head_count_kv") * width, dim);
        matrix(block + "attn_v", integer("attention.head_count_kv") * width, dim);
        matrix(block + "attn_output", dim, heads * width);
        gains(block + "attn_q_norm", width);
        gains(block + "attn_k_norm", width);
    }

    @Override
    double[][] logits(int... tokens) {
        double[][] x = new double[tokens.length][];
        for (int t = 0; t < x.length; t++) {
            x[t] = row("token_embd.weight", tokens[t]);
        }
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            double[][] normed = new double[x.length][];
            for (int t = 0; t < x.length; t++) {
                normed[t] = norm(x[t], block + "attn_norm");
            }
            double[][] mixed = recurrent(layer) ? recur(normed, block) : attend(normed, block);
            for (int t = 0; t < x.length; t++) {
                add(x[t], mixed[t]);
                double[] input = norm(x[t], block + "post_attention_norm");
                add(x[t], feedForward(input, block));
            }
        }
        double[][] logits = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            logits[t] = multiply(has("output.weight") ? "output" : "token_embd", norm(x[t], "output_norm"));
        }
        return logits;
    }

    private double[] norm(double[] x, String gains) {
        return rms(x, all(gains + ".weight"), dim, EPSILON);
    }

    private double[][] attend(double[][] x, String block) {
        int width = integer("attention.key_length");
        double[][] k = new double[x.length][];
        double[][] v = new double[x.length][];
        double[][] y = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] both = multiply(block + "attn_q", x[t]);
            double[] q = new double[both.length / 2];
            double[] gate = new double[both.length / 2];
            for (int i = 0; i < q.length; i++) {
                q[i] = both[i / width * 2 * width + i % width];
                gate[i] = sigmoid(both[i / width * 2 * width + width + i % width]);
            }
            double[] angles = turns(t);
            q = NaiveRotary.turnHalves(rms(q, all(block + "attn_q_norm.weight"), width, EPSILON), width, angles);
            k[t] = rms(multiply(block + "attn_k", x[t]), all(block + "attn_k_norm.weight"), width, EPSILON);
            k[t] = NaiveRotary.turnHalves(k[t], width, angles);
            v[t] = multiply(block + "attn_v", x[t]);
            double[] mixed = attend(q, k, v, 0, t + 1, width, 1 / Math.sqrt(width));
            y[t] = multiply(block + "attn_output", times(mixed, gate));
        }
        return y;
    }

    /** A pair that no section has keeps its place. */
    private double[] turns(int position) {
        double[] angles = NaiveRotary.angles(position, integer("rope.dimension_count"), BASE);
        if (next) {
            return angles;
        }
        int[] sections = (int[]) metadata.get(family + ".rope.dimension_sections");
        int all = sections[0] + sections[1] + sections[2] + sections[3];
        for (int i = 0; i < angles.length; i++) {
            int place = i % all;
            boolean time = place % 3 == 0 && place < 3 * sections[0];
            boolean height = place % 3 == 1 && place < 3 * sections[1];
            boolean width = place % 3 == 2 && place < 3 * sections[2];
            angles[i] = time || height || width ? angles[i] : 0;
        }
        return angles;
    }

    private double[][] recur(double[][] x, String block) {
        int width = integer("ssm.state_size");
        int keyHeads = integer("ssm.group_count");
        int heads = integer("ssm.time_step_rank");
        int keys = keyHeads * width;
        double[][] qkv = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            qkv[t] = multiply(block + "attn_qkv", x[t]);
        }
        qkv = convolveActive(qkv, block + "ssm_conv1d");
        double[][][] state = new double[heads][width][width];
        double[][] y = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] alpha = rates(x[t], block, "ssm_alpha");
            double[] beta = rates(x[t], block, "ssm_beta");
            double[] read = new double[heads * width];
            for (int h = 0; h < heads; h++) {
                int key = (next ? h / (heads / keyHeads) : h % keyHeads) * width;
                double[] q = times(unit(part(qkv[t], key, key + width)), 1 / Math.sqrt(width));
                double[] k = unit(part(qkv[t], keys + key, keys + key + width));
                double[] v = part(qkv[t], 2 * keys + h * width, 2 * keys + (h + 1) * width);
                double rate = all(block + "ssm_a")[h];
                double decay = Math.exp(rate * softplus(alpha[h] + all(block + "ssm_dt.bias")[h]));
                double[] out = step(state[h], decay, sigmoid(beta[h]), q, k, v);
                System.arraycopy(out, 0, read, h * width, width);
            }
            double[] normed = rms(read, all(block + "ssm_norm.weight"), width, EPSILON);
            double[] gate = map(multiply(block + "attn_gate", x[t]), NaiveModel::silu);
            y[t] = multiply(block + "ssm_out", times(normed, gate));
        }
        return y;
    }

    /** Of qwen3next, each head of keys has first the betas and then the alphas of its heads of values. */
    private double[] rates(double[] x, String block, String name) {
        if (!next) {
            return multiply(block + name, x);
        }
        double[] both = multiply(block + "ssm_ba", x);
        int each = integer("ssm.time_step_rank") / integer("ssm.group_count");
        double[] own = new double[both.length / 2];
        int first = name.equals("ssm_beta") ? 0 : each;
        Arrays.setAll(own, h -> both[h / each * 2 * each + first + h % each]);
        return own;
    }

    private static double[] unit(double... x) {
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        return times(x, 1 / Math.max(Math.sqrt(squares), EPSILON));
    }

    /** One row of the delta rule; the state is by key and value. */
    private static double[] step(double[][] state, double decay, double beta, double[] q, double[] k, double[] v) {
        double[] out = new double[v.length];
        for (int j = 0; j < v.length; j++) {
            double known = 0;
            for (int i = 0; i < k.length; i++) {
                state[i][j] *= decay;
                known += state[i][j] * k[i];
            }
            for (int i = 0; i < k.length; i++) {
                state[i][j] += k[i] * (v[j] - known) * beta;
                out[j] += state[i][j] * q[i];
            }
        }
        return out;
    }
}
