// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.operand.AdamWStep;
import dev.kelvin.operand.CounterHash;

/**
 * The loops that only training needs: derivatives of elements and norms, dropout, the optimizer. Plain loops:
 * {@code ScalarTraining}.
 */
public interface TrainingKernels {
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
