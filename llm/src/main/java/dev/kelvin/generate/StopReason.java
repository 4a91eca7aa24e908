// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

/** Why a generation ended. */
public enum StopReason {
    /** The model picked a token that ends the text, or the BOS of another one. */
    END_OF_TEXT,
    /** As many tokens were made as were asked for. */
    MAX_TOKENS,
    /** The model's context has no position left for the next token. */
    CONTEXT_FULL
}
