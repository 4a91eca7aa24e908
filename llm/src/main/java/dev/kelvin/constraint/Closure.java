// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import dev.kelvin.constraint.Automaton.ByteEdge;
import dev.kelvin.constraint.Automaton.CallEdge;
import dev.kelvin.constraint.Automaton.Edge;
import dev.kelvin.constraint.Automaton.EmptyEdge;
import dev.kelvin.constraint.Automaton.RepeatEdge;
import dev.kelvin.constraint.Configuration.Item;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What follows from some states without a byte: the rules that they begin, and those that they end.
 *
 * <p>All calls of one rule at one place of the text share one frame, as in Earley's algorithm, so that ambiguity costs
 * polynomial time and no more. A rule that was begun here cannot end here: that it may be empty is seen where it is
 * called. Because no rule begins with itself, frames made here form no circle.
 */
@SuppressWarnings("ReferenceEquality") // frames and edges exist once
final class Closure {
    private static final int MOST_ITEMS = 1 << 18;

    /** The calls of one rule here: whom its frame returns to, some of them not known yet as they are made here too. */
    private static final class Calls {
        private final Set<Call> calls = new HashSet<>();
        private Frame frame;
    }

    /**
     * One call.
     *
     * @param edge null where the caller has nothing left to do and its frame stands for it
     * @param caller a {@link Frame} or the {@link Calls} of a rule
     */
    private record Call(Edge edge, int count, Object caller) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Call call && edge == call.edge && count == call.count && caller == call.caller;
        }

        @Override
        public int hashCode() {
            int hash = 31 * System.identityHashCode(edge) + count;
            return 31 * hash + System.identityHashCode(caller);
        }
    }

    /** A state in a rule whose frame is known, or made here. */
    private record Place(int state, Object frame) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Place place && state == place.state && frame == place.frame;
        }

        @Override
        public int hashCode() {
            return 31 * state + System.identityHashCode(frame);
        }
    }

    private final Automaton automaton;
    private final Map<Set<Frame.Link>, Frame> frames;
    private final Map<Integer, Calls> begun = new HashMap<>();
    private final Set<Place> seen = new HashSet<>();
    private final Deque<Place> open = new ArrayDeque<>();
    private final List<Place> taking = new ArrayList<>();
    private boolean complete;

    /** @param frames all that there are, by their links; new ones are added */
    Closure(Automaton automaton, Map<Set<Frame.Link>, Frame> frames) {
        this.automaton = automaton;
        this.frames = frames;
    }

    /** Begins the whole grammar. */
    void begin(Frame bottom) {
        if (automaton.nullable()[0]) {
            complete = true;
        }
        call(0, new Call(null, 0, bottom));
    }

    /** Adds a state that a byte led to. */
    void add(int state, Frame frame) {
        push(state, frame);
    }

    private void push(int state, Object frame) {
        Place place = new Place(state, frame);
        if (seen.add(place)) {
            if (seen.size() > MOST_ITEMS) {
                throw new IllegalStateException("grammar: more than " + MOST_ITEMS + " ways to read the text so far");
            }
            open.add(place);
        }
    }

    private void call(int rule, Call call) {
        Calls calls = begun.get(rule);
        if (calls == null) {
            calls = new Calls();
            begun.put(rule, calls);
        }
        calls.calls.add(call);
        push(automaton.starts()[rule], calls);
    }

    private void settle() {
        while (!open.isEmpty()) {
            Place place = open.poll();
            boolean takes = false;
            for (Edge edge : automaton.edges().get(place.state())) {
                takes |= edge instanceof ByteEdge;
                follow(edge, place.frame());
            }
            if (takes) {
                taking.add(place);
            }
            if (automaton.ends()[place.state()] && place.frame() instanceof Frame frame) {
                frame.links().forEach(this::returnTo);
            }
        }
    }

    private void follow(Edge edge, Object frame) {
        switch (edge) {
            case ByteEdge _ -> {}
            case EmptyEdge empty -> push(empty.target(), frame);
            case CallEdge call -> {
                if (automaton.nullable()[call.rule()]) {
                    push(call.target(), frame);
                }
                // A call that is the last thing its rule does is replaced by the caller's own place to return to.
                boolean tail = automaton.tails()[call.target()];
                call(call.rule(), new Call(tail ? null : call, 0, frame));
            }
            case RepeatEdge repeat -> {
                if (repeat.min() == 0) {
                    push(repeat.target(), frame);
                }
                call(repeat.rule(), new Call(repeat, 0, frame));
            }
        }
    }

    private void returnTo(Frame.Link link) {
        switch (link.edge()) {
            case null -> complete = true;
            case CallEdge call -> push(call.target(), link.parent());
            case RepeatEdge repeat -> {
                int most = repeat.max() < 0 ? repeat.min() : repeat.max();
                int done = Math.min(link.count() + 1, Math.max(1, most));
                if (done >= repeat.min()) {
                    push(repeat.target(), link.parent());
                }
                if (repeat.max() < 0 || done < repeat.max()) {
                    call(repeat.rule(), new Call(repeat, done, link.parent()));
                }
            }
            case ByteEdge _, EmptyEdge _ -> throw new AssertionError(link);
        }
    }

    /** Whether the text may end here. */
    boolean isComplete() {
        settle();
        return complete;
    }

    /** The states that take a byte. */
    Set<Item> items() {
        settle();
        Set<Item> items = HashSet.newHashSet(taking.size());
        for (Place place : taking) {
            Frame frame = place.frame() instanceof Frame known ? known : frame((Calls) place.frame());
            items.add(new Item(place.state(), frame));
        }
        return items;
    }

    private Frame frame(Calls calls) {
        if (calls.frame == null) {
            Set<Frame.Link> links = new HashSet<>();
            for (Call call : calls.calls) {
                Frame caller = call.caller() instanceof Frame known ? known : frame((Calls) call.caller());
                if (call.edge() == null) {
                    links.addAll(caller.links());
                } else {
                    links.add(new Frame.Link(call.edge(), call.count(), caller));
                }
            }
            calls.frame = frames.computeIfAbsent(links, key -> new Frame(List.copyOf(key)));
        }
        return calls.frame;
    }
}
