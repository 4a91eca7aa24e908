// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/** The passes of a softmax over one chunk of a row, and of its gradient. Plain loops: {@code ScalarSoftmax}. */
public interface SoftmaxKernels {
    /** Logits of a chunk. */
    int CHUNK = 4096;

    /** The power of two by which numerators are larger than exp((x − max)/τ), so that small ones stay normal. */
    int HEADROOM = 32;

    /**
     * The numerators of a softmax over one chunk, e[i] = 2^(32 − base)·exp(x[i]/τ), and their sum; see
     * {@code ScalarSoftmax}.
     *
     * @param x logits, none NaN or above the chunk's maximum
     * @param xOffset the first logit
     * @param e receives the numerators; may be {@code x} at the same offset
     * @param eOffset where the first numerator goes
     * @param length the number of logits, at most {@link SoftmaxKernels#CHUNK}
     * @param base {@link SoftmaxScale#base} of the chunk's maximum
     * @param scale of τ
     * @return the sum
     */
    double numerators(float[] x, int xOffset, float[] e, int eOffset, int length, int base, SoftmaxScale scale);

    /**
     * Probabilities from the numerators of one chunk: y[i] = e[i]·factor, rounded once, as the factor is taken as a
     * pair of floats; {@code y} may be {@code e} at the same offset.
     *
     * @param factor 2^(base − the row's base)/(the row's sum)
     */
    void probabilities(float[] e, int eOffset, float[] y, int yOffset, int length, double factor);

    /**
     * Log-probabilities: y[i] = (x[i] − max)·inverseTemperature − logSum, as one fused multiply-add; {@code y} may be
     * {@code x} at the same offset.
     */
    void logProbs(
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int length,
            float max,
            float inverseTemperature,
            float logSum);

    /**
     * The gradient of a softmax by its logits: dz[i] = ((dp[i] − mean)·p[i])·inverseTemperature, in this order.
     *
     * @param p probabilities
     * @param pOffset the first probability
     * @param dp the gradient by the probabilities
     * @param dpOffset its first element
     * @param dz receives the gradient by the logits; may be {@code p} or {@code dp} at the same offset
     * @param dzOffset where its first element goes
     * @param length the number of elements
     * @param mean Σp·dp of the whole row
     * @param inverseTemperature 1/τ
     */
    void softmaxGradient(
            float[] p,
            int pOffset,
            float[] dp,
            int dpOffset,
            float[] dz,
            int dzOffset,
            int length,
            float mean,
            float inverseTemperature);

    /**
     * The gradient of a log-softmax by its logits: dz[i] = fma(p[i], −sum, dl[i])·inverseTemperature.
     *
     * @param p probabilities
     * @param pOffset the first probability
     * @param dl the gradient by the log-probabilities
     * @param dlOffset its first element
     * @param dz receives the gradient by the logits; may be {@code p} or {@code dl} at the same offset
     * @param dzOffset where its first element goes
     * @param length the number of elements
     * @param sum Σdl of the whole row
     * @param inverseTemperature 1/τ
     */
    void logSoftmaxGradient(
            float[] p,
            int pOffset,
            float[] dl,
            int dlOffset,
            float[] dz,
            int dzOffset,
            int length,
            float sum,
            float inverseTemperature);
}
