// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train.stories;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The word lists. A file holds lists: a line {@code == name} or {@code == name : qualities} begins one, its entries
 * follow, separated by commas; {@code qualities} names the list of adjectives that fit every entry. An entry may carry
 * remarks after slashes: {@code duckling / duck}.
 */
final class Lexicon {
    /**
     * One entry.
     *
     * @param text as it is written
     * @param remark what stands after the slash; empty if nothing does
     * @param list the list that holds it
     */
    record Entry(String text, String remark, WordList list) {}

    /**
     * One list.
     *
     * @param name of the list
     * @param qualities the name of the list of adjectives that fit; empty for none
     * @param entries in file order
     */
    record WordList(String name, String qualities, List<Entry> entries) {}

    private final Map<String, WordList> lists = new LinkedHashMap<>();

    Lexicon(List<String> lines) {
        WordList current = null;
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("== ")) {
                String[] parts = line.substring(3).split(":", -1);
                current = new WordList(parts[0].strip(), parts.length > 1 ? parts[1].strip() : "", new ArrayList<>());
                if (lists.put(current.name(), current) != null) {
                    throw new IllegalArgumentException("stories: two word lists " + current.name());
                }
                continue;
            }
            if (current == null) {
                throw new IllegalArgumentException("stories: words before the first list: " + line);
            }
            for (String item : line.split(",", -1)) {
                if (!item.isBlank()) {
                    String[] parts = item.split("/", -1);
                    current.entries()
                            .add(new Entry(parts[0].strip(), parts.length > 1 ? parts[1].strip() : "", current));
                }
            }
        }
        for (WordList list : lists.values()) {
            if (list.entries().isEmpty() || (!list.qualities().isEmpty() && !lists.containsKey(list.qualities()))) {
                throw new IllegalArgumentException("stories: word list " + list.name() + " is empty or its qualities "
                        + list.qualities() + " are no list");
            }
        }
    }

    boolean has(String name) {
        return lists.containsKey(name);
    }

    WordList list(String name) {
        WordList list = lists.get(name);
        if (list == null) {
            throw new IllegalArgumentException("stories: no word list " + name);
        }
        return list;
    }

    Iterable<WordList> all() {
        return lists.values();
    }
}
