// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.TrainingKernels;
import dev.kelvin.operand.AdamWStep;
import dev.kelvin.operand.CounterHash;

/** The specification of {@link TrainingKernels}. Everything here takes each element by itself. */
public final class ScalarTraining implements TrainingKernels {
    /** Three times {@link ScalarActivations#GELU_CUBIC}: the derivative of z. */
    public static final float GELU_SLOPE = (float) 0.21406444881780073;

    /**
     * Beyond this, GELU's derivative is 1 or 0 to the last bit; clamped to it, no product leaves the range of a float.
     */
    public static final float GELU_FLAT = 16;

    /** Kernels of plain loops. */
    public ScalarTraining() {}

    @Override
    public void normBackward(
            float[] g,
            float[] xHat,
            float gMean,
            float projection,
            float inverse,
            float[] dx,
            int dxOffset,
            int length) {
        for (int i = 0; i < length; i++) {
            float centred = Math.fma(xHat[i], -projection, g[i] - gMean);
            dx[dxOffset + i] = Math.fma(centred, inverse, dx[dxOffset + i]);
        }
    }

    @Override
    public void normWeightBackward(
            float[] dy,
            int dyOffset,
            float[] x,
            int xOffset,
            float mean,
            float rest,
            float inverse,
            float[] dWeight,
            int dWeightOffset,
            int length) {
        for (int i = 0; i < length; i++) {
            float xHat = ((x[xOffset + i] - mean) - rest) * inverse;
            dWeight[dWeightOffset + i] = Math.fma(xHat, dy[dyOffset + i], dWeight[dWeightOffset + i]);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>With s = 1/(1 + exp(−gate)): dGate = (dy·up)·(s·fma(gate, 1 − s, 1)), dUp = dy·(gate·s), where an infinite
     * gate, other than +∞ in dUp, counts as the largest finite one.
     */
    @Override
    public void swiGluBackward(
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
            int length) {
        for (int i = 0; i < length; i++) {
            float g = Math.max(gate[gateOffset + i], -Float.MAX_VALUE);
            float d = dy[dyOffset + i];
            float u = up[upOffset + i];
            float s = 1 / (1 + ScalarExponential.exp(-g));
            dGate[dGateOffset + i] = (d * u) * (s * Math.fma(Math.min(g, Float.MAX_VALUE), 1 - s, 1));
            dUp[dUpOffset + i] = d * (g * s);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>With x within ±{@link #GELU_FLAT} and s = 1/(1 + exp(−z)): dy·(s·fma(x·(1 − s), fma(x·x, GELU_SLOPE,
     * GELU_LINEAR), 1)).
     */
    @Override
    public void geluBackward(float[] x, int xOffset, float[] dy, int dyOffset, float[] dx, int dxOffset, int length) {
        for (int i = 0; i < length; i++) {
            float value = Math.min(Math.max(x[xOffset + i], -GELU_FLAT), GELU_FLAT);
            float square = value * value;
            float s = 1
                    / (1
                            + ScalarExponential.exp(-(value
                                    * Math.fma(square, ScalarActivations.GELU_CUBIC, ScalarActivations.GELU_LINEAR))));
            float slope = Math.fma(square, GELU_SLOPE, ScalarActivations.GELU_LINEAR);
            dx[dxOffset + i] = dy[dyOffset + i] * (s * Math.fma(value * (1 - s), slope, 1));
        }
    }

    @Override
    public void dropout(
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int length,
            int firstIndex,
            long key,
            int threshold,
            float factor) {
        for (int i = 0; i < length; i++) {
            boolean kept = CounterHash.bits(firstIndex + i, key) >>> 8 >= threshold;
            y[yOffset + i] = kept ? x[xOffset + i] * factor : 0;
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>g' = g·gradientScale; m = fma(g' − m, 1 − β₁, m); v = fma(g'·g' − v, 1 − β₂, v); p = fma(−η, (m·c₁)/(√(v·c₂) +
     * ε), p·keep).
     */
    @Override
    public void adamW(
            float[] parameters,
            float[] gradients,
            float[] firstMoments,
            float[] secondMoments,
            int offset,
            int length,
            AdamWStep step) {
        for (int i = offset; i < offset + length; i++) {
            float g = gradients[i] * step.gradientScale();
            float m = Math.fma(g - firstMoments[i], step.firstRate(), firstMoments[i]);
            float v = Math.fma(g * g - secondMoments[i], step.secondRate(), secondMoments[i]);
            float root = (float) Math.sqrt(v * step.secondCorrection());
            float update = (m * step.firstCorrection()) / (root + step.epsilon());
            firstMoments[i] = m;
            secondMoments[i] = v;
            parameters[i] = Math.fma(update, -step.learningRate(), parameters[i] * step.keep());
        }
    }
}
