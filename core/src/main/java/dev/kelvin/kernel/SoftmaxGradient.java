// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * The specification of the element-wise kernels behind the gradients of softmax, log-softmax and cross-entropy. The
 * sums that they take as factors are dot products of blocks, so nothing here has an order to keep.
 */
final class SoftmaxGradient {
    private SoftmaxGradient() {}

    static void affine(float[] x, int xOffset, float[] y, int yOffset, int length, float factor, float addend) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Math.fma(x[xOffset + i], factor, addend);
        }
    }

    static void ofSoftmax(
            float[] p,
            int pOffset,
            float[] dp,
            int dpOffset,
            float[] dz,
            int dzOffset,
            int length,
            float mean,
            float inverseTemperature) {
        for (int i = 0; i < length; i++) {
            dz[dzOffset + i] = (dp[dpOffset + i] - mean) * p[pOffset + i] * inverseTemperature;
        }
    }

    static void ofLogSoftmax(
            float[] p,
            int pOffset,
            float[] dl,
            int dlOffset,
            float[] dz,
            int dzOffset,
            int length,
            float sum,
            float inverseTemperature) {
        for (int i = 0; i < length; i++) {
            dz[dzOffset + i] = Math.fma(p[pOffset + i], -sum, dl[dlOffset + i]) * inverseTemperature;
        }
    }
}
