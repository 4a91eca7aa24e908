// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

/** Why a generation ended. */
public enum StopReason {
    /**
     * The model picked a token that ends the text, or the BOS of another one; or the constraint lets nothing follow.
     */
    END_OF_TEXT,
    /** As many tokens were made as were asked for. */
    MAX_TOKENS,
    /** The model's context has no position left for the next token. */
    CONTEXT_FULL,
    /** One of the texts came that were to end the answer. */
    STOP_TEXT,
    /** It was cancelled, or the engine closed. */
    CANCELLED
}
