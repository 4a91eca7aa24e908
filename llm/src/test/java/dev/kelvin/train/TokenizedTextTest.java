// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;

class TokenizedTextTest {
    @Test
    void documentsBeginWithTheSeparator() {
        TokenizedText text = TokenizedText.characters("ab\n<|endoftext|>\nba b<|endoftext|>\n");
        int end = text.vocabulary().eosId();
        Tokenizer tokenizer = GgufTokenizers.bytePairs(text.vocabulary());
        int a = tokenizer.encode("a")[0];
        int b = tokenizer.encode("b")[0];
        int space = tokenizer.encode(" ")[0];
        assertArrayEquals(new int[] {end, a, b, end, b, a, space, b}, text.tokens());
        assertTrue(text.vocabulary().addsBos());
        assertEquals(end, text.vocabulary().bosId());
        assertEquals(4, text.vocabulary().pieces().length);
    }

    @Test
    void aTextWithoutSeparatorsHasNoEnd() {
        TokenizedText text = TokenizedText.characters("ab\nba");
        Tokenizer tokenizer = GgufTokenizers.bytePairs(text.vocabulary());
        assertArrayEquals(tokenizer.encode("ab\nba"), text.tokens());
        assertFalse(text.vocabulary().addsBos());
        assertEquals(3, text.vocabulary().eosId());
    }

    /** Long texts are encoded in pieces, which must not show. */
    @Test
    void bytePairsOfALongText() {
        StringBuilder longText = new StringBuilder();
        for (int i = 0; longText.length() < 2_500_000; i++) {
            longText.append("line ").append(i % 977).append(" of the text,\n\n  and on\nwe go it's fine\n");
        }
        TokenizedText text = TokenizedText.bytePairs(longText.toString(), 300);
        assertArrayEquals(GgufTokenizers.bytePairs(text.vocabulary()).encode(longText.toString()), text.tokens());
        assertTrue(text.tokens().length < longText.length() / 2);
    }
}
