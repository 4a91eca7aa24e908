// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tokenizer.split.SplitRule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Tokens that a user added are found in a text before anything else is done with it. */
class AddedTokensTest {
    private static final List<String> ADDED = List.of("  ", "<x>", "<x><x>", "é é", "</s>");

    private static Tokenizer bytePairs() {
        BpeVocabulary learned = BpeTrainer.train(List.of("ab ab"), 258, false);
        int size = learned.pieces().length;
        String[] pieces = Arrays.copyOf(learned.pieces(), size + ADDED.size());
        int[] types = Arrays.copyOf(learned.types(), pieces.length);
        for (int i = 0; i < ADDED.size(); i++) {
            pieces[size + i] = ADDED.get(i);
            types[size + i] = Vocabulary.USER_DEFINED;
        }
        return GgufTokenizers.bytePairs(
                new BpeVocabulary(pieces, types, learned.merges(), SplitRule.GPT2, -1, -1, false));
    }

    private static List<String> pieces(Tokenizer tokenizer, String text) {
        return Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::piece).toList();
    }

    @Test
    void bytePairsKeepThemWhole() {
        Tokenizer tokenizer = bytePairs();
        assertEquals(List.of("ab", "<x>", "ab"), pieces(tokenizer, "ab<x>ab"));
        assertEquals(List.of("<x><x>", "<x>"), pieces(tokenizer, "<x><x><x>"), "the longest of the leftmost");
        assertEquals(List.of("  ", "\u0120", "ab"), pieces(tokenizer, "   ab"));
        assertEquals(List.of("é é", "ab"), pieces(tokenizer, "é éab"));
    }

    /** Gemma 3's smallest has a token for pictures, and no row for it. */
    @Test
    void thoseBeyondTheRowsOfAnEmbeddingAreLeftOut() throws IOException {
        byte[] json = ("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1},\"merges\":[]},"
                        + "\"added_tokens\":[{\"id\":2,\"content\":\"<x>\"},{\"id\":3,\"content\":\"<y>\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        Tokenizer all = TokenizerJson.of(json);
        Tokenizer some = TokenizerJson.of(json, SpecialTokens.NONE, 3);
        assertEquals(4, all.vocabSize());
        assertEquals(3, some.vocabSize());
        assertEquals(List.of("a", "<x>", "<y>"), pieces(all, "a<x><y>"));
        assertEquals(List.of("a", "<x>"), pieces(some, "a<x>"));
        assertEquals(2, TokenizerJson.of(json, SpecialTokens.NONE, 1).vocabSize(), "those of the model stay");
    }

    private static List<String> parts(String text, AddedToken... tokens) {
        List<String> parts = new ArrayList<>();
        new AddedTokens(List.of(tokens)).split(text, new AddedTokens.Parts() {
            @Override
            public void text(int begin, int end) {
                parts.add(text.substring(begin, end));
            }

            @Override
            public void token(int id) {
                parts.add("#" + id);
            }
        });
        return parts;
    }

    /** As Hugging Face's library has it. */
    @Test
    void whiteSpaceGoesWithOneTokenOnly() {
        AddedToken takesRight = new AddedToken("<m>", 1, false, false, true);
        assertEquals(List.of("a", "#1", "b"), parts("a<m>  b", takesRight));
        assertEquals(
                List.of("a", "#1", "b"), parts("a<m>  b", takesRight, new AddedToken("  ", 2, false, true, false)));
        assertEquals(
                List.of("a", "#1", "#2", "b"), parts("a<m>  b", takesRight, new AddedToken("  ", 2)), "told twice");
        AddedToken takesLeft = new AddedToken("<n>", 3, false, true, false);
        assertEquals(List.of("a", "#1", "#3", "b"), parts("a<m>  <n>b", takesRight, takesLeft));
        assertEquals(
                List.of("#4"), parts("x", new AddedToken("x", 4), new AddedToken("x", 5)), "the first of a spelling");
    }

    @Test
    void aTextCannotEndItself() {
        Tokenizer tokenizer = bytePairs();
        assertEquals(List.of("<", "/", "s", ">"), pieces(tokenizer, "</s>"));
        assertTrue(tokenizer.isEndOfText(tokenizer.vocabSize() - 1));
    }

    @Test
    void whatAProgramSpellsIsAControlTokenAndWhatAUserSpellsIsNot() {
        Tokenizer tokenizer = bytePairs();
        String text = "ab</s>ab</s><x>";
        BitSet control = new BitSet();
        control.set(2, 6);
        control.set(8, 12);
        assertEquals(control, tokenizer.controlChars(text));
        BitSet users = new BitSet();
        users.set(4); // one char of it is enough
        assertEquals(
                List.of("ab", "<", "/", "s", ">", "ab", "</s>", "<x>"),
                Arrays.stream(tokenizer.encode(text, users))
                        .mapToObj(tokenizer::piece)
                        .toList());
        assertArrayEquals(tokenizer.encode(text, true), tokenizer.encode(text, new BitSet()));
        users.set(0, text.length());
        assertArrayEquals(tokenizer.encode(text), tokenizer.encode(text, users), "user-defined tokens are text");
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
            for (SplitRule preTokenizer : List.of(SplitRule.GPT2, SplitRule.LLAMA3)) {
                Tokenizer tokenizer = GgufTokenizers.bytePairs(
                        new BpeVocabulary(pieces, types, learned.merges(), preTokenizer, -1, -1, false));
                assertEquals(List.of("ab", "c"), pieces(tokenizer, "abc"));
                assertEquals(List.of("1"), pieces(tokenizer, "q1"), "a byte without a token");
                List<String> whole =
                        preTokenizer == SplitRule.LLAMA3 ? List.of("\u0120abc") : List.of("\u0120", "ab", "c");
                assertEquals(whole, pieces(tokenizer, " abc"), "no merge with a control token");
            }
        }
    }

    @Test
    void theyAreDecodedAsTheyStand() {
        Tokenizer tokenizer = bytePairs();
        String text = "a  é é<x><x>b   <x>";
        assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
    }

    /** A space goes in front of text that begins, or that follows an added token; this is what llama.cpp does. */
    @Test
    void sentencePiecesBeginAnewAfterThem() {
        String[] pieces = {"\u2581a", "a", "\u2581", "<x>"};
        int[] types = {Vocabulary.NORMAL, Vocabulary.NORMAL, Vocabulary.NORMAL, Vocabulary.USER_DEFINED};
        Tokenizer tokenizer = GgufTokenizers.sentencePieces(
                new Vocabulary(pieces, new float[] {3, 1, 1, 0}, types, -1, -1, -1, false, true));
        assertArrayEquals(new int[] {0, 1, 3, 0, 3, 3}, tokenizer.encode("aa<x>a<x><x>"));
        assertArrayEquals(new int[0], tokenizer.encode(""));
    }

    private static AddedTokens added(String... pieces) {
        return new AddedTokens(IntStream.range(0, pieces.length)
                .mapToObj(id -> new AddedToken(pieces[id], id))
                .toList());
    }

    private static List<String> cut(String text, String... pieces) {
        List<String> parts = new ArrayList<>();
        added(pieces).split(text, new AddedTokens.Parts() {
            @Override
            public void text(int begin, int end) {
                parts.add("'" + text.substring(begin, end) + "'");
            }

            @Override
            public void token(int id) {
                parts.add(pieces[id]);
            }
        });
        return parts;
    }

    @Test
    void leftmostThenLongest() {
        assertEquals(List.of("131", "415", "'1'"), cut("1314151", "131", "314", "151", "415", "41"));
        assertEquals(List.of("ab", "'c'"), cut("abc", "ab", "bc"), "the leftmost, though the other is as long");
        assertEquals(List.of("ab", "'cd'"), cut("abcd", "ab", "bcd"), "the leftmost, though the other is longer");
        assertEquals(List.of("'x'", "abcd"), cut("xabcd", "ab", "bcd", "abcd", "a"));
        assertEquals(List.of("'aa'", "aab"), cut("aaaab", "aab"), "a beginning that came to nothing");
        assertEquals(List.of(), cut("", "a"));
        assertEquals(List.of("'a'"), cut("a", ""));
    }

    /** By definition: at each place the longest that stands there. */
    @Test
    void agreesWithTheDefinition() {
        Random random = new Random(11);
        for (int round = 0; round < 300; round++) {
            String[] pieces = new String[1 + random.nextInt(8)];
            for (int i = 0; i < pieces.length; i++) {
                pieces[i] = letters(random, 1 + random.nextInt(4));
            }
            String text = letters(random, 40);
            List<String> expected = new ArrayList<>();
            StringBuilder rest = new StringBuilder();
            for (int i = 0; i < text.length(); ) {
                String longest = "";
                for (String piece : pieces) {
                    longest = text.startsWith(piece, i) && piece.length() > longest.length() ? piece : longest;
                }
                if (longest.isEmpty()) {
                    rest.append(text.charAt(i++));
                    continue;
                }
                if (!rest.isEmpty()) {
                    expected.add("'" + rest + "'");
                    rest.setLength(0);
                }
                expected.add(longest);
                i += longest.length();
            }
            if (!rest.isEmpty()) {
                expected.add("'" + rest + "'");
            }
            assertEquals(expected, cut(text, pieces), () -> text + " by " + Arrays.toString(pieces));
        }
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }

    /** One pass however many there are: a pass for each would take minutes. */
    @Test
    void manyTokensAreLookedForAtOnce() {
        String[] pieces = new String[100_000];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = "<" + i + ">";
        }
        String text = "word <99999> <77".repeat(50_000);
        int[] tokens = new int[1];
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> added(pieces).split(text, new AddedTokens.Parts() {
                    @Override
                    public void text(int begin, int end) {}

                    @Override
                    public void token(int id) {
                        tokens[0] += id == 99_999 ? 1 : 0;
                    }
                }));
        assertEquals(50_000, tokens[0]);
    }

    @Test
    void controlTokensOnlyWhereAskedFor() {
        String[] pieces = {"<", "u", ">", "<u>", "<x>", "</s>", "/", "s"};
        int[] types = {1, 1, 1, Vocabulary.CONTROL, Vocabulary.USER_DEFINED, Vocabulary.USER_DEFINED, 1, 1};
        for (Tokenizer tokenizer : List.of(
                GgufTokenizers.bytePairs(
                        new BpeVocabulary(pieces, types, new String[0], SplitRule.GPT2, -1, -1, false)),
                GgufTokenizers.sentencePieces(new Vocabulary(pieces, new float[8], types, -1, -1, -1, false, false)))) {
            assertArrayEquals(new int[] {0, 1, 2, 4, 0, 6, 7, 2}, tokenizer.encode("<u><x></s>"));
            assertArrayEquals(new int[] {3, 4, 5}, tokenizer.encode("<u><x></s>", true));
        }
    }

    /** As where {@code <unk>} is special and the last of a vocabulary. */
    @Test
    void theUnknownTokenMayBeOneThatTextCannotBecome() throws Exception {
        String json =
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"<u>\":2},\"merges\":[],\"unk_token\":\"<u>\"},"
                        + "\"added_tokens\":[{\"id\":2,\"content\":\"<u>\",\"special\":true}]}";
        Tokenizer tokenizer = TokenizerJson.of(json.getBytes(StandardCharsets.UTF_8));
        assertArrayEquals(new int[] {0, 2, 1, 2, 2}, tokenizer.encode("a?b<>", false));
    }
}
