// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.CrossEntropyOptions;

/**
 * Loss and gradient as textbooks write them, in double, with all logits in memory; and first-order bounds of what the
 * float implementation may differ from them by.
 *
 * <p><b>The bounds</b>, u = 2⁻²⁴. A logit is off by δ ≤ (D/16 + 5)·u·Σ|h·w|. So a loss is off by 2·δ/τ, by 12u for the
 * sum of exponentials (twice that and more with a z-loss, see below) and by the rounding of the mean logit. A gradient
 * of a logit, a·(p·(1 + 2λL) − target) with a = g/τ, is off by a·p·|1 + 2λL|·(2δ/τ + 20u) + 2λ·a·p·(error of L), and by
 * one rounding of each of its terms. The gradients then are sums: the errors of their terms, and n·u·Σ|terms| for n
 * fused multiply-adds.
 */
final class NaiveCrossEntropy {
    private static final double U = 0x1p-24;

    final double[] hidden;
    final double[] weight;
    final int[] labels;
    final int rows;
    final int dim;
    final int vocabSize;
    final CrossEntropyOptions options;
    double loss;
    double lossBound;
    double[] dHidden;
    double[] dHiddenBound;
    double[] dWeight;
    double[] dWeightBound;

    NaiveCrossEntropy(float[] hidden, float[] weight, int[] labels, int dim, CrossEntropyOptions options) {
        this.hidden = toDouble(hidden);
        this.weight = toDouble(weight);
        this.labels = labels;
        this.rows = labels.length;
        this.dim = dim;
        this.vocabSize = weight.length / dim;
        this.options = options;
    }

    private static double[] toDouble(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    /** The loss alone, for differences. */
    double loss(double temperature) {
        double total = 0;
        int counted = 0;
        for (int row = 0; row < rows; row++) {
            if (labels[row] == options.ignoreIndex()) {
                continue;
            }
            counted++;
            double[] s = scaledLogits(row, temperature);
            double logPartition = logPartition(s);
            double mean = 0;
            for (double each : s) {
                mean += each / vocabSize;
            }
            total += logPartition
                    - (1.0 - options.labelSmoothing()) * s[labels[row]]
                    - options.labelSmoothing() * mean
                    + options.zLoss() * logPartition * logPartition;
        }
        return options.reduction() == CrossEntropyOptions.Reduction.MEAN ? total / counted : total;
    }

    private double[] scaledLogits(int row, double temperature) {
        double[] s = new double[vocabSize];
        for (int v = 0; v < vocabSize; v++) {
            for (int k = 0; k < dim; k++) {
                s[v] += hidden[row * dim + k] * weight[v * dim + k] / temperature;
            }
        }
        return s;
    }

    private static double logPartition(double[] s) {
        double max = Double.NEGATIVE_INFINITY;
        for (double each : s) {
            max = Math.max(max, each);
        }
        double sum = 0;
        for (double each : s) {
            sum += Math.exp(each - max);
        }
        return Math.log(sum) + max;
    }

    /** Fills loss, gradients and bounds; gradients as of zero before. */
    void compute(double temperature) {
        loss = loss(temperature);
        dHidden = new double[rows * dim];
        dHiddenBound = new double[rows * dim];
        dWeight = new double[vocabSize * dim];
        dWeightBound = new double[vocabSize * dim];
        int counted = 0;
        for (int label : labels) {
            counted += label == options.ignoreIndex() ? 0 : 1;
        }
        double all = (options.reduction() == CrossEntropyOptions.Reduction.MEAN ? 1.0 / counted : 1) / temperature;
        for (int row = 0; row < rows; row++) {
            if (labels[row] != options.ignoreIndex()) {
                addRow(row, temperature, all);
            }
        }
        // The loss is a double sum of losses of rows; the bound of a mean is that of the worst row.
        if (options.reduction() == CrossEntropyOptions.Reduction.MEAN) {
            lossBound /= counted;
        }
    }

    private void addRow(int row, double temperature, double all) {
        double[] s = scaledLogits(row, temperature);
        double logPartition = logPartition(s);
        double delta = 0;
        double absoluteMean = 0;
        for (int v = 0; v < vocabSize; v++) {
            double magnitude = 0;
            for (int k = 0; k < dim; k++) {
                magnitude += Math.abs(hidden[row * dim + k] * weight[v * dim + k]);
            }
            delta = Math.max(delta, (dim / 16 + 5) * U * magnitude / temperature);
            absoluteMean += Math.abs(s[v]) / vocabSize;
        }
        double smoothing = options.labelSmoothing();
        double zLoss = options.zLoss();
        double partitionError = delta + 12 * U;
        lossBound +=
                partitionError * (1 + 2 * zLoss * Math.abs(logPartition)) + delta + smoothing * 38 * U * absoluteMean;
        for (int v = 0; v < vocabSize; v++) {
            double p = Math.exp(s[v] - logPartition);
            double likely = p * (1 + 2 * zLoss * logPartition);
            double target = (v == labels[row] ? 1 - smoothing : 0) + smoothing / vocabSize;
            double dz = all * (likely - target);
            double error = all
                    * (Math.abs(likely) * (2 * delta + 20 * U)
                            + 2 * zLoss * p * partitionError
                            + 2 * U * (Math.abs(likely) + target));
            for (int k = 0; k < dim; k++) {
                double w = weight[v * dim + k];
                double h = hidden[row * dim + k];
                dHidden[row * dim + k] += dz * w;
                dHiddenBound[row * dim + k] += (error + vocabSize * U * Math.abs(dz)) * Math.abs(w);
                dWeight[v * dim + k] += dz * h;
                dWeightBound[v * dim + k] += (error + rows * U * Math.abs(dz)) * Math.abs(h);
            }
        }
    }
}
