// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/** The texts in which a regular expression matches somewhere, as an automaton. */
final class RegexMatcher implements Dfa.Description<RegexMatcher.Positions> {
    private static final int MAX_STATES = 50_000;
    private static final int MAX_PATTERN = 10_000;

    /** Kinds of edges that take no character. */
    private enum Condition {
        NONE,
        AT_BEGIN,
        AT_END
    }

    private record Edge(CodePoints set, Condition condition, int target) {}

    /**
     * Where in the expression a match may be.
     *
     * @param states that wait for a character
     * @param accepts whether a match ends here, or has ended
     * @param forever whether that will be so whatever follows
     */
    record Positions(BitSet states, boolean accepts, boolean forever) {}

    private final List<List<Edge>> edges = new ArrayList<>();
    private final List<CodePoints> sets = new ArrayList<>();
    private final int start;
    private final int end;

    private RegexMatcher(Regex regex) throws GrammarException {
        start = state();
        end = state();
        connect(regex, start, end);
    }

    /** The automaton of a pattern. */
    static Dfa dfa(String pattern) throws GrammarException {
        if (pattern.length() > MAX_PATTERN) {
            throw new GrammarException("pattern: longer than " + MAX_PATTERN + " characters");
        }
        RegexMatcher matcher = new RegexMatcher(RegexParser.parse(pattern));
        return Dfa.of(matcher, CodePoints.boundaries(matcher.sets));
    }

    private int state() throws GrammarException {
        if (edges.size() == MAX_STATES) {
            throw new GrammarException("pattern: larger than " + MAX_STATES + " states");
        }
        edges.add(new ArrayList<>(2));
        return edges.size() - 1;
    }

    private void connect(Regex regex, int from, int to) throws GrammarException {
        switch (regex) {
            case Regex.OneOf one -> {
                sets.add(one.set());
                edges.get(from).add(new Edge(one.set(), Condition.NONE, to));
            }
            case Regex.Anchor anchor ->
                edges.get(from).add(new Edge(null, anchor.begin() ? Condition.AT_BEGIN : Condition.AT_END, to));
            case Regex.Choice choice -> {
                for (Regex part : choice.parts()) {
                    connect(part, from, to);
                }
            }
            case Regex.Sequence sequence -> {
                int at = from;
                for (Regex part : sequence.parts()) {
                    int next = state();
                    connect(part, at, next);
                    at = next;
                }
                skip(at, to);
            }
            case Regex.Repeat repeat -> repeat(repeat, from, to);
        }
    }

    private void skip(int from, int to) {
        edges.get(from).add(new Edge(null, Condition.NONE, to));
    }

    private void repeat(Regex.Repeat repeat, int from, int to) throws GrammarException {
        int at = from;
        for (int i = 0; i < Math.max(repeat.min(), repeat.max()); i++) {
            if (i >= repeat.min()) {
                skip(at, to);
            }
            int next = state();
            connect(repeat.body(), at, next);
            at = next;
        }
        if (repeat.max() < 0) {
            int loop = state();
            skip(at, loop);
            connect(repeat.body(), loop, loop);
            at = loop;
        }
        skip(at, to);
    }

    @Override
    public Positions start() {
        BitSet seeds = new BitSet();
        seeds.set(start);
        return closure(seeds, true);
    }

    @Override
    public boolean accepts(Positions positions) {
        return positions.accepts();
    }

    @Override
    public Positions step(Positions positions, int point) {
        if (positions.forever()) {
            return positions;
        }
        BitSet seeds = new BitSet();
        // A match may begin anywhere.
        seeds.set(start);
        BitSet states = positions.states();
        for (int state = states.nextSetBit(0); state >= 0; state = states.nextSetBit(state + 1)) {
            for (Edge edge : edges.get(state)) {
                if (edge.set() != null && edge.set().contains(point)) {
                    seeds.set(edge.target());
                }
            }
        }
        return closure(seeds, false);
    }

    private Positions closure(BitSet seeds, boolean atBegin) {
        BitSet states = reach(seeds, atBegin, false);
        if (states.get(end)) {
            return new Positions(new BitSet(), true, true);
        }
        boolean accepts = reach(states, atBegin, true).get(end);
        for (int state = states.nextSetBit(0); state >= 0; state = states.nextSetBit(state + 1)) {
            if (!takesCharacters(state)) {
                states.clear(state);
            }
        }
        return new Positions(states, accepts, false);
    }

    private boolean takesCharacters(int state) {
        for (Edge edge : edges.get(state)) {
            if (edge.set() != null) {
                return true;
            }
        }
        return false;
    }

    private BitSet reach(BitSet seeds, boolean atBegin, boolean atEnd) {
        BitSet reached = (BitSet) seeds.clone();
        Deque<Integer> open = new ArrayDeque<>();
        seeds.stream().forEach(open::add);
        while (!open.isEmpty()) {
            for (Edge edge : edges.get(open.poll())) {
                boolean passes = edge.set() == null
                        && (edge.condition() == Condition.NONE
                                || (edge.condition() == Condition.AT_BEGIN && atBegin)
                                || (edge.condition() == Condition.AT_END && atEnd));
                if (passes && !reached.get(edge.target())) {
                    reached.set(edge.target());
                    open.add(edge.target());
                }
            }
        }
        return reached;
    }
}
