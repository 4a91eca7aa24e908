// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.tensor.HeapTensor;

/**
 * The llama architecture in double precision, written down once more from its formulas: no cache, no batches, every
 * sequence from its beginning.
 */
final class NaiveLlama {
    private final TinyLlama model;
    private final ModelConfig config;

    NaiveLlama(TinyLlama model) {
        this.model = model;
        this.config = model.config;
    }

    /** Logits [tokens][V] behind each token. */
    double[][] logits(int... tokens) {
        double[][] x = new double[tokens.length][];
        for (int t = 0; t < tokens.length; t++) {
            x[t] = row(model.tensors.get("token_embd.weight"), tokens[t]);
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = "blk." + layer + ".";
            attend(x, block);
            for (int t = 0; t < x.length; t++) {
                double[] normed = norm(x[t], block + "ffn_norm.weight");
                double[] gate = multiply(block + "ffn_gate.weight", normed);
                double[] up = multiply(block + "ffn_up.weight", normed);
                for (int i = 0; i < gate.length; i++) {
                    gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
                }
                add(x[t], multiply(block + "ffn_down.weight", gate));
            }
        }
        double[][] logits = new double[tokens.length][];
        String head = model.tensors.containsKey("output.weight") ? "output.weight" : "token_embd.weight";
        for (int t = 0; t < tokens.length; t++) {
            logits[t] = multiply(head, norm(x[t], "output_norm.weight"));
        }
        return logits;
    }

    private void attend(double[][] x, String block) {
        int headDim = config.headDim();
        int group = config.heads() / config.kvHeads();
        double[][] k = new double[x.length][];
        double[][] v = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] normed = norm(x[t], block + "attn_norm.weight");
            k[t] = rotate(multiply(block + "attn_k.weight", normed), t);
            v[t] = multiply(block + "attn_v.weight", normed);
            double[] q = rotate(multiply(block + "attn_q.weight", normed), t);
            double[] mixed = new double[q.length];
            for (int h = 0; h < config.heads(); h++) {
                int kvOffset = h / group * headDim;
                double[] weights = new double[t + 1];
                double sum = 0;
                for (int j = 0; j <= t; j++) {
                    double dot = 0;
                    for (int i = 0; i < headDim; i++) {
                        dot += q[h * headDim + i] * k[j][kvOffset + i];
                    }
                    weights[j] = Math.exp(dot * scale());
                    sum += weights[j];
                }
                for (int j = 0; j <= t; j++) {
                    for (int i = 0; i < headDim; i++) {
                        mixed[h * headDim + i] += weights[j] / sum * v[j][kvOffset + i];
                    }
                }
            }
            add(x[t], multiply(block + "attn_output.weight", mixed));
        }
    }

    private double scale() {
        return model.metadata.get("llama.attention.scale") instanceof Float scale
                ? scale
                : 1 / Math.sqrt(config.headDim());
    }

    private double[] rotate(double[] heads, int position) {
        HeapTensor factors = model.tensors.get("rope_freqs.weight");
        double[] turned = heads.clone();
        for (int offset = 0; offset < heads.length; offset += config.headDim()) {
            for (int i = 0; i < config.ropeDims() / 2; i++) {
                double angle = position * Math.pow(config.ropeBase(), -2.0 * i / config.ropeDims());
                if (factors != null) {
                    angle /= factors.data()[i];
                }
                double a = heads[offset + 2 * i];
                double b = heads[offset + 2 * i + 1];
                turned[offset + 2 * i] = a * Math.cos(angle) - b * Math.sin(angle);
                turned[offset + 2 * i + 1] = a * Math.sin(angle) + b * Math.cos(angle);
            }
        }
        return turned;
    }

    private double[] norm(double[] x, String gains) {
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        double[] y = row(model.tensors.get(gains), 0);
        for (int i = 0; i < x.length; i++) {
            y[i] *= x[i] / Math.sqrt(squares / x.length + config.rmsEpsilon());
        }
        return y;
    }

    private double[] multiply(String name, double[] x) {
        HeapTensor weight = model.tensors.get(name);
        HeapTensor bias = model.tensors.get(name.replace(".weight", ".bias"));
        double[] y = new double[weight.rows()];
        for (int n = 0; n < y.length; n++) {
            y[n] = bias == null ? 0 : bias.data()[n];
            for (int k = 0; k < x.length; k++) {
                y[n] += x[k] * weight.data()[n * x.length + k];
            }
        }
        return y;
    }

    private static void add(double[] x, double[] delta) {
        for (int i = 0; i < x.length; i++) {
            x[i] += delta[i];
        }
    }

    private static double[] row(HeapTensor table, int row) {
        double[] values = new double[table.columns()];
        for (int i = 0; i < values.length; i++) {
            values[i] = table.data()[row * values.length + i];
        }
        return values;
    }
}
