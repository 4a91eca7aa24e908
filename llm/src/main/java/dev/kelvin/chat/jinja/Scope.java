// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The values of the names of one scope while it runs.
 *
 * @param render the rendering
 * @param slots by the slots of {@link Symbols}; {@link #MISSING} where a name has no value
 * @param parent the scope around, null for the outermost
 */
record Scope(Render render, Object[] slots, Scope parent) {
    /** No value, not even none. */
    static final Object MISSING = new Object();

    /** Whether something is {@link #MISSING}. */
    @SuppressWarnings("ReferenceEquality") // that is an object which nothing else equals
    static boolean isMissing(Object value) {
        return value == MISSING;
    }

    /** The scope so many steps out. */
    Scope up(int steps) {
        Scope scope = this;
        for (int i = 0; i < steps; i++) {
            scope = scope.parent;
        }
        return scope;
    }

    Budget budget() {
        return render.budget();
    }

    /** How to make scopes of one place in the template, once everything in it is compiled. */
    static final class Layout {
        private final int size;
        private final List<String> resolved = new ArrayList<>();
        private final List<Integer> resolvedSlots = new ArrayList<>();
        private final List<Symbols.Reference> aliased = new ArrayList<>();
        private final List<Integer> aliasedSlots = new ArrayList<>();

        Layout(Symbols symbols) {
            size = symbols.size();
            for (Map.Entry<String, Symbols.Load> entry : symbols.loads().entrySet()) {
                String name = entry.getKey();
                if (entry.getValue() == Symbols.Load.RESOLVE) {
                    resolved.add(name);
                    resolvedSlots.add(symbols.slot(name));
                } else if (entry.getValue() == Symbols.Load.ALIAS) {
                    aliased.add(symbols.outer(name));
                    aliasedSlots.add(symbols.slot(name));
                }
            }
        }

        Scope enter(Render render, Scope parent) {
            Object[] slots = new Object[size];
            Arrays.fill(slots, MISSING);
            for (int i = 0; i < resolved.size(); i++) {
                slots[resolvedSlots.get(i)] = render.resolve(resolved.get(i));
            }
            for (int i = 0; i < aliased.size(); i++) {
                Symbols.Reference outer = aliased.get(i);
                slots[aliasedSlots.get(i)] = parent.up(outer.up()).slots()[outer.slot()];
            }
            return new Scope(render, slots, parent);
        }
    }
}
