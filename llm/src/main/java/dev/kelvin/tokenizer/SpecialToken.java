// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

/** What a special token is for. Each has a key in GGUF files that holds its id. */
public enum SpecialToken {
    /** Begins a sequence. */
    BOS("bos_token_id"),
    /** Ends a sequence. */
    EOS("eos_token_id"),
    /** Ends a turn of a conversation. */
    EOT("eot_token_id"),
    /** Ends a message to a tool. */
    EOM("eom_token_id"),
    /** Stands for what has no token. */
    UNKNOWN("unknown_token_id"),
    /** Separates and ends texts of an encoder; the key is spelled like that. */
    SEPARATOR("seperator_token_id"),
    /** Fills up a batch. */
    PADDING("padding_token_id"),
    /** Begins a text of an encoder. */
    CLS("cls_token_id"),
    /** Stands for what an encoder guesses. */
    MASK("mask_token_id"),
    /** Ends what is filled into the middle of a text. */
    FIM_PAD("fim_pad_token_id"),
    /** Announces a repository, behind what was filled in. */
    FIM_REPOSITORY("fim_rep_token_id"),
    /** Separates files, behind what was filled in. */
    FIM_SEPARATOR("fim_sep_token_id");

    private final String ggufKey;

    SpecialToken(String ggufKey) {
        this.ggufKey = ggufKey;
    }

    /** The key of its id, behind {@code tokenizer.ggml.}. */
    public String ggufKey() {
        return ggufKey;
    }
}
