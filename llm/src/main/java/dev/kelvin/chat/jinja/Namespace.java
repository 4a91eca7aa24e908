// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/**
 * The one object whose attributes a template may set.
 *
 * @param attributes by name
 */
record Namespace(Dict attributes) implements Attributed {
    @Override
    public Object attribute(String name) {
        return attributes.get(name, Attributed.NONE, null);
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
