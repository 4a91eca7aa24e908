// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

/**
 * How a decoder is trained: together with the shape and the tokens, this determines the weights to the bit.
 *
 * <p>The learning rate climbs over the first {@code warmup} steps to its peak and falls along half a cosine to its
 * least value at the last step. Weight decay concerns matrices, not vectors.
 *
 * @param batch sequences of one pass
 * @param accumulate passes whose gradients are averaged for a step
 * @param steps of the optimizer
 * @param learningRate the peak, in (0, 1000)
 * @param minLearningRate at the last step
 * @param warmup steps
 * @param beta1 β₁ of AdamW
 * @param beta2 β₂ of AdamW
 * @param weightDecay of AdamW, in [0, 1000)
 * @param clip the global norm to which longer gradients are shortened; 0 for none
 * @param dropout the rate after the embedding and each branch, in [0, 1)
 * @param seed of the initial weights, the batches and the dropout
 */
public record Recipe(
        int batch,
        int accumulate,
        int steps,
        double learningRate,
        double minLearningRate,
        int warmup,
        double beta1,
        double beta2,
        double weightDecay,
        double clip,
        float dropout,
        long seed) {
    /** ε of AdamW. */
    public static final double ADAM_EPSILON = 1e-8;

    /** Checks the ranges. */
    public Recipe {
        require(batch >= 1, "batch must be at least 1", batch);
        require(accumulate >= 1, "accumulate must be at least 1", accumulate);
        require(steps >= 1, "steps must be at least 1", steps);
        require(learningRate > 0 && learningRate < 1e3, "learningRate must be in (0, 1000)", learningRate);
        require(
                minLearningRate >= 0 && minLearningRate <= learningRate,
                "minLearningRate must be in [0, " + learningRate + "]",
                minLearningRate);
        require(warmup >= 0, "warmup must be at least 0", warmup);
        require(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1)", beta1);
        require(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1)", beta2);
        require(weightDecay >= 0 && weightDecay < 1e3, "weightDecay must be in [0, 1000)", weightDecay);
        require(clip >= 0, "clip must be at least 0", clip);
        require(dropout >= 0 && dropout < 1, "dropout must be in [0, 1)", dropout);
    }

    private static void require(boolean condition, String demand, Number value) {
        if (!condition) {
            throw new IllegalArgumentException("recipe: " + demand + ", got " + value);
        }
    }

    /**
     * The learning rate of a step.
     *
     * @param step counted from 0
     * @return η
     */
    public double learningRate(int step) {
        if (step < warmup) {
            return learningRate * (step + 1) / (warmup + 1);
        }
        if (step >= steps - 1 || warmup >= steps - 1) {
            return step >= steps - 1 ? minLearningRate : learningRate;
        }
        double cosine = cosine(Math.PI / 2 * (step - warmup) / (steps - 1 - warmup));
        return minLearningRate + (learningRate - minLearningRate) * cosine * cosine;
    }

    /** All but the number of steps, as text. */
    String withoutSteps() {
        return "batch " + batch + ", accumulate " + accumulate + ", learning rate " + learningRate + " to "
                + minLearningRate + ", warm-up " + warmup + ", beta1 " + beta1 + ", beta2 " + beta2
                + ", weight decay " + weightDecay + ", clip " + clip + ", dropout " + dropout + ", seed " + seed;
    }

    /** The learning rates of the first steps, as a hash: what those steps depend on that {@link #steps} determines. */
    String hashOfRates(int first) {
        long hash = 1;
        for (int i = 0; i < first; i++) {
            hash = 0x9e37_79b9_7f4a_7c15L * hash + Double.doubleToLongBits(learningRate(i));
        }
        return Long.toHexString(hash);
    }

    /** The cosine on [0, π/2] by its series: the same bits everywhere, as StrictMath's, which allocates. */
    private static double cosine(double x) {
        double term = 1;
        double sum = 1;
        for (int i = 1; i <= 22; i += 2) {
            term *= -x * x / (i * (i + 1));
            sum += term;
        }
        return sum;
    }
}
