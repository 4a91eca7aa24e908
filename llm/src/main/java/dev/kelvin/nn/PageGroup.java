// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.KvPage;
import java.util.ArrayDeque;
import java.util.Deque;

/** The layers whose keys and values share pages because they look equally far back, and the pages that nobody holds. */
final class PageGroup {
    /**
     * Pages behind the window that are kept nevertheless, so that a sequence can be cut back by as many positions: the
     * end of an answer is often read again in other tokens.
     */
    private static final int SPARE = 1;

    /** A page and how many sequences hold it. */
    static final class Page {
        final KvPage storage;
        int holders = 1;

        private Page(KvPage storage) {
            this.storage = storage;
        }
    }

    private final int window;
    private final DType type;
    private final int pageElements;
    private final long pageBytes;
    private final Deque<KvPage> free = new ArrayDeque<>();
    private int usedPages;

    PageGroup(int window, DType type, int pageElements) {
        this.window = window;
        this.type = type;
        this.pageElements = pageElements;
        this.pageBytes = type.byteSize(pageElements);
    }

    int pageElements() {
        return pageElements;
    }

    long pageBytes() {
        return pageBytes;
    }

    /** How many pages somebody holds. */
    int usedPages() {
        return usedPages;
    }

    /** How many pages nobody holds. */
    int freePages() {
        return free.size();
    }

    /** A page of zeros, held once. */
    Page take() {
        KvPage storage = free.poll();
        if (storage == null) {
            storage = KvPage.of(type, pageElements);
        } else {
            // What another sequence left there is no business of this one's.
            storage.clear();
        }
        usedPages++;
        return new Page(storage);
    }

    /** One holder fewer. */
    void release(Page page) {
        page.holders--;
        if (page.holders == 0) {
            usedPages--;
            free.push(page.storage);
        }
    }

    /** Gives a free page up. */
    void drop() {
        free.remove();
    }

    /** The first page that a sequence of so many positions still needs. */
    int firstPage(int length) {
        return Math.max(0, firstSeen(length) / KvPage.POSITIONS - SPARE);
    }

    /** The first position that the row at a position sees. */
    int firstSeen(int position) {
        return Math.max(0, position - window + 1);
    }

    /** The pages that a sequence of so many positions holds. */
    int pages(int length) {
        return Math.ceilDiv(length, KvPage.POSITIONS) - firstPage(length);
    }

    /** The most pages that a sequence holds while it grows to so many positions, a row at a time. */
    int mostPages(int length) {
        return Math.min(Math.ceilDiv(length, KvPage.POSITIONS), Math.ceilDiv(window - 1, KvPage.POSITIONS) + 1 + SPARE);
    }
}
