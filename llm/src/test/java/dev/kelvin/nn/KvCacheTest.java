// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.HeapTensor;
import org.junit.jupiter.api.Test;

class KvCacheTest {
    private static final int LAYERS = 2;
    private static final int KV_HEADS = 3;
    private static final int CAPACITY = 5;
    private static final int HEAD_DIM = 4;

    private static KvCache cache() {
        return new KvCache(LAYERS, KV_HEADS, CAPACITY, HEAD_DIM);
    }

    /** Rows whose element says where it belongs: 100 · position + column, all plus {@code base}. */
    private static HeapTensor rows(int firstPosition, int count, float base) {
        HeapTensor rows = HeapTensor.zeros(count, KV_HEADS * HEAD_DIM);
        for (int t = 0; t < count; t++) {
            for (int c = 0; c < KV_HEADS * HEAD_DIM; c++) {
                rows.data()[t * KV_HEADS * HEAD_DIM + c] = base + 100 * (firstPosition + t) + c;
            }
        }
        return rows;
    }

    private static void refused(String message, Runnable action) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void storesEachHeadsPositionsSideBySide() {
        KvCache cache = cache();
        int position = 0;
        for (int count : new int[] {2, 1, 2}) {
            for (int layer = 0; layer < LAYERS; layer++) {
                cache.store(layer, rows(position, count, 1000 * layer), rows(position, count, 1000 * layer + 10_000));
            }
            assertEquals(position, cache.position(), "storing does not advance");
            cache.advance(count);
            position += count;
        }
        assertEquals(0, cache.remaining());
        for (int layer = 0; layer < LAYERS; layer++) {
            for (int h = 0; h < KV_HEADS; h++) {
                for (int p = 0; p < CAPACITY; p++) {
                    for (int i = 0; i < HEAD_DIM; i++) {
                        int index = (h * CAPACITY + p) * HEAD_DIM + i;
                        float expected = 1000 * layer + 100 * p + h * HEAD_DIM + i;
                        int key = h * 64 * HEAD_DIM + i * 64 + p;
                        assertEquals(expected, cache.keys(layer)[key]);
                        assertEquals(expected + 10_000, cache.values(layer)[index]);
                    }
                }
            }
        }
    }

    @Test
    void storesRowsOfAView() {
        KvCache cache = cache();
        cache.store(0, rows(0, 3, 0).rowRange(2, 3), rows(0, 3, 0).rowRange(1, 2));
        assertEquals(200 + HEAD_DIM, cache.keys(0)[64 * HEAD_DIM]);
        assertEquals(100 + HEAD_DIM, cache.values(0)[CAPACITY * HEAD_DIM]);
    }

    @Test
    void knowsItsSizes() {
        KvCache cache = cache();
        assertEquals(LAYERS, cache.layers());
        assertEquals(KV_HEADS, cache.kvHeads());
        assertEquals(CAPACITY, cache.capacity());
        assertEquals(HEAD_DIM, cache.headDim());
        assertEquals(0, cache.position());
        assertEquals(CAPACITY, cache.remaining());
        assertEquals(KV_HEADS * 64 * HEAD_DIM, cache.keys(1).length);
        assertEquals(KV_HEADS * CAPACITY * HEAD_DIM, cache.values(1).length);
    }

    @Test
    void truncatesAndResets() {
        KvCache cache = cache();
        cache.advance(4);
        cache.truncate(4);
        assertEquals(4, cache.position());
        cache.truncate(1);
        assertEquals(4, cache.remaining());
        refused("[0, 1], but is 2", () -> cache.truncate(2));
        refused("but is -1", () -> cache.truncate(-1));
        cache.reset();
        assertEquals(0, cache.position());
        cache.advance(CAPACITY);
        assertEquals(0, cache.remaining());
    }

    @Test
    void refusesMoreThanItHolds() {
        KvCache cache = cache();
        cache.advance(3);
        refused("3 more positions do not fit; position is 3 of capacity 5", () -> cache.advance(3));
        refused("-1 more positions", () -> cache.advance(-1));
        refused("KvCache.store: 3 more", () -> cache.store(0, rows(3, 3, 0), rows(3, 3, 0)));
        assertEquals(3, cache.position());
    }

    @Test
    void refusesOtherShapes() {
        KvCache cache = cache();
        HeapTensor right = rows(0, 2, 0);
        refused("[2, 11]", () -> cache.store(0, HeapTensor.zeros(2, 11), right));
        refused("[2, 13]", () -> cache.store(0, right, HeapTensor.zeros(2, 13)));
        refused("[1, 12]", () -> cache.store(0, right, rows(0, 1, 0)));
    }

    @Test
    void refusesImpossibleSizesBeforeAllocating() {
        refused("layers must be positive, but is 0", () -> new KvCache(0, 1, 1, 1));
        refused("kvHeads must be positive, but is -1", () -> new KvCache(1, -1, 1, 1));
        refused("capacity must be positive, but is 0", () -> new KvCache(1, 1, 0, 1));
        refused("headDim must be positive, but is 0", () -> new KvCache(1, 1, 1, 0));
        refused("more than one array", () -> new KvCache(1, 65536, 1, 65536));
        refused("more than one array", () -> new KvCache(1, 1 << 30, 1 << 30, 1 << 30));
        refused("more than one array", () -> new KvCache(1, 8, 1 << 22, 128));
    }

    /** The second block of keys follows the first one of its head. */
    @Test
    void keysLieInBlocksOf64Positions() {
        KvCache cache = new KvCache(1, 2, 70, 3);
        HeapTensor rows = HeapTensor.zeros(70, 6);
        for (int i = 0; i < 70 * 6; i++) {
            rows.data()[i] = i;
        }
        cache.store(0, rows, rows);
        assertEquals(2 * 128 * 3, cache.keys(0).length);
        // Head 1, position 66, element 2.
        assertEquals(66 * 6 + 5, cache.keys(0)[128 * 3 + 64 * 3 + 2 * 64 + 2]);
        assertEquals(66 * 6 + 5, cache.values(0)[70 * 3 + 66 * 3 + 2]);
    }
}
