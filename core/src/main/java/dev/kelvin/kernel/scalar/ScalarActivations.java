// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.operand.Activation;

/** The specification of functions of one float, beside {@link ScalarExponential#exp(float)} on which they stand. */
public final class ScalarActivations {
    /** 2√(2/π): gelu(x) = x/(1 + exp(−z)) with z = x·(GELU_LINEAR + GELU_CUBIC·x²), which is the form with tanh. */
    public static final float GELU_LINEAR = (float) 1.5957691216057308;

    /** 2√(2/π)·0.044715. */
    public static final float GELU_CUBIC = (float) 0.07135481627260025;

    /** The lowest float whose exp(−z) is finite; below, none is, since −z as it is rounded never falls as x does. */
    public static final float GELU_LOWEST = -0x1.41f36ep3f;

    /** Below this magnitude, tanh is an odd polynomial; from it on, a quotient of exponentials. */
    public static final float TANH_SMALL = 0.625f;

    // tanh(x) = x·(1 + s·(T1 + s·(T2 + ...))) with s = x². Source: Moshier, Cephes, single/tanhf.c.
    public static final float T1 = -0x1.555532p-2f;
    public static final float T2 = 0x1.110726p-3f;
    public static final float T3 = -0x1.b83c5ap-5f;
    public static final float T4 = 0x1.52269cp-6f;
    public static final float T5 = -0x1.75e1d4p-8f;

    /** Below this magnitude, erf is an odd polynomial; from it on, 1 less an exponential. */
    public static final float ERF_SMALL = 1;

    /** From this magnitude on, erf is 1 to the last bit. */
    public static final float ERF_FLAT = 4;

    // erf(x) = x·(E0 + s·(E1 + ...)) with s = x² ≤ 1: least maximal relative error, 0.02 u.
    public static final float E0 = 0x1.20dd74p+0f;
    public static final float E1 = -0x1.81273ep-2f;
    public static final float E2 = 0x1.ce2cf8p-4f;
    public static final float E3 = -0x1.b7f90ap-6f;
    public static final float E4 = 0x1.540590p-8f;
    public static final float E5 = -0x1.a3f60ep-11f;
    public static final float E6 = 0x1.4967a0p-14f;

    // 1 − erf(x) = exp(−(Q0 + x·(Q1 + ...))) on [1, 4]: least maximal error of erf, 0.02 u.
    public static final float Q0 = 0x1.72cd04p-12f;
    public static final float Q1 = 0x1.2085b8p+0f;
    public static final float Q2 = 0x1.46c56cp-1f;
    public static final float Q3 = 0x1.a60b30p-4f;
    public static final float Q4 = -0x1.65437cp-6f;
    public static final float Q5 = 0x1.814facp-9f;
    public static final float Q6 = -0x1.853214p-13f;

    /** √½. */
    public static final float ROOT_HALF = 0x1.6a09e6p-1f;

    // log(1 + t) = 2·s·(1 + s²/3 + s⁴/5 + ...) with s = t/(2 + t) ≤ 1/3: what is left out is below 0.03 u.
    public static final float L1 = 1f / 3;
    public static final float L2 = 1f / 5;
    public static final float L3 = 1f / 7;
    public static final float L4 = 1f / 9;
    public static final float L5 = 1f / 11;
    public static final float L6 = 1f / 13;
    public static final float L7 = 1f / 15;

    private ScalarActivations() {}

    /**
     * A function of one float.
     *
     * @param f the function
     * @param x any float
     * @return f(x)
     */
    public static float apply(Activation f, float x) {
        return switch (f) {
            case SILU -> silu(x);
            case GELU_TANH -> gelu(x);
            case GELU_ERF -> geluErf(x);
            case SIGMOID -> sigmoid(x);
            case SOFTPLUS -> softplus(x);
            case TANH -> tanh(x);
            case RELU -> Math.max(x, 0);
            case ABS -> Math.abs(x);
            case EXP -> ScalarExponential.exp(x);
            case EXPM1 -> ScalarExponential.expm1(x);
            case LOG -> ScalarLogarithm.log(x);
            case LOG1P -> ScalarLogarithm.log1p(x);
            case SQRT -> (float) Math.sqrt(x);
            case RSQRT -> 1 / (float) Math.sqrt(x);
            case RECIPROCAL -> 1 / x;
            case ERF -> erf(x);
        };
    }

