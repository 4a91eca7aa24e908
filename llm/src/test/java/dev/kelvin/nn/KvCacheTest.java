// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.KvRows;
import org.junit.jupiter.api.Test;

class KvCacheTest {
    private static final int LAYERS = 2;
    private static final int KV_HEADS = 3;
    private static final int CAPACITY = 5;
    private static final int HEAD_DIM = 4;

    private static KvCache cache() {
        return new KvCache(LAYERS, KV_HEADS, CAPACITY, HEAD_DIM);
    }

    private static void refused(String message, Runnable action) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
        assertTrue(e.getMessage().contains(message), e.getMessage());
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
        refused("KvCache.rows: 3 more", () -> cache.rows(0, 3));
        assertEquals(3, cache.position());
    }

    @Test
    void refusesImpossibleSizesBeforeAllocating() {
        refused("layers must be positive, but is 0", () -> new KvCache(0, 1, 1, 1));
        refused("kvHeads must be positive, but is -1", () -> new KvCache(1, -1, 1, 1));
        refused("capacity must be positive, but is 0", () -> new KvCache(1, 1, 0, 1));
        refused("headDim must be positive, but is 0", () -> new KvCache(1, 1, 1, 0));
        refused("more than one array", () -> new KvCache(1, 65536, 1, 65536));
        refused("more than one array", () -> new KvCache(1, 1 << 30, 1 << 30, 1 << 30));
        refused("more than one array", () -> new KvCache(1 << 16, 8, 1, 128));
    }

    /** Layers follow one another in a page; pages follow one another in the sequence. */
    @Test
    void rowsFollowTheValidPositions() {
        KvCache cache = new KvCache(2, 2, 70, 3);
        cache.advance(60);
        KvRows first = cache.rows(0, 10);
        KvRows second = cache.rows(1, 10);
        assertEquals(60, first.spans().position(0));
        assertEquals(10, first.spans().rows());
        assertEquals(2 * 2 * 64 * 3, second.slice().keysOffset());
        assertSame(first.pages()[0], second.pages()[0]);
        assertEquals(2 * second.slice().keysOffset(), first.pages()[0][1].size());
    }
}
