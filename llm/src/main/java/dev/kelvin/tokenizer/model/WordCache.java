// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import dev.kelvin.tokenizer.split.Part;
import dev.kelvin.tokenizer.split.Words;

/**
 * Remembers the ids of words: most words of a text have been there before. A slot holds the last word that fell into
 * it. Threads share it without a lock: an entry is immutable, and whichever of two a thread sees is right for its word.
 */
final class WordCache {
    private static final int SLOTS = 1 << 16;
    private static final int LONGEST = 48;

    private record Entry(String word, int[] ids) {}

    private final Entry[] entries = new Entry[SLOTS];

    /** The model behind this cache. */
    Words encoder(IdList ids, Words model) {
        return (part, begin, end) -> {
            if (end - begin > LONGEST) {
                model.accept(part, begin, end);
                return;
            }
            String text = part.text();
            int slot = slot(text, begin, end);
            Entry entry = entries[slot];
            if (entry != null && entry.word.length() == end - begin && text.startsWith(entry.word, begin)) {
                ids.addAll(entry.ids);
                return;
            }
            encode(part, begin, end, slot, ids, model);
        };
    }

    private void encode(Part part, int begin, int end, int slot, IdList ids, Words model) {
        int before = ids.size();
        model.accept(part, begin, end);
        entries[slot] = new Entry(part.text().substring(begin, end), ids.from(before));
    }

    private static int slot(String text, int begin, int end) {
        int hash = end - begin;
        for (int i = begin; i < end; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        hash *= 0x9E3779B1;
        return hash >>> 16;
    }
}
