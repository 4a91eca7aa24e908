// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/**
 * Functions of one float that layers apply to each element; each within a few units of the last place, the same bits
 * everywhere.
 */
public enum Activation {
    /** x/(1 + e⁻ˣ). Source: Elfwing et al., arXiv:1702.03118. */
    SILU,
    /** x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2. Source: Hendrycks and Gimpel, arXiv:1606.08415. */
    GELU_TANH,
    /** x·(1 + erf(x/√2))/2, which GELU_TANH approximates. */
    GELU_ERF,
    /** 1/(1 + e⁻ˣ). */
    SIGMOID,
    /** log(1 + eˣ). */
    SOFTPLUS,
    /** tanh(x). */
    TANH
}
