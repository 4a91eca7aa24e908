// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/** The specification of {@link LayerKernels}: plain loops. */
public final class ScalarLayers implements LayerKernels {
    /** Kernels of plain loops. */
    public ScalarLayers() {}

    @Override
    public void activate(Activation f, float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = ScalarActivations.apply(f, x[xOffset + i]);
        }
    }

    @Override
    public void gated(
            Activation f, float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = ScalarActivations.apply(f, gate[gateOffset + i]) * up[upOffset + i];
        }
    }

    @Override
    public void clampedSwiGlu(
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] y,
            int yOffset,
            int length,
            float alpha,
            float limit) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = ScalarActivations.clampedSwiGlu(gate[gateOffset + i], up[upOffset + i], alpha, limit);
        }
    }

    @Override
    public void softCap(float[] x, int xOffset, float[] y, int yOffset, int length, float cap) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = ScalarActivations.softCap(x[xOffset + i], cap);
        }
    }

    @Override
    public void multiplyAdd(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Math.fma(a[aOffset + i], b[bOffset + i], y[yOffset + i]);
        }
    }

    @Override
    public void addMultiple(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Math.fma(x[xOffset + i], factor, y[yOffset + i]);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>after = fma(u, d, before·decay); out is one chain by fma, ascending over the rows from +0.
     */
    @Override
    public void rankOneUpdate(
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
            int outOffset) {
        for (int v = 0; v < columns; v++) {
            float sum = 0;
            for (int k = 0; k < rows; k++) {
                int at = k * columns + v;
                float state = Math.fma(u[uOffset + k], d[dOffset + v], before[beforeOffset + at] * decay);
                after[afterOffset + at] = state;
                sum = Math.fma(state, r[rOffset + k], sum);
            }
            out[outOffset + v] = sum;
        }
    }
}
