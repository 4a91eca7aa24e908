// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.tokenizer.split.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ModelsTest {
    /** By definition: the pair of lowest rank, the leftmost of equal ones, as long as there is one. */
    private static int[] mergedByDefinition(Merges merges, int[] symbols) {
        List<Integer> word = new ArrayList<>(Arrays.stream(symbols).boxed().toList());
        while (true) {
            long best = Merges.NONE;
            int at = -1;
            for (int i = 0; i + 1 < word.size(); i++) {
                long pair = merges.find(word.get(i), word.get(i + 1));
                if (pair != Merges.NONE && (at < 0 || Merges.rank(pair) < Merges.rank(best))) {
                    best = pair;
                    at = i;
                }
            }
            if (at < 0) {
                return word.stream().mapToInt(Integer::intValue).toArray();
            }
            word.set(at, Merges.result(best));
            word.remove(/* index */ at + 1);
        }
    }

    /** Short words, queues and passes; ranks that are equal, and results that merge before what they came from. */
    @Test
    void everyWayToMergeAgreesWithTheDefinition() {
        Random random = new Random(5);
        for (int round = 0; round < 600; round++) {
            MergeTable merges = new MergeTable(8);
            int symbols = 3;
            for (int i = 0; i < 12; i++) {
                int rank = round % 2 == 0 ? i : random.nextInt(6);
                merges.add(random.nextInt(symbols), random.nextInt(symbols), rank, symbols++);
            }
            int[] word = random.ints(1 + random.nextInt(80), -1, 3).toArray();
            int[] expected = mergedByDefinition(merges, word);
            for (int longWord : new int[] {Integer.MAX_VALUE, 4}) {
                int[] merged = word.clone();
                int count = new PairMerger(merges, longWord).merge(merged, merged.length);
                assertArrayEquals(
                        expected, Arrays.copyOf(merged, count), () -> "round of " + longWord + Arrays.toString(word));
            }
        }
    }

    private static int[] encode(TokenModel model, String text) {
        IdList ids = new IdList();
        model.encoder(ids).accept(new Part(text, true), 0, text.length());
        return ids.toArray();
    }

    /** The best sum over every way to cut a word. */
    private static double best(Map<String, Integer> ids, double[] scores, double unknown, String word) {
        if (word.isEmpty()) {
            return 0;
        }
        double best = ids.containsKey(word.substring(0, 1))
                ? Double.NEGATIVE_INFINITY
                : unknown + best(ids, scores, unknown, word.substring(1));
        for (int length = 1; length <= word.length(); length++) {
            Integer id = ids.get(word.substring(0, length));
            if (id != null) {
                best = Math.max(best, scores[id] + best(ids, scores, unknown, word.substring(length)));
            }
        }
        return best;
    }

    @Test
    void unigramFindsTheBestCut() {
        Random random = new Random(8);
        for (int round = 0; round < 200; round++) {
            Map<String, Integer> ids = new HashMap<>();
            String[] pieces = new String[12];
            double[] scores = new double[12];
            for (int id = 1; id < pieces.length; id++) {
                pieces[id] = letters(random, 1 + random.nextInt(3));
                scores[id] = -random.nextInt(64) / 8.0;
                ids.put(pieces[id], id);
            }
            double least = Arrays.stream(scores).min().orElseThrow();
            String word = letters(random, 1 + random.nextInt(9));
            double sum = 0;
            int chars = 0;
            int unknowns = 0;
            for (int id : encode(new Unigram(ids, scores, least, 0, false), word)) {
                sum += id == 0 ? 0 : scores[id];
                chars += id == 0 ? 0 : pieces[id].length();
                unknowns += id == 0 ? 1 : 0;
            }
            sum += (word.length() - chars) * (least - 10);
            assertEquals(best(ids, scores, least - 10, word), sum, 1e-9, () -> word + " by " + ids);
            assertEquals(unknowns > 0, chars < word.length());
        }
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(4)));
        }
        return text.toString();
    }

    @Test
    void wordsOfOtherModels() {
        Map<String, Integer> ids = Map.of("un", 1, "##aff", 2, "##able", 3, "a", 4, "##a", 5);
        WordPiece pieces = WordPiece.continued(ids, "##", 0, 9);
        assertArrayEquals(new int[] {1, 2, 3}, encode(pieces, "unaffable"));
        assertArrayEquals(new int[] {0}, encode(pieces, "unaffx"), "a rest makes the word unknown");
        assertArrayEquals(new int[] {0}, encode(pieces, "aaaaaaaaaa"), "ten characters");
        assertArrayEquals(new int[] {4, 5}, encode(pieces, "aa"));
        assertArrayEquals(new int[] {1}, encode(new WordLevel(ids, 0), "un"));
        assertArrayEquals(new int[] {0}, encode(new WordLevel(ids, 0), "una"));
    }
}
