// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.kernel.composed.SoftmaxRow;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/**
 * Cross-entropy of rows of logits and its gradient, split over rows.
 *
 * <p>A row that cannot be normalised is left as it is while the others are computed; then the lowest such row is
 * reported, so that what a call does not depend on the number of threads.
 */
final class CrossEntropyRows implements RangeTask {
    /** Factors of a gradient up to about 2^this are applied at once, larger ones in steps. */
    private static final int LARGEST_EXPONENT = 64;

    /** The largest g/τ: times a z-loss it is still finite, and any probability times it beyond a float. */
    private static final double LARGEST_FACTOR = 0x1p600;

    private final Team team;

    /** The lowest faulty row that each worker met. */
    private final int[] faultyRows;

    private final SoftmaxRow[] softmax;

    private SoftmaxScale scale = SoftmaxScale.ONE;
    private float scaleTemperature = 1;
    private HeapTensor logits;
    private float temperature;
    private int[] labels;
    private int first;
    private CrossEntropyOptions options;
    private double lossGradient;
    private double[] losses;
    private HeapTensor dLogits;

    CrossEntropyRows(Team team) {
        this.team = team;
        this.faultyRows = new int[team.threads()];
        this.softmax = new SoftmaxRow[team.threads()];
        for (int worker = 0; worker < softmax.length; worker++) {
            softmax[worker] = new SoftmaxRow(team.kernels(worker));
        }
    }

    /** Losses, and where {@code dLogits} is not null the gradient. */
    void apply(
            HeapTensor logits,
            float temperature,
            int[] labels,
            int first,
            CrossEntropyOptions options,
            double lossGradient,
            double[] losses,
            HeapTensor dLogits) {
        checkFactors(temperature, lossGradient);
        check(logits, labels, first, options, losses, dLogits);
        if (temperature != scaleTemperature) {
            scale = SoftmaxScale.of(temperature);
            scaleTemperature = temperature;
        }
        this.logits = logits;
        this.temperature = temperature;
        this.labels = labels;
        this.first = first;
        this.options = options;
        this.lossGradient = lossGradient;
        this.losses = losses;
        this.dLogits = dLogits;
        Arrays.fill(faultyRows, Integer.MAX_VALUE);
        try {
            team.run(logits.rows(), Cost.CROSS_ENTROPY.picos() * logits.columns(), 1, this);
        } finally {
            this.logits = null;
            this.labels = null;
            this.losses = null;
            this.dLogits = null;
        }
        int faulty = Integer.MAX_VALUE;
        for (int row : faultyRows) {
            faulty = Math.min(faulty, row);
        }
        if (faulty != Integer.MAX_VALUE) {
            throw LogitErrors.of("crossEntropy", "logits[row " + (first + faulty) + "]", logits, faulty);
        }
    }

    private static void checkFactors(float temperature, double lossGradient) {
        if (!SoftmaxScale.covers(temperature)) {
            throw new IllegalArgumentException(
                    "crossEntropy: temperature must be in [2^-100, 2^100], where loss and gradient are finite, got "
                            + temperature);
        }
        if (Double.isNaN(lossGradient)) {
            throw new IllegalArgumentException("crossEntropy: lossGradient must be a number, got NaN");
        }
    }

    private static void check(
            HeapTensor logits,
            int[] labels,
            int first,
            CrossEntropyOptions options,
            double[] losses,
            HeapTensor dLogits) {
        int rows = logits.rows();
        if (first < 0 || first > labels.length - (long) rows || first > losses.length - (long) rows) {
            throw new IllegalArgumentException("crossEntropy: logits " + logits.shape() + " from row " + first
                    + " on need as many labels and losses, but there are " + labels.length + " and " + losses.length);
        }
        for (int i = first; i < first + rows; i++) {
            if (labels[i] != options.ignoreIndex() && (labels[i] < 0 || labels[i] >= logits.columns())) {
                throw new IllegalArgumentException("crossEntropy: labels[" + i + "] is " + labels[i]
                        + ", neither a column of logits " + logits.shape() + " nor ignoreIndex "
                        + options.ignoreIndex());
            }
        }
        if (dLogits != null) {
            Require.sameShape("crossEntropy", "logits", logits, "dLogits", dLogits);
            Require.sameOrDisjoint("crossEntropy", "dLogits", dLogits, "logits", logits);
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        int columns = logits.columns();
        for (int row = begin; row < end; row++) {
            float max = softmax[worker].max(logits.data(), logits.offset() + row * columns, columns);
            int label = labels[first + row];
            if (!LogitErrors.hasFiniteMaximum(max)) {
                faultyRows[worker] = Math.min(faultyRows[worker], row);
            } else if (label == options.ignoreIndex()) {
                losses[first + row] = 0;
                if (dLogits != null) {
                    int from = dLogits.offset() + row * columns;
                    Arrays.fill(dLogits.data(), from, from + columns, 0);
                }
            } else {
                losses[first + row] = loss(kernels, worker, row, label, max);
            }
        }
    }

    /** The loss of a row; its gradient goes over the exponentials, which may go over the logits. */
    private double loss(Kernels kernels, int worker, int row, int label, float max) {
        int columns = logits.columns();
        float[] x = logits.data();
        int from = logits.offset() + row * columns;
        double smoothing = options.labelSmoothing();
        double labelLogit = x[from + label];
        double meanLogit = smoothing == 0 ? max : SoftmaxBackward.sum(kernels, x, from, columns) / columns;
        SoftmaxRow softmax = this.softmax[worker];
        if (dLogits == null) {
            softmax.sum(x, from, columns, scale);
        } else {
            softmax.numerators(x, from, dLogits.data(), dLogits.offset() + row * columns, columns, scale);
        }
        double logSum = softmax.logSum(scale);
        double logPartition = logSum + max / (double) temperature;
        if (dLogits != null) {
            gradient(kernels, softmax, row, label, logPartition);
        }
        return logSum
                - ((1 - smoothing) * (labelLogit - max) + smoothing * (meanLogit - max)) / temperature
                + options.zLoss() * logPartition * logPartition;
    }

    /**
     * The gradient of a row over its numerators. Where its factors are huge, a power of two is taken out of them and
     * put in at the end, so that nothing but a result leaves the range of a float.
     */
    private void gradient(Kernels kernels, SoftmaxRow softmax, int row, int label, double logPartition) {
        double all = Math.clamp(lossGradient / temperature, -LARGEST_FACTOR, LARGEST_FACTOR);
        double likely = all * (1 + 2.0 * options.zLoss() * logPartition);
        int lift = Math.max(0, Math.getExponent(Math.max(Math.abs(all), Math.abs(likely))) - LARGEST_EXPONENT);
        all = Math.scalb(all, -lift);
        likely = Math.scalb(likely, -lift);
        int columns = logits.columns();
        double smoothing = options.labelSmoothing();
        double uniform = all * smoothing / columns;
        float[] dz = dLogits.data();
        int at = dLogits.offset() + row * columns;
        double labelProb = softmax.probability(dz[at + label], label);
        softmax.probabilities(dz, at, dz, at, columns, likely);
        if (uniform != 0 || likely < 0) {
            // Less 0, what is nothing becomes +0.
            kernels.elements().affine(dz, at, dz, at, columns, 1, (float) (0 - uniform));
        }
        dz[at + label] = (float) (likely * labelProb - uniform - all * (1 - smoothing));
        for (int left = lift; left > 0; left -= LARGEST_EXPONENT) {
            kernels.elements().scale(dz, at, dz, at, columns, Math.scalb(1f, Math.min(left, LARGEST_EXPONENT)));
        }
    }
}
