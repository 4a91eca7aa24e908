// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

/**
 * What a cross-entropy is beside −log p of the label. Immutable: each {@code withX} gives a new value.
 *
 * <p>With s = z/τ, L = log Σ_j exp(s_j), label y, smoothing ε and factor λ, the loss of a row is L − (1 − ε)·s_y −
 * ε/V·Σ_j s_j + λ·L², in nats.
 *
 * @param reduction what becomes of the losses of the rows
 * @param ignoreIndex rows with this label count for nothing, neither in the loss nor in a mean; not a token id
 * @param labelSmoothing ε in [0, 1): the share of the target that is spread evenly over all V tokens. Source: Szegedy
 *     et al., arXiv:1512.00567
 * @param zLoss λ, finite and at least 0: pulls the log-partition L towards 0. Source: Chowdhery et al.,
 *     arXiv:2204.02311
 */
public record CrossEntropyOptions(Reduction reduction, int ignoreIndex, float labelSmoothing, float zLoss) {
    /** The mean, rows with label −100 ignored, no smoothing, no z-loss. */
    public static final CrossEntropyOptions DEFAULT = new CrossEntropyOptions(Reduction.MEAN, -100, 0, 0);

    /** What becomes of the losses of the rows. */
    public enum Reduction {
        /** Nats a token: their sum over the number of rows that are not ignored. */
        MEAN,
        /** Their sum. */
        SUM
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a value is outside its range
     */
    public CrossEntropyOptions {
        if (ignoreIndex >= 0) {
            throw new IllegalArgumentException(
                    "crossEntropy: ignoreIndex must be negative, so that it is no token id, got " + ignoreIndex);
        }
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException("crossEntropy: labelSmoothing must be in [0, 1), got " + labelSmoothing);
        }
        if (!(zLoss >= 0 && zLoss < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("crossEntropy: zLoss must be in [0, +inf), got " + zLoss);
        }
    }

    /** These options with another reduction. */
    public CrossEntropyOptions withReduction(Reduction reduction) {
        return new CrossEntropyOptions(reduction, ignoreIndex, labelSmoothing, zLoss);
    }

    /** These options with another label of ignored rows. */
    public CrossEntropyOptions withIgnoreIndex(int ignoreIndex) {
        return new CrossEntropyOptions(reduction, ignoreIndex, labelSmoothing, zLoss);
    }

    /** These options with another smoothing. */
    public CrossEntropyOptions withLabelSmoothing(float labelSmoothing) {
        return new CrossEntropyOptions(reduction, ignoreIndex, labelSmoothing, zLoss);
    }

    /** These options with another factor of the squared log-partition. */
    public CrossEntropyOptions withZLoss(float zLoss) {
        return new CrossEntropyOptions(reduction, ignoreIndex, labelSmoothing, zLoss);
    }
}
