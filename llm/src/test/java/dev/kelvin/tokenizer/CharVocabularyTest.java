// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CharVocabularyTest {
    private static final String TEXT = "It's 4 °C – “naïve” 漢字 🙂🙃\n\n  and\ttabs 2024";

    @Test
    void aTokenACharacter() {
        Tokenizer tokenizer = GgufTokenizers.bytePairs(CharVocabulary.of(List.of(TEXT, "xyz"), false));
        int[] ids = tokenizer.encode(TEXT);
        assertEquals(TEXT.codePointCount(0, TEXT.length()), ids.length);
        assertEquals(TEXT, tokenizer.decode(ids));
        assertEquals(
                TEXT.codePoints().distinct().count(),
                Arrays.stream(ids).distinct().count());
        assertEquals(3, tokenizer.encode("zyx").length);
        assertEquals(tokenizer.vocabSize() - 1, tokenizer.eosId());
    }

    @Test
    void plainTextHasOneTokenForEachOfItsCharactersAndOneMore() {
        BpeVocabulary vocabulary = CharVocabulary.of(List.of("abca", "b\n"), true);
        assertArrayEquals(new String[] {"a", "b", "c", "Ċ", "<|endoftext|>"}, vocabulary.pieces());
        assertEquals(0, vocabulary.merges().length);
        Tokenizer tokenizer = GgufTokenizers.bytePairs(vocabulary);
        assertArrayEquals(new int[] {1, 0, 3, 2}, tokenizer.encode("ba\nc"));
        assertEquals(true, tokenizer.addsBos());
    }

    @Test
    void refusesNothing() {
        assertThrows(IllegalArgumentException.class, () -> CharVocabulary.of(List.of("", ""), false));
    }
}
