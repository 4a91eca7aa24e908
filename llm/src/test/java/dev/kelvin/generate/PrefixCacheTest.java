// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.PrefixCache.Match;
import dev.kelvin.nn.Batch;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.LayerMemory;
import dev.kelvin.nn.LayerMemory.KeysAndValues;
import dev.kelvin.nn.LayerMemory.State;
import dev.kelvin.nn.Sequence;
import dev.kelvin.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The tree of texts: what is found, what is kept once, and what goes first. */
class PrefixCacheTest {
    /** A page of 64 positions of 1 head of 2 elements, keys and values. */
    private static final long PAGE = 64 * 2 * 2 * 4;

    private final Batch batch = new Batch();
    private KvPool pool;
    private PrefixCache cache;

    private void open(LayerMemory... slots) {
        pool = KvPool.open(List.of(slots), DType.F32, Long.MAX_VALUE);
        cache = new PrefixCache(pool);
    }

    private void compute(Sequence sequence, int[] ids) {
        batch.clear();
        batch.add(sequence, ids, sequence.length(), ids.length, Batch.Wanted.NONE);
        batch.begin();
        batch.commit();
    }

    private void add(int... ids) {
        Sequence sequence = pool.newSequence();
        compute(sequence, ids);
        cache.add(ids, sequence);
    }

    private int found(int... ids) {
        Match match = cache.find(ids, ids.length);
        return match == null ? 0 : match.length();
    }

    private static int[] text(int length, int last) {
        int[] ids = IntStream.range(0, length).toArray();
        ids[length - 1] = last;
        return ids;
    }

    @Test
    void findsTheLongestBeginning() {
        open(KeysAndValues.of(1, 2));
        assertNull(cache.find(new int[] {1, 2}, 2));
        add(1, 2, 3, 4);
        add(1, 2, 7);
        add(5);
        assertEquals(3, cache.size());
        assertEquals(4, found(1, 2, 3, 4, 5));
        assertEquals(2, found(1, 2, 9));
        assertEquals(3, found(1, 2, 7, 7));
        assertEquals(1, found(1));
        assertEquals(1, found(5, 1));
        assertEquals(0, found(2, 1));
        assertEquals(1, cache.find(new int[] {1, 2, 3}, 1).length(), "at most so many");
        cache.clear();
        assertEquals(0, pool.usedBytes());
        assertEquals(0, found(1));
    }

    @Test
    void aTextIsKeptOnceAndTheLongerOneStandsForTheShorter() {
        open(KeysAndValues.of(1, 2));
        add(text(130, 9));
        assertEquals(3 * PAGE, pool.usedBytes());
        add(text(130, 9));
        add(text(50, 49));
        assertEquals(1, cache.size());
        assertEquals(3 * PAGE, pool.usedBytes());
        add(text(200, 9));
        // Two pages in common, computed twice and kept once; the last of the first text, and two of the second.
        assertEquals(2, cache.size());
        assertEquals((2 + 1 + 2) * PAGE, pool.usedBytes());
        add(text(300, 9));
        assertEquals((2 + 1 + 2 + 2) * PAGE, pool.usedBytes(), "three in common with the second");
        add(IntStream.range(0, 400).toArray());
        assertEquals(4, cache.size());
    }

    @Test
    void whatWasNotUsedForTheLongestTimeGoesFirstAPageAtATime() {
        open(KeysAndValues.of(1, 2));
        add(text(150, 1));
        int[] other = IntStream.range(1000, 1100).toArray();
        add(other);
        assertEquals(150, found(text(150, 1)), "which is a use");
        assertTrue(cache.shrink());
        assertEquals(64, found(Arrays.copyOf(other, 100)));
        assertEquals(150, found(text(150, 1)));
        assertTrue(cache.shrink());
        assertEquals(0, found(other));
        assertEquals(3 * PAGE, pool.usedBytes());
        assertTrue(cache.shrink());
        assertEquals(128, found(text(150, 1)));
        assertTrue(cache.shrink());
        assertTrue(cache.shrink());
        assertFalse(cache.shrink());
        assertEquals(0, pool.usedBytes());
    }

    @Test
    void aRecurrentStateIsGoneOnFromAtItsEndAlone() {
        open(KeysAndValues.of(1, 2), new State(3));
        add(1, 2, 3, 4, 5);
        assertEquals(0, found(1, 2, 3, 4));
        assertEquals(5, found(1, 2, 3, 4, 5, 6));
        add(1, 2, 3);
        assertEquals(2, cache.size(), "the longer one does not stand for the shorter");
        assertEquals(3, found(1, 2, 3, 4));
        assertEquals(3, found(1, 2, 3, 4, 9));
        assertEquals(5, found(1, 2, 3, 4, 5));
        assertEquals(0, found(1, 2));
        add(1, 2, 3);
        assertEquals(2, cache.size());
        assertTrue(cache.shrink());
        assertTrue(cache.shrink());
        assertEquals(0, pool.usedBytes());
    }

    @Test
    void aWindowIsGoneOnFromAsFarAsItIsKept() {
        open(new KeysAndValues(1, 2, 2, 20), KeysAndValues.of(1, 2));
        int[] text = IntStream.range(0, 500).toArray();
        add(text);
        // The row at 500 sees from 481 on, page 7; page 6 is spare.
        assertEquals(450, found(Arrays.copyOf(text, 450)));
        assertEquals(403, found(Arrays.copyOf(text, 403)));
        assertEquals(0, found(Arrays.copyOf(text, 402)));
        add(Arrays.copyOf(text, 100));
        assertEquals(100, found(Arrays.copyOf(text, 402)));
        assertEquals(60, found(Arrays.copyOf(text, 60)));
    }

    /** Against a list of texts: any order of uses, under memory that ends now and then. */
    @Test
    void agreesWithAListOfTexts() {
        for (int seed = 0; seed < 60; seed++) {
            boolean recurrent = seed % 3 == 0;
            LayerMemory[] slots = {KeysAndValues.of(1, 2), new State(1)};
            open(recurrent ? slots : Arrays.copyOf(slots, 1));
            SplittableRandom random = new SplittableRandom(seed);
            Set<List<Integer>> kept = new HashSet<>();
            for (int step = 0; step < 120; step++) {
                int[] ids = random.ints(1 + random.nextInt(9), 0, 3).toArray();
                if (random.nextInt(25) == 0) {
                    cache.clear();
                    kept.clear();
                } else if (random.nextBoolean()) {
                    add(ids);
                    kept.add(Arrays.stream(ids).boxed().toList());
                }
                int[] asked = random.ints(1 + random.nextInt(9), 0, 3).toArray();
                List<Integer> list = Arrays.stream(asked).boxed().toList();
                int expected = 0;
                for (List<Integer> text : new ArrayList<>(kept)) {
                    int common = 0;
                    while (common < Math.min(text.size(), list.size())
                            && text.get(common).equals(list.get(common))) {
                        common++;
                    }
                    expected = Math.max(expected, recurrent && common < text.size() ? 0 : common);
                }
                assertEquals(expected, found(asked), "seed " + seed + ", step " + step);
            }
            while (cache.shrink()) {}
            assertEquals(0, cache.size());
            assertEquals(0, pool.usedBytes());
        }
    }
}
