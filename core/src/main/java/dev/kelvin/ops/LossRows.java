// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.kernel.composed.SoftmaxRow;
import dev.kelvin.operand.LossOptions;
import dev.kelvin.operand.LossOptions.Reduction;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/**
 * Losses of classified rows and their gradients, split over rows. A target q of a row is what its loss Σ_j q_j·(L −
 * z_j) is made of, weights and smoothing included; of log-probabilities L is 0. What follows the sum of exponentials is
 * in double, ascending.
 */
final class LossRows implements RangeTask {
    private final Team team;
    private final SoftmaxRow[] softmax;
    private double[] losses = new double[0];
    private double[] weights = new double[0];
    private LossOptions options;
    private HeapTensor scores;
    private int[] labels;
    private HeapTensor targets;
    private boolean normalised;
    private double rowGradient;
    private HeapTensor gradient;

    LossRows(Team team) {
        this.team = team;
        softmax = new SoftmaxRow[team.threads()];
        for (int worker = 0; worker < softmax.length; worker++) {
            softmax[worker] = new SoftmaxRow(team.kernels(worker));
        }
    }

    /** The losses of rows with labels or targets; {@code out} may be null. */
    double forward(
            String operation,
            HeapTensor scores,
            int[] labels,
            HeapTensor targets,
            LossOptions options,
            HeapTensor out) {
        check(operation, scores, labels, targets, options);
        if (out != null && out.shape().elements() != scores.rows()) {
            throw Require.mismatch(operation, "one element of losses a row", "scores", scores, "losses", out);
        }
        if (out == null && options.reduction() == Reduction.NONE) {
            throw new IllegalArgumentException(operation + ": without a reduction losses must have a place");
        }
        if (out != null) {
            Require.disjoint(operation, "losses", out, "scores", scores);
        }
        int rows = scores.rows();
        if (losses.length < rows) {
            losses = new double[rows];
            weights = new double[rows];
        }
        run(scores, labels, targets, options, operation.startsWith("negative"));
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += losses[row];
            if (out != null) {
                out.data()[out.offset() + row] = (float) losses[row];
            }
        }
        return switch (options.reduction()) {
            case NONE -> Double.NaN;
            case SUM -> sum;
            case MEAN -> sum / divisor(rows);
        };
    }

    /** The gradient of what {@link #forward} returns, times a factor; without a reduction that of the sum. */
    void backward(
            String operation,
            HeapTensor scores,
            int[] labels,
            HeapTensor targets,
            LossOptions options,
            double lossGradient,
            HeapTensor gradient) {
        check(operation, scores, labels, targets, options);
        Require.sameShape(operation, "scores", scores, "their gradient", gradient);
        Require.sameOrDisjoint(operation, "the gradient", gradient, "scores", scores);
        if (targets != null) {
            Require.disjoint(operation, "the gradient", gradient, "targets", targets);
        }
        int rows = scores.rows();
        if (weights.length < rows) {
            losses = new double[rows];
            weights = new double[rows];
        }
        for (int row = 0; row < rows; row++) {
            weights[row] = labels == null ? 1 : labels[row] == options.ignoreIndex() ? 0 : options.weight(labels[row]);
        }
        rowGradient = options.reduction() == Reduction.MEAN ? lossGradient / divisor(rows) : lossGradient;
        this.gradient = gradient;
        run(scores, labels, targets, options, operation.startsWith("negative"));
    }

    private double divisor(int rows) {
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += weights[row];
        }
        return sum;
    }

    private void run(HeapTensor scores, int[] labels, HeapTensor targets, LossOptions options, boolean normalised) {
        this.scores = scores;
        this.labels = labels;
        this.targets = targets;
        this.options = options;
        this.normalised = normalised;
        try {
            team.run(scores.rows(), Cost.CROSS_ENTROPY.picos() * scores.columns(), 1, this);
        } finally {
            this.scores = null;
            this.labels = null;
            this.targets = null;
            this.options = null;
            this.gradient = null;
        }
    }

    private static void check(
            String operation, HeapTensor scores, int[] labels, HeapTensor targets, LossOptions options) {
        if (options.classWeights() != null && options.classWeights().length != scores.columns()) {
            throw new IllegalArgumentException(operation + ": " + options.classWeights().length
                    + " class weights for the columns of " + scores.shape());
        }
        if (targets != null) {
            Require.sameShape(operation, "logits", scores, "targets", targets);
            return;
        }
        if (labels.length < scores.rows()) {
            throw new IllegalArgumentException(
                    operation + ": " + labels.length + " labels for the rows of " + scores.shape());
        }
        for (int row = 0; row < scores.rows(); row++) {
            if (labels[row] != options.ignoreIndex() && (labels[row] < 0 || labels[row] >= scores.columns())) {
                throw new IllegalArgumentException(operation + ": labels[" + row + "] is " + labels[row]
                        + ", neither a column of " + scores.shape() + " nor ignoreIndex " + options.ignoreIndex());
            }
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        int columns = scores.columns();
        for (int row = begin; row < end; row++) {
            boolean ignored = labels != null && labels[row] == options.ignoreIndex();
            if (gradient == null) {
                losses[row] = ignored ? 0 : loss(softmax[worker], row);
                weights[row] = ignored ? 0 : labels == null ? 1 : options.weight(labels[row]);
            } else if (ignored) {
                int to = gradient.offset() + row * columns;
                Arrays.fill(gradient.data(), to, to + columns, 0);
            } else {
                gradient(softmax[worker], row);
            }
        }
    }

    /** q_j of a row. */
    private double target(int row, int j) {
        double smoothing = options.labelSmoothing();
        double given = targets == null
                ? j == labels[row] ? 1 : 0
                : targets.data()[targets.offset() + row * targets.columns() + j];
        return ((1 - smoothing) * given + smoothing / scores.columns()) * options.weight(j);
    }

    private boolean isSparse() {
        return targets == null && options.labelSmoothing() == 0;
    }

    private double loss(SoftmaxRow softmax, int row) {
        int columns = scores.columns();
        float[] z = scores.data();
        int from = scores.offset() + row * columns;
        double partition = 0;
        if (!normalised) {
            float max = softmax.max(z, from, columns);
            if (!Float.isFinite(max)) {
                return Double.NaN;
            }
            softmax.sum(z, from, columns, SoftmaxScale.ONE);
            partition = softmax.logSum(SoftmaxScale.ONE) + max;
        }
        if (isSparse()) {
            return options.weight(labels[row]) * (partition - z[from + labels[row]]);
        }
        double loss = 0;
        for (int j = 0; j < columns; j++) {
            double target = target(row, j);
            loss += target == 0 ? 0 : target * (partition - z[from + j]);
        }
        return loss;
    }

    private void gradient(SoftmaxRow softmax, int row) {
        int columns = scores.columns();
        float[] dz = gradient.data();
        int to = gradient.offset() + row * columns;
        double whole = 0;
        for (int j = 0; j < columns && !isSparse(); j++) {
            whole += target(row, j);
        }
        whole = isSparse() ? options.weight(labels[row]) : whole;
        if (normalised) {
            Arrays.fill(dz, to, to + columns, 0);
        } else {
            int from = scores.offset() + row * columns;
            if (!Float.isFinite(softmax.max(scores.data(), from, columns))) {
                Arrays.fill(dz, to, to + columns, Float.NaN);
                return;
            }
            softmax.numerators(scores.data(), from, dz, to, columns, SoftmaxScale.ONE);
            softmax.probabilities(dz, to, dz, to, columns, rowGradient * whole);
        }
        if (isSparse()) {
            dz[to + labels[row]] = (float) (dz[to + labels[row]] - rowGradient * whole);
            return;
        }
        for (int j = 0; j < columns; j++) {
            dz[to + j] = (float) (dz[to + j] - rowGradient * target(row, j));
        }
    }
}
