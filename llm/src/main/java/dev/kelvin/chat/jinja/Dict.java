// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Python's dict: in the order of insertion, and with Python's equality of keys. Almost every key is a string and is its
 * own key in the map; the others are wrapped in a {@link Key}.
 */
final class Dict {
    /** What a dict shows of itself while it is iterated. */
    enum Part {
        KEYS,
        VALUES,
        ITEMS
    }

    /** A view of a dict that has a size but no order of its own. */
    record View(Dict dict, Part part) {}

    private final Map<Object, Object> entries = new LinkedHashMap<>();

    static Dict copyOf(Dict other) {
        Dict copy = new Dict();
        copy.entries.putAll(other.entries);
        return copy;
    }

    /** The value of a string key, null also if there is none. */
    Object get(String key) {
        return entries.get(key);
    }

    /** The value of a key, or {@code otherwise}. */
    Object get(Object key, Object otherwise, Budget budget) {
        return entries.getOrDefault(Key.of(key, budget), otherwise);
    }

    boolean contains(Object key, Budget budget) {
        return entries.containsKey(Key.of(key, budget));
    }

    void put(Object key, Object value, Budget budget) {
        entries.put(Key.of(key, budget), value);
    }

    void put(String key, Object value) {
        entries.put(key, value);
    }

    void putAll(Dict other) {
        entries.putAll(other.entries);
    }

    int size() {
        return entries.size();
    }

    List<Object> keys() {
        List<Object> keys = new ArrayList<>(entries.size());
        for (Object key : entries.keySet()) {
            keys.add(Key.value(key));
        }
        return keys;
    }

    List<Object> values() {
        return new ArrayList<>(entries.values());
    }

    List<Object> items() {
        List<Object> items = new ArrayList<>(entries.size());
        for (Map.Entry<Object, Object> entry : entries.entrySet()) {
            items.add(Tuple.of(Key.value(entry.getKey()), entry.getValue()));
        }
        return items;
    }

    List<Object> part(Part part) {
        return switch (part) {
            case KEYS -> keys();
            case VALUES -> values();
            case ITEMS -> items();
        };
    }

    boolean equalTo(Dict other, Budget budget) {
        if (size() != other.size()) {
            return false;
        }
        for (Map.Entry<Object, Object> entry : entries.entrySet()) {
            if (!other.entries.containsKey(entry.getKey())
                    || !Comparison.equal(entry.getValue(), other.entries.get(entry.getKey()), budget)) {
                return false;
            }
        }
        return true;
    }
}
