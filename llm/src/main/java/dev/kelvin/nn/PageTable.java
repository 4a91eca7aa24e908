// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.nn.PageGroup.Page;
import dev.kelvin.tensor.KvPage;
import java.util.Arrays;

/** The pages of one group that a sequence holds, by their place in the sequence: those of [begin, end). */
final class PageTable {
    private final PageGroup group;
    private Page[] held = new Page[0];

    /** The same pages, as operations take them. */
    private KvPage[] storages = new KvPage[0];

    private int begin;
    private int end;

    PageTable(PageGroup group) {
        this.group = group;
    }

    /** The same pages, held once more. */
    PageTable share() {
        PageTable table = new PageTable(group);
        table.held = held.clone();
        table.storages = storages.clone();
        table.begin = begin;
        table.end = end;
        for (int i = begin; i < end; i++) {
            held[i].holders++;
        }
        return table;
    }

    KvPage[] storages() {
        return storages;
    }

    /** The first page that is held. */
    int begin() {
        return begin;
    }

    /** How many pages must be taken before positions [length, length + count) can be written. */
    int missing(int length, int count) {
        int last = (length + count - 1) / KvPage.POSITIONS;
        int missing = Math.max(0, last + 1 - end);
        for (int i = length / KvPage.POSITIONS; i < Math.min(end, last + 1); i++) {
            missing += held[i].holders > 1 ? 1 : 0;
        }
        return missing;
    }

    /** Takes what is missing, and copies of the pages that others hold too. */
    void makeWritable(int length, int count) {
        int last = (length + count - 1) / KvPage.POSITIONS;
        grow(last + 1);
        for (int i = length / KvPage.POSITIONS; i < Math.min(end, last + 1); i++) {
            if (held[i].holders > 1) {
                Page copy = group.take();
                copy.storage.copyFrom(held[i].storage);
                group.release(held[i]);
                put(i, copy);
            }
        }
        while (end <= last) {
            append();
        }
    }

    /** Holds the first pages of another table in place of its own, where both hold them. */
    void adopt(PageTable other, int pages) {
        for (int i = Math.max(begin, other.begin); i < Math.min(pages, Math.min(end, other.end)); i++) {
            Page theirs = other.held[i];
            if (!held[i].equals(theirs)) {
                group.release(held[i]);
                theirs.holders++;
                put(i, theirs);
            }
        }
    }

    /** Begins an empty table at a page other than the first. */
    void startAt(int page) {
        begin = page;
        end = page;
    }

    /** Takes one more page behind the others. */
    KvPage append() {
        grow(end + 1);
        put(end, group.take());
        return storages[end++];
    }

    /** Holds one more page behind the others, which somebody else holds too. */
    void append(Page shared) {
        grow(end + 1);
        shared.holders++;
        put(end++, shared);
    }

    /** The page at a place that is held. */
    Page page(int place) {
        return held[place];
    }

    private void grow(int pages) {
        if (held.length < pages) {
            int size = Math.max(pages, 2 * held.length);
            held = Arrays.copyOf(held, size);
            storages = Arrays.copyOf(storages, size);
        }
    }

    private void put(int place, Page page) {
        held[place] = page;
        storages[place] = page.storage;
    }

    /** Gives up the pages before one. */
    void releaseBefore(int page) {
        for (; begin < Math.min(page, end); begin++) {
            release(begin);
        }
    }

    /** Gives up the pages from one on. */
    void releaseFrom(int page) {
        while (end > Math.max(page, begin)) {
            end--;
            release(end);
        }
        if (page == 0) {
            begin = 0;
            end = 0;
        }
    }

    private void release(int place) {
        group.release(held[place]);
        held[place] = null;
        storages[place] = null;
    }
}
