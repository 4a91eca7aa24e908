// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.Map;

/** The mamba2 and granitehybrid architectures, written down from their formulas. */
final class NaiveMamba2 extends NaiveModel {
    private static final double EPSILON = 1e-5f;

    private final int dim;
    private final int layers;
    private final int inner;
    private final int heads;
    private final int groups;
    private final int states;

    /**
     * Makes the weights.
     *
     * @param keys below the family's name; those that tests do not vary have values of their own
     */
    NaiveMamba2(String family, Map<String, Object> keys, boolean tied, long seed) {
        super(family, seed);
        key("embedding_length", 22);
        key("block_count", 4);
        key("context_length", 100);
        key("vocab_size", 37);
        key("feed_forward_length", family.equals("mamba2") ? 0 : 27);
        key("attention.head_count", family.equals("mamba2") ? 0 : 3);
        key("attention.layer_norm_rms_epsilon", 1e-5f);
        if (!family.equals("mamba2")) {
            key("attention.key_length", 10);
            key("rope.freq_base", 700f);
        }
        key("ssm.conv_kernel", 4);
        key("ssm.inner_size", 42);
        key("ssm.state_size", 7);
        key("ssm.group_count", 2);
        key("ssm.time_step_rank", 6);
        keys.forEach(this::key);
        dim = integer("embedding_length");
        layers = integer("block_count");
        inner = integer("ssm.inner_size");
        heads = integer("ssm.time_step_rank");
        groups = integer("ssm.group_count");
        states = integer("ssm.state_size");
        matrix("token_embd", integer("vocab_size"), dim);
        gains("output_norm", dim);
        if (!tied) {
            matrix("output", integer("vocab_size"), dim);
        }
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            gains(block + "attn_norm", dim);
            if (kvHeads(layer) == 0) {
                scan(block);
            } else {
                int width = integer("attention.key_length");
                matrix(block + "attn_q", integer("attention.head_count") * width, dim);
                matrix(block + "attn_k", kvHeads(layer) * width, dim);
                matrix(block + "attn_v", kvHeads(layer) * width, dim);
                matrix(block + "attn_output", dim, integer("attention.head_count") * width);
            }
            if (!family.equals("mamba2")) {
                gains(block + "ffn_norm", dim);
                feedForward(block, false);
            }
        }
    }

    private int kvHeads(int layer) {
        return metadata.get(family + ".attention.head_count_kv") instanceof int[] each ? each[layer] : 0;
    }

    private void scan(String block) {
        int convolved = inner + 2 * groups * states;
        matrix(block + "ssm_in", inner + convolved + heads, dim);
        near(block + "ssm_conv1d.weight", 0.1f, 0.6f, convolved, integer("ssm.conv_kernel"));
        near(block + "ssm_conv1d.bias", 0, 0.5f, convolved);
        near(block + "ssm_dt.bias", 0, 1, heads);
        near(block + "ssm_a", -0.8f, 0.7f, heads, 1);
        near(block + "ssm_d", 0, 1, heads, 1);
        gains(block + "ssm_norm", groups, inner / groups);
        matrix(block + "ssm_out", dim, inner);
    }

    @Override
    double[][] logits(int... tokens) {
        double residual = real("residual_scale", 1);
        double[][] x = new double[tokens.length][];
        for (int t = 0; t < x.length; t++) {
            x[t] = times(row("token_embd.weight", tokens[t]), real("embedding_scale", 1));
        }
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            double[][] normed = new double[x.length][];
            for (int t = 0; t < x.length; t++) {
                normed[t] = norm(x[t], block + "attn_norm");
            }
            double[][] mixed = kvHeads(layer) == 0 ? scan(normed, block) : attend(normed, block);
            for (int t = 0; t < x.length; t++) {
                add(x[t], times(mixed[t], residual));
                if (!family.equals("mamba2")) {
                    add(x[t], times(feedForward(norm(x[t], block + "ffn_norm"), block), residual));
                }
            }
        }
        double[][] logits = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            logits[t] = multiply(has("output.weight") ? "output" : "token_embd", norm(x[t], "output_norm"));
            logits[t] = times(logits[t], 1 / real("logit_scale", 1));
        }
        return logits;
    }

    private double[] norm(double[] x, String gains) {
        return rms(x, all(gains + ".weight"), dim, EPSILON);
    }

    private double[][] attend(double[][] x, String block) {
        int width = integer("attention.key_length");
        boolean turning = !Boolean.FALSE.equals(metadata.get(family + ".rope.scaling.finetuned"));
        double[][] k = new double[x.length][];
        double[][] v = new double[x.length][];
        double[][] y = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] angles = turning ? NaiveRotary.angles(t, width, 700) : new double[0];
            double[] q = NaiveRotary.turnNeighbours(multiply(block + "attn_q", x[t]), width, angles);
            k[t] = NaiveRotary.turnNeighbours(multiply(block + "attn_k", x[t]), width, angles);
            v[t] = multiply(block + "attn_v", x[t]);
            double scale = real("attention.scale", 1 / Math.sqrt(width));
            y[t] = multiply(block + "attn_output", attend(q, k, v, 0, t + 1, width, scale));
        }
        return y;
    }

    private double[][] scan(double[][] x, String block) {
        int width = inner / heads;
        int convolved = inner + 2 * groups * states;
        double[][] all = new double[x.length][];
        double[][] turning = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            all[t] = multiply(block + "ssm_in", x[t]);
            turning[t] = part(all[t], inner, inner + convolved);
        }
        turning = convolveActive(turning, block + "ssm_conv1d");
        double[][][] state = new double[heads][width][states];
        double[][] y = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] row = turning[t];
            double[] mixed = new double[inner];
            for (int h = 0; h < heads; h++) {
                int written = inner + h * groups / heads * states;
                int read = written + groups * states;
                double step = softplus(all[t][inner + convolved + h] + all(block + "ssm_dt.bias")[h]);
                double decay = Math.exp(step * all(block + "ssm_a")[h]);
                for (int i = 0; i < width; i++) {
                    double u = row[h * width + i];
                    double out = all(block + "ssm_d")[h] * u;
                    for (int n = 0; n < states; n++) {
                        state[h][i][n] = state[h][i][n] * decay + row[written + n] * u * step;
                        out += state[h][i][n] * row[read + n];
                    }
                    mixed[h * width + i] = out * silu(all[t][h * width + i]);
                }
            }
            double[] normed = rms(mixed, null, inner / groups, EPSILON);
            y[t] = multiply(block + "ssm_out", times(normed, all(block + "ssm_norm.weight")));
        }
        return y;
    }
}