    /**
     * x/(1 + exp(−x)). Below −88.722839 the denominator is +∞ and the result −0, where the exact value is above
     * −2.6e−37; at −∞ too, which counts as the lowest finite float.
     *
     * @param x any float
     * @return silu(x)
     */
    public static float silu(float x) {
        return Math.max(x, -Float.MAX_VALUE) / (1 + ScalarExponential.exp(-x));
    }

    /**
     * x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, computed as x/(1 + exp(−z)), z = x·fma(x·x, GELU_CUBIC, GELU_LINEAR);
     * −∞ counts as the lowest finite float.
     *
     * @param x any float
     * @return gelu(x)
     */
    public static float gelu(float x) {
        return Math.max(x, -Float.MAX_VALUE)
                / (1 + ScalarExponential.exp(-(x * Math.fma(x * x, GELU_CUBIC, GELU_LINEAR))));
    }

    /**
     * tanh within 1.5 ULP over all floats: (1 − t)/(1 + t) with t = exp(−2|x|), and the sign of x; a polynomial where
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
        float t = ScalarExponential.exp(magnitude * -2);
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

    /**
     * erf within 2.5 ULP over all floats. NaN gives NaN.
     *
     * @param x any float
     * @return erf(x)
     */
    public static float erf(float x) {
        float magnitude = Math.min(Math.abs(x), ERF_FLAT);
        if (magnitude < ERF_SMALL) {
            float s = x * x;
            float p = Math.fma(E6, s, E5);
            p = Math.fma(p, s, E4);
            p = Math.fma(p, s, E3);
            p = Math.fma(p, s, E2);
            p = Math.fma(p, s, E1);
            return x * Math.fma(p, s, E0);
        }
        float q = Math.fma(Q6, magnitude, Q5);
        q = Math.fma(q, magnitude, Q4);
        q = Math.fma(q, magnitude, Q3);
        q = Math.fma(q, magnitude, Q2);
        q = Math.fma(q, magnitude, Q1);
        q = Math.fma(q, magnitude, Q0);
        return Math.copySign(1 - ScalarExponential.exp(-q), x);
    }

    /**
     * (x/2)·(1 + erf(x·√½)), within 2⁻²²·|x|. −∞ counts as the lowest finite float.
     *
     * @param x any float
     * @return GELU in its exact form
     */
    public static float geluErf(float x) {
        return (Math.max(x, -Float.MAX_VALUE) * 0.5f) * (1 + erf(x * ROOT_HALF));
    }

    /**
     * 1/(1 + exp(−x)).
     *
     * @param x any float
     * @return the logistic function
     */
    public static float sigmoid(float x) {
        return 1 / (1 + ScalarExponential.exp(-x));
    }

    /**
     * max(x, 0) + log(1 + exp(−|x|)), within 3.7 ULP.
     *
     * @param x any float
     * @return softplus(x)
     */
    public static float softplus(float x) {
        float t = ScalarExponential.exp(-Math.abs(x));
        float r = t / (t + 2);
        float s = r * r;
        float p = Math.fma(L7, s, L6);
        p = Math.fma(p, s, L5);
        p = Math.fma(p, s, L4);
        p = Math.fma(p, s, L3);
        p = Math.fma(p, s, L2);
        p = Math.fma(p, s, L1);
        return Math.fma(r + r, Math.fma(p, s, 1), Math.max(x, 0));
    }

    /**
     * g·sigmoid(alpha·g)·(u + 1) with g = min(gate, limit) and u within ±limit, computed as (g/(1 +
     * exp(−(alpha·g))))·(u + 1). A gate of −∞ counts as the lowest finite float.
     *
     * @param gate any float
     * @param up any float
     * @param alpha what the sigmoid's argument is multiplied by
     * @param limit at least 0
     * @return the gated unit of gpt-oss
     */
    public static float clampedSwiGlu(float gate, float up, float alpha, float limit) {
        float g = Math.max(Math.min(gate, limit), -Float.MAX_VALUE);
        float u = Math.min(Math.max(up, -limit), limit);
        return (g / (1 + ScalarExponential.exp(-(g * alpha)))) * (u + 1);
    }
}
