// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndTokensTest {
    private static EndTokens of(int type, SpecialTokens special, String... pieces) {
        int[] types = new int[pieces.length];
        Arrays.fill(types, type);
        return new EndTokens(pieces, types, special);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<|eot_id|>",
                "<|im_end|>",
                "<|end|>",
                "<|return|>",
                "<|call|>",
                "<|flush|>",
                "<|calls|>",
                "<end_of_turn>",
                "<|endoftext|>",
                "</s>",
                "<|eom_id|>",
                "<EOT>",
                "_<EOT>",
                "[EOT]",
                "[EOS]",
                "<|end_of_text|>",
                "<end_of_utterance>",
                "<eos>",
                "<turn|>",
                "<|tool_response>",
                "<｜end▁of▁sentence｜>",
                "[e~[",
                "<|fim_pad|>",
                "<fim-pad>",
                "<fim_pad>",
                "<PAD>",
                "[PAD]",
                "<|fim_repo|>",
                "<|repo_name|>",
                "<fim-repo>",
                "<REPO>",
                "<reponame>",
                "<|file_sep|>"
            })
    void theSpellingsOfLlamaCppEndATextWhateverTheirType(String piece) {
        for (int type = Vocabulary.NORMAL; type <= Vocabulary.BYTE; type++) {
            assertEquals(
                    type != Vocabulary.BYTE,
                    of(type, SpecialTokens.NONE, "a", piece).isEnd(1),
                    "type " + type);
        }
    }

    @Test
    void othersDoNot() {
        EndTokens ends = of(Vocabulary.CONTROL, SpecialTokens.NONE, "<s>", "<|im_start|>", "<|user|>", "eos", "</s> ");
        for (int id = 0; id < 5; id++) {
            assertFalse(ends.isEnd(id));
        }
    }

    @Test
    void anIdOfTheFileReplacesTheSpellingsOfItsKind() {
        SpecialTokens special = SpecialTokens.NONE.with(SpecialToken.FIM_PAD, 0);
        EndTokens ends = of(Vocabulary.NORMAL, special, "x", "<PAD>", "<|file_sep|>");
        assertTrue(ends.isEnd(0));
        assertFalse(ends.isSpelled(0), "the text x remains possible");
        assertFalse(ends.isEnd(1));
        assertTrue(ends.isEnd(2));
    }

    /** Harmony's messages end with {@code <|end|>}, its answers with others. */
    @Test
    void someEndAMessageOnly() {
        assertFalse(
                of(3, SpecialTokens.NONE, "<|end|>", "<|return|>", "<|call|>").isEnd(0));
        assertFalse(
                of(3, SpecialTokens.NONE, "<|end|>", "<|calls|>", "<|flush|>").isEnd(0));
        assertTrue(of(3, SpecialTokens.NONE, "<|end|>", "<|return|>").isEnd(0));
        assertFalse(of(3, SpecialTokens.of(-1, 0, false), "</s>", "<|tool_response>")
                .isEnd(0));
    }
}
