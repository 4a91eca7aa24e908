// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.model.DecoderShape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Both decoders and their loss in double precision, written down once more from their formulas. */
final class NaiveDecoder {
    private final DecoderShape shape;
    private final Map<String, double[]> tensors = new HashMap<>();

    /** A decoder with a copy of these parameters. */
    NaiveDecoder(DecoderShape shape, Parameters parameters) {
        this.shape = shape;
        for (String name : parameters.names()) {
            float[] data = parameters.value(name).data();
            int offset = parameters.value(name).offset();
            double[] values = new double[(int) parameters.value(name).shape().elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = data[offset + i];
            }
            tensors.put(name, values);
        }
    }

    /** A tensor, to be changed. */
    double[] tensor(String name) {
        return tensors.get(name);
    }

    /** The mean loss over sequences. */
    double loss(int[] inputs, int[] labels) {
        int length = shape.contextLength();
        double sum = 0;
        for (int from = 0; from < inputs.length; from += length) {
            double[][] x = hidden(inputs, from);
            for (int t = 0; t < length; t++) {
                double[] logits = multiply(shape.tied() ? "token_embd" : "output", x[t]);
                double total = 0;
                for (double logit : logits) {
                    total += Math.exp(logit);
                }
                sum += Math.log(total) - logits[labels[from + t]];
            }
        }
        return sum / inputs.length;
    }

    private double[][] hidden(int[] inputs, int from) {
        double[][] x = new double[shape.contextLength()][shape.dim()];
        for (int t = 0; t < x.length; t++) {
            for (int i = 0; i < x[t].length; i++) {
                x[t][i] = tensors.get("token_embd.weight")[inputs[from + t] * shape.dim() + i];
                if (gpt2()) {
                    x[t][i] += tensors.get("position_embd.weight")[t * shape.dim() + i];
                }
            }
        }
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "blk." + layer + ".";
            double[][] branch = attention(block, x);
            for (int t = 0; t < x.length; t++) {
                add(x[t], branch[t]);
                add(x[t], feedForward(block, norm(block + "ffn_norm", x[t])));
            }
        }
        for (int t = 0; t < x.length; t++) {
            x[t] = norm("output_norm", x[t]);
        }
        return x;
    }

    private boolean gpt2() {
        return shape.architecture().equals("gpt2");
    }

    private double[][] attention(String block, double[][] x) {
        int dim = shape.headDim();
        double[][] q = new double[x.length][];
        double[][] k = new double[x.length][];
        double[][] v = new double[x.length][];
        double[][] out = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] normed = norm(block + "attn_norm", x[t]);
            if (gpt2()) {
                double[] all = multiply(block + "attn_qkv", normed);
                q[t] = Arrays.copyOfRange(all, 0, shape.dim());
                k[t] = Arrays.copyOfRange(all, shape.dim(), 2 * shape.dim());
                v[t] = Arrays.copyOfRange(all, 2 * shape.dim(), 3 * shape.dim());
            } else {
                q[t] = rotate(multiply(block + "attn_q", normed), t);
                k[t] = rotate(multiply(block + "attn_k", normed), t);
                v[t] = multiply(block + "attn_v", normed);
            }
            double[] mixed = new double[shape.dim()];
            for (int head = 0; head < shape.heads(); head++) {
                int kvAt = head / (shape.heads() / shape.kvHeads()) * dim;
                double[] weights = new double[t + 1];
                double sum = 0;
                for (int j = 0; j <= t; j++) {
                    double score = 0;
                    for (int i = 0; i < dim; i++) {
                        score += q[t][head * dim + i] * k[j][kvAt + i];
                    }
                    weights[j] = Math.exp(score / Math.sqrt(dim));
                    sum += weights[j];
                }
                for (int j = 0; j <= t; j++) {
                    for (int i = 0; i < dim; i++) {
                        mixed[head * dim + i] += weights[j] / sum * v[j][kvAt + i];
                    }
                }
            }
            out[t] = multiply(block + "attn_output", mixed);
        }
        return out;
    }

    private double[] rotate(double[] x, int position) {
        double[] y = x.clone();
        int dim = shape.headDim();
        for (int at = 0; at < x.length; at += 2) {
            double angle = position * Math.pow(DecoderShape.ROPE_BASE, -(double) (at % dim) / dim);
            y[at] = x[at] * Math.cos(angle) - x[at + 1] * Math.sin(angle);
            y[at + 1] = x[at] * Math.sin(angle) + x[at + 1] * Math.cos(angle);
        }
        return y;
    }

    private double[] feedForward(String block, double[] x) {
        double[] up = multiply(block + "ffn_up", x);
        double[] gate = gpt2() ? up : multiply(block + "ffn_gate", x);
        for (int i = 0; i < up.length; i++) {
            double g = gate[i];
            up[i] = gpt2()
                    ? 0.5 * g * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (g + 0.044715 * g * g * g)))
                    : g / (1 + Math.exp(-g)) * up[i];
        }
        return multiply(block + "ffn_down", up);
    }

    private double[] norm(String name, double[] x) {
        double mean = 0;
        for (int i = 0; gpt2() && i < x.length; i++) {
            mean += x[i] / x.length;
        }
        double variance = 0;
        for (double value : x) {
            variance += (value - mean) * (value - mean) / x.length;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (x[i] - mean) / Math.sqrt(variance + DecoderShape.NORM_EPSILON) * tensors.get(name + ".weight")[i];
            if (gpt2()) {
                y[i] += tensors.get(name + ".bias")[i];
            }
        }
        return y;
    }

    /** W·x + b. */
    private double[] multiply(String name, double[] x) {
        double[] weight = tensors.get(name + ".weight");
        double[] bias = tensors.get(name + ".bias");
        double[] y = new double[weight.length / x.length];
        for (int row = 0; row < y.length; row++) {
            y[row] = bias == null ? 0 : bias[row];
            for (int i = 0; i < x.length; i++) {
                y[row] += weight[row * x.length + i] * x[i];
            }
        }
        return y;
    }

    private static void add(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
    }
}
