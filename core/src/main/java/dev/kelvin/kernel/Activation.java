// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/** A function of one number, as feed-forward layers have it between their projections. */
public enum Activation {
    /** x / (1 + e⁻ˣ). */
    SILU,
    /** x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))). */
    GELU_TANH
}
