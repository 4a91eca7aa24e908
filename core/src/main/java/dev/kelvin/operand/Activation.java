// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/**
 * Functions of one float that operations apply to each element, the same bits everywhere. Errors are the worst that a
 * sweep has found, in units in the last place (ULP) of the result. NaN gives NaN, −0 what its function gives there, and
 * subnormal numbers are numbers as all others: none is flushed to 0.
 */
public enum Activation {
    /**
     * x/(1 + e⁻ˣ), within 3·2⁻²⁴ relative; below −88.72, where the exact value is above −2.6·10⁻³⁷, it is −0. Source:
     * Elfwing et al., arXiv:1702.03118.
     */
    SILU,
    /**
     * x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, within (6 + 4·|2√(2/π)·(x + 0.044715·x³)|)·2⁻²⁴ relative. Source:
     * Hendrycks and Gimpel, arXiv:1606.08415.
     */
    GELU_TANH,
    /** x·(1 + erf(x/√2))/2, which GELU_TANH approximates; within 2⁻²²·|x|. */
    GELU_ERF,
    /** 1/(1 + e⁻ˣ), within 2.5·2⁻²⁴ relative, but 0 below −88.72. */
    SIGMOID,
    /** log(1 + eˣ), within 3.7 ULP. */
    SOFTPLUS,
    /** tanh(x), within 1.5 ULP. */
    TANH,
    /** max(x, 0), exact; +0 for −0. */
    RELU,
    /** |x|, exact; +0 for −0. */
    ABS,
    /** eˣ, within 0.833 ULP, and within 1 ULP where the result is subnormal; 1 at ±0, 0 at −∞, +∞ from 88.722839 on. */
    EXP,
    /** eˣ − 1, within 0.87 ULP: no digits are lost near 0; ±0 for ±0, −1 at −∞, +∞ from 88.722839 on. */
    EXPM1,
    /** ln x, within 0.9 ULP; −∞ at ±0, NaN below, +∞ at +∞. */
    LOG,
    /** ln(1 + x), within 1.5 ULP: no digits are lost near 0; ±0 for ±0, −∞ at −1, NaN below, +∞ at +∞. */
    LOG1P,
    /** √x, rounded once; ±0 for ±0, NaN below, +∞ at +∞. */
    SQRT,
    /** 1/√x, root and quotient rounded once each, within 1.5 ULP; ±∞ for ±0, NaN below, 0 at +∞. */
    RSQRT,
    /** 1/x, rounded once; ±∞ for ±0, ±0 for ±∞. */
    RECIPROCAL,
    /** The error function 2/√π·∫₀ˣ exp(−t²) dt, within 2.5 ULP. */
    ERF
}
