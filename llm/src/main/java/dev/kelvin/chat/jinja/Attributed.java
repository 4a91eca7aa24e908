// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/** A value with attributes of its own. */
interface Attributed {
    /** What {@link #attribute} gives where there is none; null is a value. */
    Object NONE = new Object();

    /** Whether something is {@link #NONE}. */
    @SuppressWarnings("ReferenceEquality") // that is an object which nothing else equals
    static boolean isNone(Object value) {
        return value == NONE;
    }

    /** The attribute of a name, or {@link #NONE}. */
    Object attribute(String name);
}
