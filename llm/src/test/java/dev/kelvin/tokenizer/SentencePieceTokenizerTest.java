// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Vocabularies with gaps, ties and tokens that no text may become. */
class SentencePieceTokenizerTest {
    /** The first token is the unknown one; a byte token is known by its spelling. */
    private static Tokenizer of(float[] scores, String... pieces) {
        int[] types = new int[pieces.length];
        for (int id = 0; id < types.length; id++) {
            types[id] = pieces[id].startsWith("<0x") ? Vocabulary.BYTE : Vocabulary.NORMAL;
        }
        types[0] = Vocabulary.UNKNOWN;
        return GgufTokenizers.sentencePieces(new Vocabulary(pieces, scores, types, -1, -1, 0, false, false));
    }

    @Test
    void ofEqualScoresTheLeftmostWinsWhateverTheSignOfZero() {
        for (float left : new float[] {0.0f, -0.0f}) {
            for (float right : new float[] {0.0f, -0.0f}) {
                float[] scores = {0, -1, -1, -1, left, right};
                Tokenizer tokenizer = of(scores, "<unk>", "a", "b", "c", "ab", "bc");
                assertArrayEquals(new int[] {4, 3}, tokenizer.encode("abc"), () -> Arrays.toString(scores));
            }
        }
    }

    @Test
    void aCharacterWithoutTokensIsOneUnknownToken() {
        Tokenizer tokenizer = of(new float[3], "<unk>", "a", "<0x42>");
        assertArrayEquals(new int[] {1, 0, 0, 1, 2, 0}, tokenizer.encode("aé🙂aB\ud83d"));
        assertEquals("a▅▅aB▅", tokenizer.decode(tokenizer.encode("aé🙂aB\ud83d")));
    }

    /** Half a character would be decoded to U+FFFD, in front of what stands for the unknown. */
    @Test
    void aCharacterOfWhichOnlySomeBytesHaveTokensIsUnknown() {
        Tokenizer tokenizer = of(new float[4], "<unk>", "a", "<0xC3>", "<0xA9>");
        assertArrayEquals(new int[] {2, 3, 0, 1}, tokenizer.encode("éèa"));
    }

    @Test
    void withoutAnUnknownTokenTheBytesThatHaveOneAreKept() {
        String[] pieces = {"a", "<0xC3>"};
        int[] types = {Vocabulary.NORMAL, Vocabulary.BYTE};
        Tokenizer tokenizer =
                GgufTokenizers.sentencePieces(new Vocabulary(pieces, new float[2], types, -1, -1, -1, false, false));
        assertArrayEquals(new int[] {0, 1, 0}, tokenizer.encode("aéa"));
    }

    @Test
    void textThatSpellsAControlTokenIsOrdinaryText() {
        String[] pieces = {"<unk>", "<s>", "</s>", "<", "s>", "s", ">", "</", "unk", ">"};
        int[] types = {
            Vocabulary.UNKNOWN,
            Vocabulary.CONTROL,
            Vocabulary.USER_DEFINED, // by mistake, as some files have it
            Vocabulary.NORMAL,
            Vocabulary.NORMAL,
            Vocabulary.NORMAL,
            Vocabulary.CONTROL, // the next one of the same spelling is not
            Vocabulary.NORMAL,
            Vocabulary.NORMAL,
            Vocabulary.NORMAL
        };
        Tokenizer tokenizer =
                GgufTokenizers.sentencePieces(new Vocabulary(pieces, new float[10], types, 1, 2, 0, false, false));
        assertArrayEquals(new int[] {3, 4}, tokenizer.encode("<s>"));
        String text = "<s></s>s>";
        assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
        types[6] = Vocabulary.NORMAL;
        types[9] = Vocabulary.CONTROL;
        tokenizer = GgufTokenizers.sentencePieces(new Vocabulary(pieces, new float[10], types, 1, 2, 0, false, false));
        assertArrayEquals(new int[] {6}, tokenizer.encode(">"), "the later id counts, of those that are text");
    }

    @Test
    void aDecoderThatHasFinishedIsAsGoodAsNew() {
        String[] pieces = {"\u2581a", "<0xC3>"};
        int[] types = {Vocabulary.NORMAL, Vocabulary.BYTE};
        StreamingDecoder decoder = GgufTokenizers.sentencePieces(
                        new Vocabulary(pieces, new float[2], types, -1, -1, -1, false, true))
                .decoder();
        for (int text = 0; text < 2; text++) {
            assertEquals("a", decoder.accept(0), "the space in front is taken off");
            assertEquals(" a", decoder.accept(0));
            assertEquals("", decoder.accept(1));
            assertEquals("\ufffd", decoder.finish());
        }
    }
}
