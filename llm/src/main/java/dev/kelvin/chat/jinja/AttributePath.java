// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/** An attribute of an attribute, as filters take it: {@code "address.city"}, {@code 0}, or nothing at all. */
final class AttributePath {
    private final List<Object> keys = new ArrayList<>();
    private final Object otherwise;
    private final Budget budget;

    /**
     * Reads a path.
     *
     * @param path names and indices with dots between them, an index, or null for the value itself
     * @param otherwise what stands for a missing attribute; null leaves it undefined
     */
    AttributePath(Object path, Object otherwise, Budget budget) {
        this.otherwise = otherwise;
        this.budget = budget;
        if (Types.isText(path)) {
            for (Object part : Splits.split(path.toString(), ".", -1, budget)) {
                String name = (String) part;
                boolean index =
                        !name.isEmpty() && name.length() < 10 && name.chars().allMatch(c -> c >= '0' && c <= '9');
                keys.add(index ? (Object) Long.parseLong(name) : name);
            }
        } else if (path != null) {
            keys.add(path);
        }
    }

    /** What a value has there. */
    Object of(Object value) {
        Object found = value;
        for (Object key : keys) {
            found = Subscripts.element(found, key, budget);
            if (otherwise != null && found instanceof Undefined) {
                found = otherwise;
            }
        }
        return found;
    }
}
