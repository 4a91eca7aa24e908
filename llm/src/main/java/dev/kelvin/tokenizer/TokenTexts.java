// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

/** What tokens say. Immutable. */
interface TokenTexts {
    /**
     * A decoder.
     *
     * @param atStart whether the first token begins a text
     * @param keepsSpecial whether control tokens are spelled out; else they are nothing
     */
    StreamingDecoder decoder(boolean atStart, boolean keepsSpecial);

    /** The bytes that a token adds to a text that has begun; none for control tokens. */
    byte[] bytes(int id);
}
