// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.train.stories.Stories;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The model that comes with the program tells stories of its own: at τ = 1 it does not recite what it was trained on.
 */
class RecitalTest {
    /** Words in a row that count as recited. */
    private static final int GRAM = 12;

    /** Sentences of the corpus that vary little keep it above nothing. */
    private static final double MOST_RECITED = 0.05;

    /** The corpus of {@code ./dev train-embedded}. */
    private static final long CORPUS_SEED = 1;

    private static final int CORPUS_STORIES = 40_000;

    private static final int TOLD = 24;

    @Test
    void fewTwelveGramsOccurInTheCorpus() {
        long[] corpus = corpusGrams();
        long recited = 0;
        long told = 0;
        for (int seed = 1; seed <= TOLD; seed++) {
            String story = Outcome.of("generate", "--sampler", "temperature=1", "--seed", Integer.toString(seed))
                    .result();
            for (long gram : grams(story)) {
                told++;
                recited += Arrays.binarySearch(corpus, gram) >= 0 ? 1 : 0;
            }
        }
        double share = (double) recited / told;
        System.out.println("embedded model: " + recited + " of " + told + " generated 12-grams occur in its corpus");
        assertTrue(told > 1000, "only " + told + " 12-grams told");
        assertTrue(share < MOST_RECITED, "recited a share of " + share);
    }

    private static long[] corpusGrams() {
        Stories stories = new Stories();
        long[] all = new long[1 << 24];
        int count = 0;
        for (long number = 0; number < CORPUS_STORIES; number++) {
            for (long gram : grams(stories.story(CORPUS_SEED, number))) {
                all[count++] = gram;
            }
        }
        long[] sorted = Arrays.copyOf(all, count);
        Arrays.parallelSort(sorted);
        return sorted;
    }

    /** A hash of each run of twelve words. */
    private static long[] grams(String text) {
        String[] words = text.strip().split("\\s+", -1);
        long[] hashes = new long[Math.max(0, words.length - GRAM + 1)];
        for (int i = 0; i < hashes.length; i++) {
            long hash = 0;
            for (int w = i; w < i + GRAM; w++) {
                hash = hash * 0x9E3779B97F4A7C15L + words[w].hashCode();
                hash ^= hash >>> 29;
            }
            hashes[i] = hash;
        }
        return hashes;
    }
}
