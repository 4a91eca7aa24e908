// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/**
 * What a loss of classified rows is beside −ln p of the label. Immutable: each {@code withX} gives a new value.
 *
 * @param reduction what becomes of the losses of the rows
 * @param classWeights w [C], a factor for each class, not copied; null for 1
 * @param ignoreIndex rows with this label count for nothing; any number, also that of a class
 * @param labelSmoothing ε in [0, 1): the share of the target that is spread evenly over the classes. Source: Szegedy et
 *     al., arXiv:1512.00567
 */
public record LossOptions(Reduction reduction, float[] classWeights, int ignoreIndex, float labelSmoothing) {
    /** The mean, no weights, rows with label −100 ignored, no smoothing. */
    public static final LossOptions DEFAULT = new LossOptions(Reduction.MEAN, null, -100, 0);

    /** What becomes of the losses of the rows. */
    public enum Reduction {
        /** Nothing: there is one a row. */
        NONE,
        /** Their sum. */
        SUM,
        /** Their sum over the sum of the weights of their labels; over the number of rows where targets are given. */
        MEAN
    }

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the smoothing is outside of it
     */
    public LossOptions {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException("loss: labelSmoothing must be in [0, 1), got " + labelSmoothing);
        }
    }

    /** These options with another reduction. */
    public LossOptions withReduction(Reduction reduction) {
        return new LossOptions(reduction, classWeights, ignoreIndex, labelSmoothing);
    }

    /** These options with weights of classes. */
    public LossOptions withClassWeights(float... classWeights) {
        return new LossOptions(reduction, classWeights, ignoreIndex, labelSmoothing);
    }

    /** These options with another label of ignored rows. */
    public LossOptions withIgnoreIndex(int ignoreIndex) {
        return new LossOptions(reduction, classWeights, ignoreIndex, labelSmoothing);
    }

    /** These options with another smoothing. */
    public LossOptions withLabelSmoothing(float labelSmoothing) {
        return new LossOptions(reduction, classWeights, ignoreIndex, labelSmoothing);
    }

    /**
     * The weight of a class.
     *
     * @param index which
     */
    public double weight(int index) {
        return classWeights == null ? 1 : classWeights[index];
    }
}
