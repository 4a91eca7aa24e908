// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tokens that a user added are found in a text before anything else is done with it. */
class UserDefinedTest {
    private static final List<String> ADDED = List.of("  ", "<x>", "<x><x>", "é é", "</s>");

    private static BpeTokenizer bytePairs() {
        BpeVocabulary learned = BpeTrainer.train(List.of("ab ab"), 258, false);
        int size = learned.pieces().length;
        String[] pieces = Arrays.copyOf(learned.pieces(), size + ADDED.size());
        int[] types = Arrays.copyOf(learned.types(), pieces.length);
        for (int i = 0; i < ADDED.size(); i++) {
            pieces[size + i] = ADDED.get(i);
            types[size + i] = Vocabulary.USER_DEFINED;
        }
        return new BpeTokenizer(new BpeVocabulary(pieces, types, learned.merges(), PreTokenizer.GPT2, -1, -1, false));
    }

    private static List<String> pieces(Tokenizer tokenizer, String text) {
        return Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::piece).toList();
    }

    @Test
    void bytePairsKeepThemWhole() {
        BpeTokenizer tokenizer = bytePairs();
        assertEquals(List.of("ab", "<x>", "ab"), pieces(tokenizer, "ab<x>ab"));
        assertEquals(List.of("<x><x>", "<x>"), pieces(tokenizer, "<x><x><x>"), "the longest first, from the left");
        assertEquals(List.of("  ", "\u0120", "ab"), pieces(tokenizer, "   ab"));
        assertEquals(List.of("é é", "ab"), pieces(tokenizer, "é éab"));
    }

    @Test
    void aTextCannotEndItself() {
        BpeTokenizer tokenizer = bytePairs();
        assertEquals(List.of("<", "/", "s", ">"), pieces(tokenizer, "</s>"));
        assertTrue(tokenizer.isEndOfText(tokenizer.vocabSize() - 1));
    }

    /** Neither by a merge, nor as a word that a Llama 3 vocabulary takes whole, nor as a byte. */
    @Test
    void aTextCannotBecomeAControlToken() {
        BpeVocabulary learned = BpeTrainer.train(List.of("abc abc abc"), 261, false);
        String[] pieces = learned.pieces();
        int[] types = learned.types();
        assertArrayEquals(new String[] {"a b", "ab c", "\u0120 abc"}, learned.merges());
        types['q'] = Vocabulary.CONTROL;
        for (int type : new int[] {Vocabulary.CONTROL, Vocabulary.UNKNOWN}) {
            types[257] = type;
            for (PreTokenizer preTokenizer : List.of(PreTokenizer.GPT2, PreTokenizer.LLAMA3)) {
                BpeTokenizer tokenizer = new BpeTokenizer(
                        new BpeVocabulary(pieces, types, learned.merges(), preTokenizer, -1, -1, false));
                assertEquals(List.of("ab", "c"), pieces(tokenizer, "abc"));
                assertEquals(List.of("1"), pieces(tokenizer, "q1"), "a byte without a token");
                List<String> whole =
                        preTokenizer == PreTokenizer.LLAMA3 ? List.of("\u0120abc") : List.of("\u0120", "ab", "c");
                assertEquals(whole, pieces(tokenizer, " abc"), "no merge with a control token");
            }
        }
    }

    @Test
    void theyAreDecodedAsTheyStand() {
        BpeTokenizer tokenizer = bytePairs();
        String text = "a  é é<x><x>b   <x>";
        assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
    }

    /** A space goes in front of text that begins, or that follows an added token; this is what llama.cpp does. */
    @Test
    void sentencePiecesBeginAnewAfterThem() {
        String[] pieces = {"\u2581a", "a", "\u2581", "<x>"};
        int[] types = {Vocabulary.NORMAL, Vocabulary.NORMAL, Vocabulary.NORMAL, Vocabulary.USER_DEFINED};
        SentencePieceTokenizer tokenizer = new SentencePieceTokenizer(
                new Vocabulary(pieces, new float[] {3, 1, 1, 0}, types, -1, -1, -1, false, true));
        assertArrayEquals(new int[] {0, 1, 3, 0, 3, 3}, tokenizer.encode("aa<x>a<x><x>"));
        assertArrayEquals(new int[0], tokenizer.encode(""));
    }
}
