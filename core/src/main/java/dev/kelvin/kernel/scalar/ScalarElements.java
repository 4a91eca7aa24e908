// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.Combination;
import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.operand.Activation;

/** The specification of loops over elements; {@link ScalarActivations} has the functions of one float. */
public final class ScalarElements implements ElementKernels {
    /** Kernels of plain loops. */
    public ScalarElements() {}

    @Override
    public void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = a[aOffset + i] + b[bOffset + i];
        }
    }

    @Override
    public void mul(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = a[aOffset + i] * b[bOffset + i];
        }
    }

    @Override
    public void combine(
            Combination combination,
            float[] a,
            int aOffset,
            float[] b,
            int bOffset,
            float[] y,
            int yOffset,
            int length) {
        for (int i = 0; i < length; i++) {
            float left = a[aOffset + i];
            float right = b[bOffset + i];
            y[yOffset + i] = switch (combination) {
                case ADD -> left + right;
                case SUB -> left - right;
                case MUL -> left * right;
                case DIV -> left / right;
                case MIN -> Math.min(left, right);
                case MAX -> Math.max(left, right);
                case POW -> ScalarPower.pow(left, right);
            };
        }
    }

    @Override
    public void fma(
            float[] a,
            int aOffset,
            float[] b,
            int bOffset,
            float[] c,
            int cOffset,
            float[] y,
            int yOffset,
            int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Math.fma(a[aOffset + i], b[bOffset + i], c[cOffset + i]);
        }
    }

    @Override
    public void clip(float[] x, int xOffset, float[] y, int yOffset, int length, float lower, float upper) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Math.min(Math.max(x[xOffset + i], lower), upper);
        }
    }

    @Override
    public void leakyRelu(float[] x, int xOffset, float[] y, int yOffset, int length, float slope) {
        for (int i = 0; i < length; i++) {
            float value = x[xOffset + i];
            y[yOffset + i] = value < 0 ? value * slope : value;
        }
    }

    @Override
    public void gradientWithin(
            float[] x,
            int xOffset,
            float[] dy,
            int dyOffset,
            float[] dx,
            int dxOffset,
            int length,
            float above,
            float upTo,
            float outside) {
        for (int i = 0; i < length; i++) {
            float value = x[xOffset + i];
            float gradient = dy[dyOffset + i];
            dx[dxOffset + i] = value > above && value <= upTo ? gradient : gradient * outside;
        }
    }

    @Override
    public void gradientOfMin(
            float[] x,
            int xOffset,
            float[] other,
            int otherOffset,
            float[] dy,
            int dyOffset,
            float[] dx,
            int dxOffset,
            int length) {
        for (int i = 0; i < length; i++) {
            float value = x[xOffset + i];
            float against = other[otherOffset + i];
            float gradient = dy[dyOffset + i];
            dx[dxOffset + i] = value > against ? 0 : value == against ? gradient * 0.5f : gradient;
        }
    }

    @Override
    public void scale(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = x[xOffset + i] * factor;
        }
    }

    @Override
    public void affine(float[] x, int xOffset, float[] y, int yOffset, int length, float factor, float addend) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Math.fma(x[xOffset + i], factor, addend);
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

    @Override
    public void exp(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = ScalarExponential.exp(x[xOffset + i]);
        }
    }

    @Override
    public void activate(Activation f, float[] x, int xOffset, float[] y, int yOffset, int length) {
        if (f == Activation.SILU) {
            silu(x, xOffset, y, yOffset, length);
            return;
        }
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = ScalarActivations.apply(f, x[xOffset + i]);
        }
    }

    // Apart, as most models have it and their first tokens may come from plain loops: no choice at each element.
    private static void silu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = ScalarActivations.silu(x[xOffset + i]);
        }
    }

    @Override
    public void gated(
            Activation f, float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        if (f == Activation.SILU) {
            swiGlu(gate, gateOffset, up, upOffset, y, yOffset, length);
            return;
        }
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = ScalarActivations.apply(f, gate[gateOffset + i]) * up[upOffset + i];
        }
    }

    private static void swiGlu(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = ScalarActivations.silu(gate[gateOffset + i]) * up[upOffset + i];
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
}
