// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tokenizer.normalizer.ByteSymbols;
import dev.kelvin.tokenizer.split.Part;
import dev.kelvin.tokenizer.split.SplitRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BpeTrainerTest {
    @Test
    void theTextbookExample() {
        // The pairs of "aaabdaaabac": aa four times; then Z = aa gives Za and ab twice each, and the lower left id
        // wins.
        BpeVocabulary vocabulary = BpeTrainer.train(List.of("aaabdaaabac"), 1000, false);
        assertArrayEquals(new String[] {"a a", "a b", "aa ab"}, vocabulary.merges());
        assertEquals(256 + 3 + 1, vocabulary.pieces().length, "no pair occurs twice any more");
        assertEquals("aaab", vocabulary.pieces()[258]);
        assertEquals("<|endoftext|>", vocabulary.pieces()[259]);
        assertArrayEquals(
                new int[] {258, 'd', 258, 'a', 'c'},
                GgufTokenizers.bytePairs(vocabulary).encode("aaabdaaabac"));
    }

    @Test
    void tiesGoToTheLowestIds() {
        BpeVocabulary vocabulary = BpeTrainer.train(List.of("xy\nbd\nbc\nxy\nbd\nbc"), 260, false);
        assertArrayEquals(new String[] {"b c", "b d", "x y"}, vocabulary.merges());
    }

    @Test
    void sizeAndSpecialTokens() {
        String text = "the cat sat on the mat and the cat ate the rat ".repeat(3);
        for (int size : new int[] {257, 258, 270}) {
            Tokenizer tokenizer = GgufTokenizers.bytePairs(BpeTrainer.train(List.of(text), size, size == 270));
            assertEquals(size, tokenizer.vocabSize());
            assertEquals(size - 1, tokenizer.bosId());
            assertEquals(size - 1, tokenizer.eosId());
            assertTrue(tokenizer.isEndOfText(size - 1));
            assertEquals("", tokenizer.decode(size - 1));
            assertEquals(size == 270, tokenizer.addsBos());
        }
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> BpeTrainer.train(List.of(text), 256, false));
        assertTrue(e.getMessage().contains("257"), e.getMessage());
        assertEquals(257, BpeTrainer.train(List.of(), 300, false).pieces().length);
        assertEquals(257, BpeTrainer.train(List.of("", "a"), 300, false).pieces().length);
    }

    /** Counts every pair anew before every merge, which is how the algorithm is defined. */
    private static List<String> mergesByDefinition(List<String> texts, int most) {
        List<List<String>> words = new ArrayList<>();
        Map<String, Integer> ids = new TreeMap<>();
        for (int value = 0; value < 256; value++) {
            ids.put(String.valueOf(ByteSymbols.symbol(value)), value);
        }
        for (String text : texts) {
            SplitRule.GPT2.split(new Part(text, true), 0, text.length(), (part, begin, end) -> {
                byte[] bytes = text.substring(begin, end).getBytes(java.nio.charset.StandardCharsets.UTF_8);
                words.add(new ArrayList<>(
                        Arrays.asList(ByteSymbols.spell(bytes, 0, bytes.length).split(""))));
            });
        }
        List<String> merges = new ArrayList<>();
        while (merges.size() < most) {
            Map<String, Integer> counts = new TreeMap<>();
            for (List<String> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    counts.merge(word.get(i) + " " + word.get(i + 1), 1, Integer::sum);
                }
            }
            String best = null;
            for (String pair : counts.keySet()) {
                if (counts.get(pair) >= 2 && (best == null || order(pair, best, counts, ids) < 0)) {
                    best = pair;
                }
            }
            if (best == null) {
                break;
            }
            String[] parts = best.split(" ", -1);
            for (List<String> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    if (word.get(i).equals(parts[0]) && word.get(i + 1).equals(parts[1])) {
                        word.set(i, parts[0] + parts[1]);
                        word.remove(i + 1);
                    }
                }
            }
            // The same piece may be made twice, from other parts; the tokenizer then takes the later id, and so do we.
            ids.put(parts[0] + parts[1], 256 + merges.size());
            merges.add(best);
        }
        return merges;
    }

    private static int order(String pair, String other, Map<String, Integer> counts, Map<String, Integer> ids) {
        String[] a = pair.split(" ", -1);
        String[] b = other.split(" ", -1);
        int byCount = counts.get(other) - counts.get(pair);
        int byLeft = ids.get(a[0]) - ids.get(b[0]);
        return byCount != 0 ? byCount : byLeft != 0 ? byLeft : ids.get(a[1]) - ids.get(b[1]);
    }

    @Test
    void agreesWithTheDefinition() {
        Random random = new Random(7);
        for (int round = 0; round < 60; round++) {
            List<String> texts = new ArrayList<>();
            for (int n = random.nextInt(4); n >= 0; n--) {
                StringBuilder text = new StringBuilder();
                for (int chars = random.nextInt(200); chars > 0; chars--) {
                    text.append("aabbc é. ".charAt(random.nextInt(9)));
                }
                texts.add(text.toString());
            }
            BpeVocabulary vocabulary = BpeTrainer.train(texts, 257 + 40, false);
            assertEquals(mergesByDefinition(texts, 40), List.of(vocabulary.merges()), () -> "texts " + texts);
        }
    }

    @Test
    void charactersOfAText() {
        Vocabulary vocabulary = Vocabulary.ofCharacters("héllo wörld\n🙂\ud83d", true);
        Tokenizer tokenizer = GgufTokenizers.sentencePieces(vocabulary);
        String text = "hello wörld 🙂\n".replace("e", "é");
        int[] ids = tokenizer.encode(text);
        assertEquals(text.codePointCount(0, text.length()), ids.length, "one id a character");
        assertEquals(text, tokenizer.decode(ids));
        assertEquals(" o", tokenizer.decode(tokenizer.encode(" o")), "a space in front stays");
        assertArrayEquals(new int[] {0}, tokenizer.encode("x"));
        assertEquals(3 + 12, tokenizer.vocabSize());
        assertEquals(1, tokenizer.bosId());
        assertTrue(tokenizer.isEndOfText(2));
        assertEquals("\n", tokenizer.piece(3), "ascending");
    }
}
