// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.Arrays;
import java.util.List;

/** What {@code groupby} gives: a tuple of a key and the elements that have it, with names for both. */
final class Group extends Tuple implements Attributed {
    private final List<Object> list;

    Group(Object grouper, List<Object> list) {
        super(Arrays.asList(grouper, list));
        this.list = list;
    }

    List<Object> list() {
        return list;
    }

    @Override
    public Object attribute(String name) {
        return switch (name) {
            case "grouper" -> get(0);
            case "list" -> list;
            default -> NONE;
        };
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
