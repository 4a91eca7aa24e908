// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.Set;

/** The control tokens by which models end a text or a turn, whatever file type names them. */
final class EndOfText {
    private static final Set<String> PIECES =
            Set.of("<|eot_id|>", "<|im_end|>", "</s>", "<|endoftext|>", "<|end_of_text|>", "<end_of_turn>", "<|end|>");

    private EndOfText() {}

    /** Whether a token of this type and spelling ends a text. */
    static boolean is(int type, String piece) {
        return type == Vocabulary.CONTROL && PIECES.contains(piece);
    }
}
