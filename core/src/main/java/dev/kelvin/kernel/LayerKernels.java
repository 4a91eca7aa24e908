// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * The loops over numbers that only some architectures' layers need. The canonical order of each is written as plain
 * loops in {@link ScalarLayers}.
 *
 * <p>As with {@link Kernels}: serial, no allocation, no checks. Outputs may be an input at the same offset where it
 * says so, and overlap nothing else.
 */
public interface LayerKernels {
    /** y[i] = f(x[i]); {@code y} may be x. */
    void activate(Activation f, float[] x, int xOffset, float[] y, int yOffset, int length);

    /** y[i] = f(gate[i])·up[i]; {@code y} may be either. */
    void gated(
            Activation f, float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length);

    /** y[i] = {@link ScalarActivations#clampedSwiGlu} of gate[i] and up[i]; {@code y} may be either. */
    void clampedSwiGlu(
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] y,
            int yOffset,
            int length,
            float alpha,
            float limit);

    /** y[i] = cap·tanh(x[i]/cap); {@code y} may be x. */
    void softCap(float[] x, int xOffset, float[] y, int yOffset, int length, float cap);

    /** y[i] += a[i]·b[i], fused. */
    void multiplyAdd(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length);

    /** y[i] += x[i]·factor, fused. */
    void addMultiple(float[] x, int xOffset, float[] y, int yOffset, int length, float factor);

    /**
     * One step of a matrix-valued state, and what a reader sees of it: after[k, v] = before[k, v]·decay + u[k]·d[v],
     * and then out[v] = Σₖ after[k, v]·r[k].
     *
     * @param before the state [rows, columns], from its offset on
     * @param after receives the state; may be {@code before} at the same offset
     * @param decay the factor of what was
     * @param u what is written, by row [rows]
     * @param d and by column [columns]
     * @param r what reads [rows]
     * @param out receives [columns]
     */
    void rankOneUpdate(
            float[] before,
            int beforeOffset,
            float[] after,
            int afterOffset,
            int rows,
            int columns,
            float decay,
            float[] u,
            int uOffset,
            float[] d,
            int dOffset,
            float[] r,
            int rOffset,
            float[] out,
            int outOffset);
}
