// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.composed;

import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.scalar.ScalarActivations;
import dev.kelvin.operand.Activation;
import java.util.Arrays;

/**
 * Derivatives of functions of one float, in terms of kernels whose order is fixed elsewhere: dx = dy·f′(x), with the
 * slope f′(x) of a block of {@value #BLOCK} elements left in scratch, and one product at the end. An instance belongs
 * to one thread.
 *
 * <pre>
 * SIGMOID    σ(x)·σ(−x)               TANH  1 − tanh²(x), as fma     SOFTPLUS  σ(x)
 * EXP, EXPM1 exp(x)                   LOG   1/x                      LOG1P     1/(1 + x)
 * SQRT       (1/√x)/2                 RSQRT ((1/√x)·(1/x))·(−1/2)    RECIPROCAL ((1/x)·(1/x))·(−1)
 * ERF        exp(−x²)·2/√π            GELU_ERF x·(exp(−x²/2)/√(2π)) + (1 + erf(x·√½))/2, as fma
 * ABS        x·2¹²⁶·2¹²⁶ clipped to [−1, 1]
 * </pre>
 */
public final class ActivationGradient {
    private static final int BLOCK = 1024;

    private static final float LIFT = 0x1p126f;

    /** 2/√π. */
    private static final float ERF_SLOPE = (float) 1.1283791670955126;

    /** 1/√(2π). */
    private static final float DENSITY = (float) 0.3989422804014327;

    private final Kernels kernels;
    private final float[] slope = new float[BLOCK];
    private final float[] other = new float[BLOCK];
    private final float[] bounded = new float[BLOCK];
    private final float[] ones = new float[BLOCK];

    /**
     * Derivatives computed by these kernels.
     *
     * @param kernels of the same thread
     */
    public ActivationGradient(Kernels kernels) {
        this.kernels = kernels;
        Arrays.fill(ones, 1);
    }

    /**
     * dx[i] = dy[i]·f′(x[i]); {@code dx} may be {@code x} or {@code dy} at the same offset.
     *
     * @param f the function
     * @param length the number of elements
     */
    public void backward(
            Activation f, float[] x, int xOffset, float[] dy, int dyOffset, float[] dx, int dxOffset, int length) {
        ElementKernels elements = kernels.elements();
        switch (f) {
            case RELU ->
                elements.gradientWithin(x, xOffset, dy, dyOffset, dx, dxOffset, length, 0, Float.POSITIVE_INFINITY, 0);
            case GELU_TANH -> kernels.training().geluBackward(x, xOffset, dy, dyOffset, dx, dxOffset, length);
            default -> {
                for (int i = 0; i < length; i += BLOCK) {
                    int count = Math.min(BLOCK, length - i);
                    slope(elements, f, x, xOffset + i, count);
                    elements.mul(slope, 0, dy, dyOffset + i, dx, dxOffset + i, count);
                }
            }
        }
    }

    private void slope(ElementKernels elements, Activation f, float[] x, int at, int count) {
        switch (f) {
            case SILU -> kernels.training().swiGluBackward(x, at, ones, 0, ones, 0, slope, 0, other, 0, count);
            case SIGMOID -> {
                elements.activate(Activation.SIGMOID, x, at, slope, 0, count);
                elements.scale(x, at, other, 0, count, -1);
                elements.activate(Activation.SIGMOID, other, 0, other, 0, count);
                elements.mul(slope, 0, other, 0, slope, 0, count);
            }
            case TANH -> {
                elements.activate(Activation.TANH, x, at, slope, 0, count);
                elements.scale(slope, 0, other, 0, count, -1);
                elements.fma(slope, 0, other, 0, ones, 0, slope, 0, count);
            }
            case SOFTPLUS -> elements.activate(Activation.SIGMOID, x, at, slope, 0, count);
            case EXP, EXPM1 -> elements.activate(Activation.EXP, x, at, slope, 0, count);
            case LOG -> elements.activate(Activation.RECIPROCAL, x, at, slope, 0, count);
            case LOG1P -> {
                elements.affine(x, at, slope, 0, count, 1, 1);
                elements.activate(Activation.RECIPROCAL, slope, 0, slope, 0, count);
            }
            case SQRT -> {
                elements.activate(Activation.RSQRT, x, at, slope, 0, count);
                elements.scale(slope, 0, slope, 0, count, 0.5f);
            }
            case RSQRT -> {
                elements.activate(Activation.RSQRT, x, at, slope, 0, count);
                elements.activate(Activation.RECIPROCAL, x, at, other, 0, count);
                elements.mul(slope, 0, other, 0, slope, 0, count);
                elements.scale(slope, 0, slope, 0, count, -0.5f);
            }
            case RECIPROCAL -> {
                elements.activate(Activation.RECIPROCAL, x, at, slope, 0, count);
                elements.mul(slope, 0, slope, 0, slope, 0, count);
                elements.scale(slope, 0, slope, 0, count, -1);
            }
            case ERF -> density(elements, x, at, slope, count, -1, ERF_SLOPE);
            case GELU_ERF -> {
                elements.scale(x, at, other, 0, count, ScalarActivations.ROOT_HALF);
                elements.activate(Activation.ERF, other, 0, other, 0, count);
                elements.affine(other, 0, other, 0, count, 0.5f, 0.5f);
                density(elements, x, at, slope, count, -0.5f, DENSITY);
                // Beyond, the density is 0, and its product with an infinite x would be NaN.
                elements.clip(x, at, bounded, 0, count, -Float.MAX_VALUE, Float.MAX_VALUE);
                elements.fma(bounded, 0, slope, 0, other, 0, slope, 0, count);
            }
            case ABS -> {
                elements.scale(x, at, slope, 0, count, LIFT);
                elements.scale(slope, 0, slope, 0, count, LIFT);
                elements.clip(slope, 0, slope, 0, count, -1, 1);
            }
            case RELU, GELU_TANH -> throw new AssertionError(f);
        }
    }

    /** to = exp(x²·factor)·height. */
    private static void density(
            ElementKernels elements, float[] x, int at, float[] to, int count, float factor, float height) {
        elements.mul(x, at, x, at, to, 0, count);
        elements.scale(to, 0, to, 0, count, factor);
        elements.exp(to, 0, to, 0, count);
        elements.scale(to, 0, to, 0, count, height);
    }
}
