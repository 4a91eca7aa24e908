// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.split.SplitRule;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tables of a byte-level BPE tokenizer, GGUF type {@code gpt2}, as the file holds them. The arrays are kept, not
 * copied.
 *
 * @param pieces [V], one character for each byte: printable ones stand for themselves, {@code Ġ} for a space
 * @param types [V]: {@link Vocabulary#NORMAL} to {@link Vocabulary#BYTE}
 * @param merges pairs of pieces that may be joined, with one space between, the most urgent first
 * @param preTokenizer how a text is cut into words
 * @param special the tokens with a meaning to the engine
 */
public record BpeVocabulary(
        String[] pieces, int[] types, String[] merges, SplitRule preTokenizer, SpecialTokens special) {
    /** Checks that the tables fit together; merges are not checked. */
    public BpeVocabulary {
        if (types.length != pieces.length) {
            throw new IllegalArgumentException(
                    "vocabulary: " + pieces.length + " pieces, but " + types.length + " types");
        }
        special.check(pieces.length);
        for (int id = 0; id < pieces.length; id++) {
            if (pieces[id] == null || types[id] < Vocabulary.NORMAL || types[id] > Vocabulary.BYTE) {
                throw new IllegalArgumentException(
                        "vocabulary: token " + id + " has piece " + pieces[id] + " and type " + types[id]);
            }
        }
    }

    /** A vocabulary of which a sequence has one end only. */
    public BpeVocabulary(
            String[] pieces,
            int[] types,
            String[] merges,
            SplitRule preTokenizer,
            int bosId,
            int eosId,
            boolean addsBos) {
        this(pieces, types, merges, preTokenizer, SpecialTokens.of(bosId, eosId, addsBos));
    }

    /** The token that begins a sequence; −1 if there is none. */
    public int bosId() {
        return special.id(SpecialToken.BOS);
    }

    /** The token that ends a sequence; −1 if there is none. */
    public int eosId() {
        return special.id(SpecialToken.EOS);
    }

    /** Whether prompts begin with {@link #bosId()}. */
    public boolean addsBos() {
        return special.addsBos();
    }

    /**
     * What a GGUF file says about this vocabulary: keys that begin with {@code tokenizer.ggml.}, in file order, with
     * values of Integer, Boolean, String, {@code int[]} and {@code String[]}. Kelvin and llama.cpp build the same
     * tokenizer from them.
     */
    public Map<String, Object> metadata() {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put(Vocabulary.KEY_PREFIX + "model", "gpt2");
        entries.put(Vocabulary.KEY_PREFIX + "pre", preTokenizer.ggufName());
        entries.put(Vocabulary.KEY_PREFIX + "tokens", pieces);
        entries.put(Vocabulary.KEY_PREFIX + "token_type", types);
        entries.put(Vocabulary.KEY_PREFIX + "merges", merges);
        Vocabulary.putSpecial(entries, special);
        return entries;
    }
}
