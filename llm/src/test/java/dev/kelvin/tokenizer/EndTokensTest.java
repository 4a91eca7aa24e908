// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndTokensTest {
    private static EndTokens of(int type, SpecialTokens special, String... pieces) {
        int[] types = new int[pieces.length];
        Arrays.fill(types, type);
        return new EndTokens(pieces, types, special);
    }

    /**
     * What ends an answer, and control tokens that do not, of published models: {@code eos_token_id} of their
     * {@code generation_config.json} with the pieces of their {@code tokenizer.json}. Ends of what is filled into code
     * are those that llama.cpp adds.
     */
    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            Llama 2, Mistral  ; </s>                                       ; <s> <unk> [INST] [/INST]
            Code Llama        ; </s> <EOT>                                 ; <s> ▁<PRE> ▁<SUF> ▁<MID>
            Llama 3.1         ; <|end_of_text|> <|eom_id|> <|eot_id|>      ; <|begin_of_text|> <|start_header_id|> <|end_header_id|>
            Qwen 2.5          ; <|endoftext|> <|im_end|>                   ; <|im_start|> <|fim_prefix|> <|fim_middle|> <tool_call>
            Qwen 2.5, code    ; <|fim_pad|> <|repo_name|> <|file_sep|>     ; <|fim_suffix|> <|vision_start|>
            Gemma 2           ; <eos> <end_of_turn>                        ; <bos> <start_of_turn> <unk>
            Phi 3             ; <|endoftext|> <|end|>                      ; <|user|> <|assistant|> <|system|>
            gpt-oss           ; <|endoftext|> <|return|> <|call|>          ; <|start|> <|message|> <|channel|> <|end|>
            Solar Open        ; <|endoftext|> <|flush|> <|calls|>          ; <|begin|> <|content|> <|end|>
            DeepSeek V3       ; <｜end▁of▁sentence｜>                      ; <｜begin▁of▁sentence｜> <｜User｜> <｜Assistant｜>
            StarCoder         ; <|endoftext|> <fim_pad> <reponame>         ; <fim_prefix> <fim_middle> <fim_suffix> <filename>
            Kimi K2           ; [EOS] [EOT] [PAD]                          ; [BOS] [UNK] [start_header_id]
            SmolVLM           ; <end_of_utterance>                         ; <fake_token_around_image> <image>
            MiniMax M2        ; [e~[                                       ; ]~b] ]~!b[
            """)
    void publishedModelsEndByTheirTokensWhateverTheirType(String model, String ending, String others) {
        String[] ends = ending.split(" +", -1);
        String[] pieces = (ending + " " + others).split(" +", -1);
        for (int type = Vocabulary.NORMAL; type <= Vocabulary.BYTE; type++) {
            EndTokens found = of(type, SpecialTokens.NONE, pieces);
            for (int id = 0; id < pieces.length; id++) {
                boolean expected = id < ends.length && type != Vocabulary.BYTE;
                assertEquals(expected, found.isEnd(id), model + ": " + pieces[id] + " of type " + type);
            }
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
