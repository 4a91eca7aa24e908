// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.BitSet;

/**
 * Text to token ids and back. Ids run from 0 to {@code vocabSize() − 1}.
 *
 * <p>Immutable and safe for use by several threads; decoders belong to one thread. Null is never allowed.
 */
public interface Tokenizer {
    /**
     * The ids of a text. Control tokens are neither added nor recognised: text that spells one is ordinary text.
     *
     * @param text any string; a lone surrogate counts as U+FFFD
     * @return the ids, none for the empty text
     */
    default int[] encode(String text) {
        return encode(text, false);
    }

    /**
     * The ids of a text in which control tokens may be spelled out. None are added. For prompts that a program has put
     * together; what a user wrote must not become a control token.
     *
     * @param text any string; a lone surrogate counts as U+FFFD
     * @param parseSpecial whether text that spells a control token becomes that token
     * @return the ids, none for the empty text
     */
    int[] encode(String text, boolean parseSpecial);

    /**
     * The ids of a text that a program has put together of its own words, in which control tokens are spelled out, and
     * those of a user, in which they are not.
     *
     * @param text any string; a lone surrogate counts as U+FFFD
     * @param literal indices of chars that are part of no control token
     * @return the ids, none for the empty text
     */
    int[] encode(String text, BitSet literal);

    /** The indices of the chars of a text that {@code encode(text, true)} might take for a part of a control token. */
    BitSet controlChars(String text);

    /**
     * What a model of this vocabulary expects of a whole text: its ids, with the control tokens that belong around
     * them.
     *
     * @param ids of a text
     * @return a new array
     */
    int[] surround(int[] ids);

    /**
     * The text of a whole sequence; the space that {@link #encode} puts in front is taken off again.
     *
     * @param ids token ids
     * @return the text; bytes that are not UTF-8 become U+FFFD, control tokens nothing
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    default String decode(int... ids) {
        return decode(ids, false);
    }

    /**
     * The text of a whole sequence.
     *
     * @param ids token ids
     * @param keepSpecial whether control tokens are spelled out
     * @return the text; bytes that are not UTF-8 become U+FFFD
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    default String decode(int[] ids, boolean keepSpecial) {
        StreamingDecoder decoder = decoder(true, keepSpecial);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.accept(id));
        }
        return text.append(decoder.finish()).toString();
    }

    /** A decoder for the start of a text: {@code decoder(true)}. */
    default StreamingDecoder decoder() {
        return decoder(true);
    }

    /** A decoder for which control tokens are nothing. */
    default StreamingDecoder decoder(boolean atStart) {
        return decoder(atStart, false);
    }

    /**
     * A decoder that takes one id at a time.
     *
     * @param atStart whether the first token begins a text, so that the space in front is taken off
     * @param keepSpecial whether control tokens are spelled out
     * @return a new decoder
     */
    StreamingDecoder decoder(boolean atStart, boolean keepSpecial);

    /** The number of tokens. */
    int vocabSize();

    /** The tokens with a meaning to the engine. */
    SpecialTokens special();

    /** The id that begins a sequence; −1 if there is none. */
    default int bosId() {
        return special().id(SpecialToken.BOS);
    }

    /** The id that ends a sequence; −1 if there is none. */
    default int eosId() {
        return special().id(SpecialToken.EOS);
    }

    /** Whether a model of this vocabulary expects {@link #bosId()} in front of a prompt. */
    default boolean addsBos() {
        return special().addsBos();
    }

    /**
     * Whether a token ends a text: the end-of-sequence token, and the end-of-turn tokens of chat models.
     *
     * @param id a token id
     * @return whether generation stops at it
     */
    boolean isEndOfText(int id);

    /**
     * The token as the vocabulary spells it: a space is U+2581 or, at byte level, {@code Ġ}.
     *
     * @param id a token id
     * @return its piece
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    String piece(int id);

    /**
     * The bytes that a token adds to a text that has begun; they need not be whole characters.
     *
     * @param id a token id
     * @return a new array, empty for control tokens
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    byte[] bytes(int id);
}
