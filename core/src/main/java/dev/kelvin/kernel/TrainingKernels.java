// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * The loops over numbers that training needs besides {@link Kernels}: derivatives, the optimizer, and products of small
 * matrices with strides. The canonical order of each is written as plain loops in {@link ScalarTraining}.
 *
 * <p>As with {@link Kernels}: serial, no allocation, no checks. Outputs may be an input at the same offset where it
 * says so, and overlap nothing else.
 */
public interface TrainingKernels {
    /**
     * A product of matrices with lanes along the columns of the result: out[i, c] = Σⱼ w[i, j]·v[j, c], from
     * {@code out} on or from zero.
     *
     * @param w weights; element (i, j) at wOffset + i·wRow + j·wColumn, so that a transposed matrix is one with its
     *     strides exchanged
     * @param v values; element (j, c) at vOffset + j·vRow + c
     * @param out element (i, c) at outOffset + i·outRow + c
     * @param rows of w and out
     * @param inner the number of products of a sum
     * @param columns of v and out
     * @param accumulate whether sums begin with what {@code out} holds rather than +0
     */
    void mix(
            float[] w,
            int wOffset,
            int wRow,
            int wColumn,
            float[] v,
            int vOffset,
            int vRow,
            float[] out,
            int outOffset,
            int outRow,
            int rows,
            int inner,
            int columns,
            boolean accumulate);

    /** y[i] = (x[i] − mean)·inverse; {@code y} may be x. */
    void normalize(float[] x, int xOffset, float mean, float inverse, float[] y, int yOffset, int length);

    /** y[i] = x[i]·weight[i] + bias[i], fused; {@code y} may be x. */
    void affine(
            float[] x,
            int xOffset,
            float[] weight,
            int weightOffset,
            float[] bias,
            int biasOffset,
            float[] y,
            int yOffset,
            int length);

    /** dx[i] += inverse·(g[i] − gMean − xHat[i]·projection): the derivative of a normalised row. */
    void normBackward(
            float[] g,
            float[] xHat,
            float gMean,
            float projection,
            float inverse,
            float[] dx,
            int dxOffset,
            int length);

    /** dWeight[i] += dy[i]·((x[i] − mean) − rest)·inverse: one row's part of the derivative by a norm's weights. */
    void normWeightBackward(
            float[] dy,
            int dyOffset,
            float[] x,
            int xOffset,
            float mean,
            float rest,
            float inverse,
            float[] dWeight,
            int dWeightOffset,
            int length);

    /** ds[i] = p[i]·(dp[i] − mean)·scale: the derivative of a softmax; {@code ds} may be dp. */
    void softmaxBackward(
            float[] p,
            int pOffset,
            float[] dp,
            int dpOffset,
            float mean,
            float scale,
            float[] ds,
            int dsOffset,
            int length);

    /**
     * The derivative of silu(gate)·up: dGate[i] = dy[i]·up[i]·silu'(gate[i]), dUp[i] = dy[i]·silu(gate[i]).
     * {@code dGate} may be gate, {@code dUp} may be up, and either may be dy.
     */
    void swiGluBackward(
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] dy,
            int dyOffset,
            float[] dGate,
            int dGateOffset,
            float[] dUp,
            int dUpOffset,
            int length);

    /** y[i] = gelu(x[i]), the form with tanh; {@code y} may be x. */
    void gelu(float[] x, int xOffset, float[] y, int yOffset, int length);

    /** dx[i] = dy[i]·gelu'(x[i]); {@code dx} may be x or dy. */
    void geluBackward(float[] x, int xOffset, float[] dy, int dyOffset, float[] dx, int dxOffset, int length);

    /**
     * Dropout: y[i] = x[i]·factor where {@link CounterHash#bits}(firstIndex + i, key) ≫ 8 is at least the threshold,
     * else 0. {@code y} may be x.
     *
     * @param firstIndex the index of the first element
     * @param key of the mask
     * @param threshold the rate in units of 2⁻²⁴
     * @param factor usually 1/(1 − rate)
     */
    void dropout(
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int length,
            int firstIndex,
            long key,
            int threshold,
            float factor);

    /**
     * A step of AdamW for some parameters.
     *
     * @param parameters p
     * @param gradients their derivatives; not changed
     * @param firstMoments m
     * @param secondMoments v
     * @param offset the first element, in all four arrays
     * @param length the number of elements
     * @param step the numbers of the step
     */
    void adamW(
            float[] parameters,
            float[] gradients,
            float[] firstMoments,
            float[] secondMoments,
            int offset,
            int length,
            AdamWStep step);
}
