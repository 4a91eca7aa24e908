// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

/** What kind of decoder is trained. */
public enum Architecture {
    /** RMSNorm, rotary positions, grouped-query attention, SwiGLU, no biases. */
    LLAMA,
    /** LayerNorm, learned positions, multi-head attention, GELU, biases. */
    GPT2
}
