// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/** The specification of functions of one float, beside {@link ScalarKernels#exp(float)} on which they stand. */
public final class ScalarActivations {
    /** Below this magnitude, tanh is an odd polynomial; from it on, a quotient of exponentials. */
    public static final float TANH_SMALL = 0.625f;

    // tanh(x) = x·(1 + s·(T1 + s·(T2 + ...))) with s = x². Source: Moshier, Cephes, single/tanhf.c.
    public static final float T1 = -0x1.555532p-2f;
    public static final float T2 = 0x1.110726p-3f;
    public static final float T3 = -0x1.b83c5ap-5f;
    public static final float T4 = 0x1.52269cp-6f;
    public static final float T5 = -0x1.75e1d4p-8f;

    private ScalarActivations() {}

    /**
     * tanh within 2 ULP over all floats: (1 − t)/(1 + t) with t = exp(−2|x|), and the sign of x; a polynomial where
     * that would cancel. NaN gives NaN.
     *
     * @param x any float
     * @return tanh(x)
     */
    public static float tanh(float x) {
        float magnitude = Math.abs(x);
        if (magnitude < TANH_SMALL) {
            float s = x * x;
            float p = Math.fma(T5, s, T4);
            p = Math.fma(p, s, T3);
            p = Math.fma(p, s, T2);
            p = Math.fma(p, s, T1);
            return x * Math.fma(s, p, 1);
        }
        float t = ScalarKernels.exp(magnitude * -2);
        return Math.copySign((1 - t) / (1 + t), x);
    }

    /**
     * cap·tanh(x/cap).
     *
     * @param x any float
     * @param cap positive and finite
     * @return x, softly kept within (−cap, cap)
     */
    public static float softCap(float x, float cap) {
        return tanh(x / cap) * cap;
    }
}
