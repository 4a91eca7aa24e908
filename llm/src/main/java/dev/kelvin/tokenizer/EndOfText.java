// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.Set;

/**
 * The tokens by which models end a text or a turn. Some files hold them as user-defined: they are control tokens all
 * the same.
 */
final class EndOfText {
    private static final Set<String> PIECES = Set.of(
            "<|eot_id|>",
            "<|eom_id|>",
            "<|im_end|>",
            "</s>",
            "<|endoftext|>",
            "<|end_of_text|>",
            "<end_of_turn>",
            "<|end|>",
            "<EOT>",
            "<｜end▁of▁sentence｜>");

    private EndOfText() {}

    /** Whether a token of this type and spelling ends a text. */
    static boolean is(int type, String piece) {
        return (type == Vocabulary.CONTROL || type == Vocabulary.USER_DEFINED) && PIECES.contains(piece);
    }
}
