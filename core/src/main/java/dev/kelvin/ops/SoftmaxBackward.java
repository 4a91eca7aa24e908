// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/**
 * The gradients of softmax and log-softmax by logits and temperature, split over rows.
 *
 * <p>Sums over a row go in blocks of {@value #BLOCK} elements: a dot product in float each, added up in double.
 */
final class SoftmaxBackward {
    private static final int BLOCK = 512;
    /** 1/τ overflows where τ is subnormal enough: then it is taken in two factors, of which this is one. */
    private static final float SECOND_FACTOR = 0x1p64f;

    /** Factors of a sum, whose dot product with a block is the block's sum. */
    private static final float[] ONES = new float[BLOCK];

    static {
        Arrays.fill(ONES, 1);
    }

    private final Team team;
    private final RangeTask softmaxTask = this::softmaxRows;
    private final RangeTask logSoftmaxTask = this::logSoftmaxRows;
    private final RangeTask temperatureTask = this::temperatureRows;
    private final float[][] probs;
    private double[] rowGradients = new double[0];
    private HeapTensor forward;
    private HeapTensor gradient;
    private HeapTensor out;
    private float inverseTemperature;
    private boolean inTwoFactors;

    SoftmaxBackward(Team team) {
        this.team = team;
        this.probs = new float[team.threads()][BLOCK];
    }

    void softmax(HeapTensor probs, HeapTensor dProbs, float temperature, HeapTensor dLogits) {
        check("softmaxBackward", "probs", probs, "dProbs", dProbs, temperature, dLogits);
        run(softmaxTask, probs, dProbs, temperature, dLogits);
    }

    void logSoftmax(HeapTensor logProbs, HeapTensor dLogProbs, float temperature, HeapTensor dLogits) {
        check("logSoftmaxBackward", "logProbs", logProbs, "dLogProbs", dLogProbs, temperature, dLogits);
        run(logSoftmaxTask, logProbs, dLogProbs, temperature, dLogits);
    }

    double temperatureGradient(HeapTensor logits, HeapTensor dLogits, float temperature) {
        checkTemperature("temperatureGradient", temperature);
        Require.sameShape("temperatureGradient", "logits", logits, "dLogits", dLogits);
        int rows = logits.rows();
        if (rowGradients.length < rows) {
            rowGradients = new double[rows];
        }
        run(temperatureTask, logits, dLogits, temperature, dLogits);
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += rowGradients[row];
        }
        return -sum / temperature;
    }

    private static void check(
            String operation,
            String forwardName,
            HeapTensor forward,
            String gradientName,
            HeapTensor gradient,
            float temperature,
            HeapTensor dLogits) {
        checkTemperature(operation, temperature);
        Require.sameShape(operation, forwardName, forward, gradientName, gradient);
        Require.sameShape(operation, forwardName, forward, "dLogits", dLogits);
        Require.sameOrDisjoint(operation, "dLogits", dLogits, forwardName, forward);
        Require.sameOrDisjoint(operation, "dLogits", dLogits, gradientName, gradient);
    }

    private static void checkTemperature(String operation, float temperature) {
        if (!(temperature > 0)) {
            throw new IllegalArgumentException(operation + ": temperature must be in (0, +inf], got " + temperature);
        }
    }

    private void run(RangeTask task, HeapTensor forward, HeapTensor gradient, float temperature, HeapTensor out) {
        this.forward = forward;
        this.gradient = gradient;
        this.inTwoFactors = Float.isInfinite(1 / temperature);
        this.inverseTemperature = 1 / (inTwoFactors ? temperature * SECOND_FACTOR : temperature);
        this.out = out;
        try {
            team.run(forward.rows(), Cost.SOFTMAX_BACKWARD.picos() * forward.columns(), 1, task);
        } finally {
            this.forward = null;
            this.gradient = null;
            this.out = null;
        }
    }

    private void softmaxRows(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        int columns = forward.columns();
        float[] p = forward.data();
        float[] dp = gradient.data();
        for (int row = begin; row < end; row++) {
            int pOffset = forward.offset() + row * columns;
            int dpOffset = gradient.offset() + row * columns;
            double mean = 0;
            for (int i = 0; i < columns; i += BLOCK) {
                mean += kernels.rows().dot(p, pOffset + i, dp, dpOffset + i, Math.min(BLOCK, columns - i));
            }
            int dzOffset = out.offset() + row * columns;
            kernels.softmax()
                    .softmaxGradient(
                            p, pOffset, dp, dpOffset, out.data(), dzOffset, columns, (float) mean, inverseTemperature);
            finish(kernels, dzOffset, columns);
        }
    }

    private void logSoftmaxRows(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        int columns = forward.columns();
        float[] p = probs[worker];
        float[] dl = gradient.data();
        for (int row = begin; row < end; row++) {
            int logOffset = forward.offset() + row * columns;
            int dlOffset = gradient.offset() + row * columns;
            int dzOffset = out.offset() + row * columns;
            float sum = (float) sum(kernels, dl, dlOffset, columns);
            for (int i = 0; i < columns; i += BLOCK) {
                int length = Math.min(BLOCK, columns - i);
                kernels.elements().exp(forward.data(), logOffset + i, p, 0, length);
                kernels.softmax()
                        .logSoftmaxGradient(
                                p, 0, dl, dlOffset + i, out.data(), dzOffset + i, length, sum, inverseTemperature);
            }
            finish(kernels, dzOffset, columns);
        }
    }

    /** Applies the second factor to a row, where there is one. */
    private void finish(Kernels kernels, int dzOffset, int columns) {
        if (inTwoFactors) {
            kernels.elements().scale(out.data(), dzOffset, out.data(), dzOffset, columns, SECOND_FACTOR);
        }
    }

    /** The sum of a row, block by block. */
    static double sum(Kernels kernels, float[] x, int offset, int length) {
        double sum = 0;
        for (int i = 0; i < length; i += BLOCK) {
            sum += blockSum(kernels, x, offset + i, Math.min(BLOCK, length - i));
        }
        return sum;
    }

    /** The sum of at most 512 elements, in the order of a dot product. */
    static float blockSum(Kernels kernels, float[] x, int offset, int length) {
        return kernels.rows().dot(x, offset, ONES, 0, length);
    }

    /** Leaves Σ(z − max z)·dz of each row, in double; a masked logit has no gradient, and none of it counts. */
    private void temperatureRows(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        int columns = forward.columns();
        float[] z = forward.data();
        float[] dz = gradient.data();
        for (int row = begin; row < end; row++) {
            int zOffset = forward.offset() + row * columns;
            int dzOffset = gradient.offset() + row * columns;
            double max = kernels.rows().max(z, zOffset, columns);
            double sum = 0;
            for (int i = 0; i < columns; i++) {
                float logit = z[zOffset + i];
                if (logit != Float.NEGATIVE_INFINITY) {
                    sum = Math.fma(logit - max, dz[dzOffset + i], sum);
                }
            }
            rowGradients[row] = sum;
        }
    }
}
