// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;

/** An immutable sequence that is no list. */
class Tuple extends AbstractList<Object> {
    private final List<?> elements;

    Tuple(List<?> elements) {
        this.elements = elements;
    }

    static Tuple of(Object first, Object second) {
        return new Tuple(Arrays.asList(first, second));
    }

    @Override
    public Object get(int index) {
        return elements.get(index);
    }

    @Override
    public int size() {
        return elements.size();
    }
}
