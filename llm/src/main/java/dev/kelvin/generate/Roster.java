// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * The answers that are computed, those that gave up their memory and wait until another ends, and those that rest until
 * their listener takes more.
 */
final class Roster {
    /** Oldest first. */
    private final List<ActiveGeneration> active = new ArrayList<>();

    /** Youngest last, and younger than all that are active. They go on before others begin. */
    private final Deque<ActiveGeneration> evicted = new ArrayDeque<>();

    /** In the order in which they came to rest. */
    private final List<ActiveGeneration> resting = new ArrayList<>();

    /** Those that are computed, oldest first. */
    List<ActiveGeneration> active() {
        return Collections.unmodifiableList(active);
    }

    /** Whether nobody wants what is computed. */
    boolean allCancelled() {
        for (int i = 0; i < active.size(); i++) {
            if (!active.get(i).task().isCancelled()) {
                return false;
            }
        }
        return true;
    }

    /** How many there are, evicted and resting ones included. */
    int size() {
        return active.size() + evicted.size() + resting.size();
    }

    /** Whether another may begin: while some wait for memory, no others take it. */
    boolean hasRoom(int most) {
        return evicted.isEmpty() && active.size() < most;
    }

    void add(ActiveGeneration youngest) {
        active.add(youngest);
    }

    /** The youngest, which is computed no more. */
    ActiveGeneration evict() {
        ActiveGeneration youngest = active.removeLast();
        evicted.addFirst(youngest);
        return youngest;
    }

    /** Lets those rest whose listeners take no more, and returns them. */
    List<ActiveGeneration> rest() {
        List<ActiveGeneration> some = List.of();
        for (int i = 0; i < active.size(); i++) {
            if (!active.get(i).goesOn()) {
                some = some.isEmpty() ? new ArrayList<>() : some;
                some.add(active.get(i));
            }
        }
        for (ActiveGeneration each : some) {
            resting.add(each);
            leave(each);
        }
        return some;
    }

    /** One of those that rest, which may go on and is here no more; null if there is none. */
    ActiveGeneration resumed() {
        for (int i = 0; i < resting.size(); i++) {
            if (resting.get(i).goesOn()) {
                return resting.remove(i);
            }
        }
        return null;
    }

    /** One has ended, and one of those that wait for memory goes on. */
    void leave(ActiveGeneration generation) {
        active.remove(generation);
        readmit();
    }

    private void readmit() {
        if (!evicted.isEmpty()) {
            active.add(evicted.removeFirst());
        }
    }

    /** Those that were cancelled, which are here no more. */
    List<ActiveGeneration> removeCancelled() {
        List<ActiveGeneration> cancelled = List.of();
        int before = active.size();
        for (Collection<ActiveGeneration> some : List.of(active, evicted, resting)) {
            for (Iterator<ActiveGeneration> each = some.iterator(); each.hasNext(); ) {
                ActiveGeneration generation = each.next();
                if (generation.task().isCancelled()) {
                    each.remove();
                    cancelled = cancelled.isEmpty() ? new ArrayList<>() : cancelled;
                    cancelled.add(generation);
                }
            }
        }
        if (active.size() < before || active.isEmpty()) {
            readmit();
        }
        return cancelled;
    }

    /** All, which are here no more. */
    List<ActiveGeneration> removeAll() {
        List<ActiveGeneration> all = new ArrayList<>(active);
        all.addAll(evicted);
        all.addAll(resting);
        active.clear();
        evicted.clear();
        resting.clear();
        return all;
    }
}
