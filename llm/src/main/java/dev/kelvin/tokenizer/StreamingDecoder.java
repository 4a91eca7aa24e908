// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

/**
 * Turns ids into text one at a time, and never gives out half a character: the bytes of an incomplete UTF-8 sequence
 * wait for the next token. The concatenation of all it returns equals the text of all ids decoded at once. For one
 * thread.
 */
public interface StreamingDecoder {
    /**
     * Takes the next token.
     *
     * @param id a token id
     * @return the characters that are complete now; may be empty
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    String accept(int id);

    /**
     * Ends the text.
     *
     * @return what has waited; U+FFFD for a sequence that never became complete. The decoder may be used for a new text
     *     then
     */
    String finish();
}
