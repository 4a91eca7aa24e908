// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The names of one scope of a template, resolved before it runs, by the rules of Jinja's compiler: a name that a scope
 * assigns is its own throughout; what it holds at first depends on what the scope sees of it first, and on whether
 * every branch assigns it.
 */
final class Symbols {
    /** What a name of a scope holds when the scope is entered. */
    enum Load {
        /** An argument, or what a loop runs over. */
        PARAMETER,
        /** The variable of the rendering, if there is one. */
        RESOLVE,
        /** What the scope around has under that name. */
        ALIAS,
        UNDEFINED
    }

    /** Where a name lives: so many scopes up, and there in a slot. */
    record Reference(int up, int slot) {}

    private final Symbols parent;
    /** The slot of each name of this scope, shared by its branches. */
    private final Map<String, Integer> slots;

    private final Map<String, Load> loads;
    private final Set<String> stores;

    private Symbols(Symbols parent, Map<String, Integer> slots, Map<String, Load> loads, Set<String> stores) {
        this.parent = parent;
        this.slots = slots;
        this.loads = loads;
        this.stores = stores;
    }

    /** An empty scope within another, or the outermost one if that is null. */
    static Symbols within(Symbols parent) {
        return new Symbols(parent, new LinkedHashMap<>(), new HashMap<>(), new HashSet<>());
    }

    /** What a branch sees; {@link #merge} brings it back. */
    Symbols branch() {
        return new Symbols(parent, slots, new HashMap<>(loads), new HashSet<>(stores));
    }

    private boolean knows(String name) {
        for (Symbols scope = this; scope != null; scope = scope.parent) {
            if (scope.loads.containsKey(name)) {
                return true;
            }
        }
        return false;
    }

    private void define(String name, Load load) {
        slots.putIfAbsent(name, slots.size());
        loads.put(name, load);
    }

    void load(String name) {
        if (!knows(name)) {
            define(name, Load.RESOLVE);
        }
    }

    void store(String name) {
        stores.add(name);
        if (!loads.containsKey(name)) {
            define(name, parent != null && parent.knows(name) ? Load.ALIAS : Load.UNDEFINED);
        }
    }

    void parameter(String name) {
        stores.add(name);
        define(name, Load.PARAMETER);
    }

    /** Takes over what branches, one of which is run, did to names. */
    void merge(List<Symbols> branches) {
        Map<String, Integer> counts = new HashMap<>();
        for (Symbols branch : branches) {
            for (String name : branch.stores) {
                if (!stores.contains(name)) {
                    counts.merge(name, 1, Integer::sum);
                }
            }
        }
        for (Symbols branch : branches) {
            loads.putAll(branch.loads);
            stores.addAll(branch.stores);
        }
        counts.forEach((name, count) -> {
            if (count < branches.size()) {
                loads.put(name, parent != null && parent.knows(name) ? Load.ALIAS : Load.RESOLVE);
            }
        });
    }

    /** Where a name is that was loaded or stored before; resolves it in this scope if it was not. */
    Reference find(String name) {
        int up = 0;
        for (Symbols scope = this; scope != null; scope = scope.parent) {
            if (scope.loads.containsKey(name)) {
                return new Reference(up, scope.slots.get(name));
            }
            up++;
        }
        define(name, Load.RESOLVE);
        return new Reference(0, slots.get(name));
    }

    /** Where the scope around has a name. */
    Reference outer(String name) {
        return parent.find(name);
    }

    Map<String, Load> loads() {
        return loads;
    }

    int slot(String name) {
        return slots.get(name);
    }

    int size() {
        return slots.size();
    }
}
