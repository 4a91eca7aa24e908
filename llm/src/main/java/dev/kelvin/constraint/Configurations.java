// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The configurations that a grammar's machine was in so far, each of which exists once. There can be infinitely many,
 * so when there are too many all are forgotten, but for those that somebody holds.
 *
 * <p>For one thread at a time.
 */
final class Configurations {
    private static final int MOST = 100_000;

    private record Key(Set<Configuration.Item> items, boolean complete) {}

    private final Automaton automaton;
    private final Map<Key, Configuration> known = new HashMap<>();
    private final Map<Set<Frame.Link>, Frame> frames = new HashMap<>();
    private final Frame bottom = new Frame(List.of(new Frame.Link(null, 0, null)));
    private Configuration start;

    Configurations(Automaton automaton) {
        this.automaton = automaton;
    }

    /** What the machine is in before any text. */
    Configuration start() {
        if (start == null) {
            Closure closure = new Closure(automaton, frames);
            closure.begin(bottom);
            start = intern(closure);
        }
        return start;
    }

    /** What a byte leads to. */
    Configuration step(Configuration from, byte value) {
        return step(from, automaton.alphabet().classes()[value & 0xff] & 0xff);
    }

    /** What a byte of a class leads to. */
    Configuration step(Configuration from, int byteClass) {
        Configuration next = from.next(byteClass);
        if (next == null) {
            next = computeStep(from, automaton.alphabet().samples()[byteClass]);
            from.next(byteClass, next);
        }
        return next;
    }

    private Configuration computeStep(Configuration from, int value) {
        Closure closure = new Closure(automaton, frames);
        for (Configuration.Item item : from.items()) {
            for (Automaton.Edge edge : automaton.edges().get(item.state())) {
                if (edge instanceof Automaton.ByteEdge range && range.low() <= value && value <= range.high()) {
                    closure.add(range.target(), item.frame());
                }
            }
        }
        return intern(closure);
    }

    private Configuration intern(Closure closure) {
        if (known.size() > MOST || frames.size() > MOST) {
            known.clear();
            frames.clear();
            start.forget();
        }
        Set<Configuration.Item> items = closure.items();
        return known.computeIfAbsent(
                new Key(items, closure.isComplete()),
                key -> new Configuration(
                        items, key.complete(), automaton.alphabet().size()));
    }

    Automaton.Alphabet alphabet() {
        return automaton.alphabet();
    }
}
