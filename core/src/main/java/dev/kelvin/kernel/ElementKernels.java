// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.operand.Activation;

/**
 * Loops over elements, each computed by itself. Plain loops: {@code ScalarElements}, with the functions of one float in
 * {@code ScalarActivations}.
 */
public interface ElementKernels {
    /** y[i] = a[i] + b[i]; {@code y} may be either at the same offset. */
    void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length);

    /** y[i] = a[i]·b[i]; {@code y} may be either at the same offset. */
    void mul(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length);

    /** y[i] = a[i] combined with b[i]; {@code y} may be either at the same offset. */
    void combine(
            Combination combination,
            float[] a,
            int aOffset,
            float[] b,
            int bOffset,
            float[] y,
            int yOffset,
            int length);

    /** y[i] = a[i]·b[i] + c[i], fused; {@code y} may be any of them at the same offset. */
    void fma(
            float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset, float[] y, int yOffset, int length);

    /** y[i] = min(max(x[i], lower), upper), NaN for NaN; {@code y} may be {@code x} at the same offset. */
    void clip(float[] x, int xOffset, float[] y, int yOffset, int length, float lower, float upper);

    /**
     * y[i] = x[i] where that is above 0 or −0 or NaN, else x[i]·slope; {@code y} may be {@code x} at the same offset.
     */
    void leakyRelu(float[] x, int xOffset, float[] y, int yOffset, int length, float slope);

    /**
     * What a derivative that has two values makes of dy: dx[i] = dy[i] where above {@literal <} x[i] ≤ upTo, else
     * dy[i]·outside; {@code dx} may be {@code x} or {@code dy} at the same offset.
     */
    void gradientWithin(
            float[] x,
            int xOffset,
            float[] dy,
            int dyOffset,
            float[] dx,
            int dxOffset,
            int length,
            float above,
            float upTo,
            float outside);

    /**
     * What the derivative of min(x, other) by x makes of dy: dx[i] = 0 where x[i] {@literal >} other[i], dy[i]/2 where
     * they are equal, else dy[i], also where one is NaN; {@code dx} may be any of them at the same offset.
     */
    void gradientOfMin(
            float[] x,
            int xOffset,
            float[] other,
            int otherOffset,
            float[] dy,
            int dyOffset,
            float[] dx,
            int dxOffset,
            int length);

    /** y[i] = x[i]·factor; {@code y} may be {@code x} at the same offset. */
    void scale(float[] x, int xOffset, float[] y, int yOffset, int length, float factor);

    /** y[i] = x[i]·factor + addend, as one fused multiply-add; {@code y} may be {@code x} at the same offset. */
    void affine(float[] x, int xOffset, float[] y, int yOffset, int length, float factor, float addend);

    /** y[i] += a[i]·b[i], fused. */
    void multiplyAdd(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length);

    /** y[i] += x[i]·factor, fused. */
    void addMultiple(float[] x, int xOffset, float[] y, int yOffset, int length, float factor);

    /** y[i] = exp(x[i]) within 1 ULP; {@code y} may be {@code x} at the same offset. */
    void exp(float[] x, int xOffset, float[] y, int yOffset, int length);

    /** y[i] = f(x[i]); {@code y} may be x. */
    void activate(Activation f, float[] x, int xOffset, float[] y, int yOffset, int length);

    /** y[i] = f(gate[i])·up[i]; {@code y} may be either. */
    void gated(
            Activation f, float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length);

    /** y[i] = {@code ScalarActivations.clampedSwiGlu} of gate[i] and up[i]; {@code y} may be either. */
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
}
