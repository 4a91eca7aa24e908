// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/**
 * The numbers of one step of AdamW: with g' = g·gradientScale, m += (1 − β₁)·(g' − m), v += (1 − β₂)·(g'² − v), p =
 * p·(1 − η·decay) − η·(m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + ε).
 *
 * <p>Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", arXiv:1711.05101.
 */
public final class AdamWStep {
    private float gradientScale = 1;
    private float firstRate;
    private float secondRate;
    private float firstCorrection;
    private float secondCorrection;
    private float epsilon;
    private float learningRate;
    private float keep;

    /** A step without numbers; {@link #set} gives them. One instance serves a whole run. */
    public AdamWStep() {}

    /**
     * Sets all numbers.
     *
     * @param step t, counted from 1
     * @param beta1 β₁ in [0, 1)
     * @param beta2 β₂ in [0, 1)
     * @param epsilon ε, as a float finite and above 0: what keeps a gradient of zeros from 0/0
     * @param learningRate η, as a float finite
     * @param decay of the weights; 0 for none; η·decay is finite as a float
     * @param gradientScale the factor of the gradients, below 1 where they are clipped; finite as a float
     * @return this
     * @throws IllegalArgumentException if a number is outside of that, and none is set then
     */
    public AdamWStep set(
            int step,
            double beta1,
            double beta2,
            double epsilon,
            double learningRate,
            double decay,
            double gradientScale) {
        require(step >= 1, "step must be at least 1", step);
        require(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1)", beta1);
        require(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1)", beta2);
        require((float) epsilon > 0 && isFinite(epsilon), "epsilon must be finite and above 0", epsilon);
        require(isFinite(learningRate), "learningRate must be finite", learningRate);
        require(isFinite(learningRate * decay), "decay times learningRate must be finite", decay);
        require(isFinite(gradientScale), "gradientScale must be finite", gradientScale);
        this.firstRate = (float) (1 - beta1);
        this.secondRate = (float) (1 - beta2);
        this.firstCorrection = (float) (1 / (1 - power(beta1, step)));
        this.secondCorrection = (float) (1 / (1 - power(beta2, step)));
        this.epsilon = (float) epsilon;
        this.learningRate = (float) learningRate;
        this.keep = (float) (1 - learningRate * decay);
        this.gradientScale = (float) gradientScale;
        return this;
    }

    private static boolean isFinite(double number) {
        return Float.isFinite((float) number);
    }

    private static void require(boolean fits, String demand, double number) {
        if (!fits) {
            throw new IllegalArgumentException("adamW: " + demand + ", got " + number);
        }
    }

    /** Whether {@link #set} has given the numbers. */
    public boolean isSet() {
        return epsilon > 0;
    }

    /** By squaring: the same bits everywhere, as StrictMath's, which allocates. */
    private static double power(double base, int exponent) {
        double result = 1;
        double square = base;
        for (int bits = exponent; bits > 0; bits >>= 1) {
            if ((bits & 1) == 1) {
                result *= square;
            }
            square *= square;
        }
        return result;
    }

    /** The factor of the gradients. */
    public float gradientScale() {
        return gradientScale;
    }

    /** 1 − β₁. */
    public float firstRate() {
        return firstRate;
    }

    /** 1 − β₂. */
    public float secondRate() {
        return secondRate;
    }

    /** 1/(1 − β₁ᵗ). */
    public float firstCorrection() {
        return firstCorrection;
    }

    /** 1/(1 − β₂ᵗ). */
    public float secondCorrection() {
        return secondCorrection;
    }

    /** ε. */
    public float epsilon() {
        return epsilon;
    }

    /** η. */
    public float learningRate() {
        return learningRate;
    }

    /** 1 − η·decay. */
    public float keep() {
        return keep;
    }
}
