// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import dev.kelvin.constraint.Automaton.Alphabet;
import dev.kelvin.constraint.Automaton.ByteEdge;
import dev.kelvin.constraint.Automaton.CallEdge;
import dev.kelvin.constraint.Automaton.Edge;
import dev.kelvin.constraint.Automaton.EmptyEdge;
import dev.kelvin.constraint.Automaton.RepeatEdge;
import dev.kelvin.constraint.Expression.Choice;
import dev.kelvin.constraint.Expression.Literal;
import dev.kelvin.constraint.Expression.Machine;
import dev.kelvin.constraint.Expression.OneOf;
import dev.kelvin.constraint.Expression.Reference;
import dev.kelvin.constraint.Expression.Repeat;
import dev.kelvin.constraint.Expression.Sequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Lays out the states and edges of an {@link Automaton}. */
final class AutomatonBuilder {
    private static final int MAX_STATES = 1_000_000;

    /** Repetitions of fewer states in all are laid out one after the other, others are counted while they run. */
    private static final long MAX_COPIED = 200;

    private final Rules rules;
    private final RuleProperties properties;
    private final List<List<Edge>> edges = new ArrayList<>();
    private final List<Integer> starts = new ArrayList<>();
    private final List<Boolean> nullable = new ArrayList<>();
    private final BitSet ends = new BitSet();
    /** The bytes of sets, of which a grammar has few and often. */
    private final Map<CodePoints, List<int[]>> sequences = new HashMap<>();

    /** Bodies of counted repetitions, which are rules of their own, still to be laid out. */
    private final Deque<Expression> bodies = new ArrayDeque<>();

    AutomatonBuilder(Rules rules, RuleProperties properties) {
        this.rules = rules;
        this.properties = properties;
    }

    Automaton build() throws GrammarException {
        for (int rule = 0; rule < rules.size(); rule++) {
            starts.add(-1);
            nullable.add(properties.isNullable(rules.expression(rule)));
        }
        for (int rule = 0; rule < rules.size(); rule++) {
            layOut(rule, properties.pruned(rules.expression(rule)));
        }
        for (int rule = rules.size(); !bodies.isEmpty(); rule++) {
            layOut(rule, bodies.poll());
        }
        boolean[] isNullable = new boolean[nullable.size()];
        for (int i = 0; i < isNullable.length; i++) {
            isNullable[i] = nullable.get(i);
        }
        boolean[] isEnd = new boolean[edges.size()];
        ends.stream().forEach(end -> isEnd[end] = true);
        int[] start = starts.stream().mapToInt(Integer::intValue).toArray();
        return new Automaton(edges, start, isNullable, isEnd, tails(), alphabet());
    }

    private void layOut(int rule, Expression expression) throws GrammarException {
        int start = state();
        int end = state();
        starts.set(rule, start);
        ends.set(end);
        connect(expression, start, end);
    }

    private int state() throws GrammarException {
        if (edges.size() == MAX_STATES) {
            throw new GrammarException("grammar: larger than " + MAX_STATES + " states");
        }
        edges.add(new ArrayList<>(2));
        return edges.size() - 1;
    }

    private void edge(int from, Edge edge) {
        edges.get(from).add(edge);
    }

    private void connect(Expression expression, int from, int to) throws GrammarException {
        switch (expression) {
            case Literal literal -> literal(literal.bytes(), from, to);
            case OneOf one -> oneOf(one.set(), from, to);
            case Reference reference -> edge(from, new CallEdge(reference.rule(), to));
            case Choice choice -> {
                for (Expression part : choice.parts()) {
                    connect(part, from, to);
                }
            }
            case Sequence sequence -> sequence(sequence.parts(), from, to);
            case Repeat repeat -> repeat(repeat, from, to);
            case Machine machine -> machine(machine, from, to);
        }
    }

    private void literal(byte[] bytes, int from, int to) throws GrammarException {
        int at = from;
        for (int i = 0; i < bytes.length; i++) {
            int next = i + 1 < bytes.length ? state() : to;
            edge(at, new ByteEdge(bytes[i] & 0xff, bytes[i] & 0xff, next));
            at = next;
        }
    }

    private void oneOf(CodePoints set, int from, int to) throws GrammarException {
        for (int[] ranges : sequences.computeIfAbsent(set, Utf8::sequences)) {
            int at = from;
            for (int i = 0; i < ranges.length; i += 2) {
                int next = i + 2 < ranges.length ? state() : to;
                edge(at, new ByteEdge(ranges[i], ranges[i + 1], next));
                at = next;
            }
        }
    }

    private void sequence(List<Expression> parts, int from, int to) throws GrammarException {
        if (parts.isEmpty()) {
            edge(from, new EmptyEdge(to));
            return;
        }
        int at = from;
        for (int i = 0; i < parts.size(); i++) {
            int next = i + 1 < parts.size() ? state() : to;
            connect(parts.get(i), at, next);
            at = next;
        }
    }

    private void repeat(Repeat repeat, int from, int to) throws GrammarException {
        boolean empty = properties.isNullable(repeat.body());
        int min = empty ? 0 : repeat.min();
        int max = repeat.max();
        if (Math.max(min, max) > 1 && size(repeat.body()) * Math.max(min, max) > MAX_COPIED) {
            counted(repeat.body(), min, max, from, to);
            return;
        }
        int at = from;
        for (int i = 0; i < Math.max(min, max); i++) {
            if (i >= min) {
                edge(at, new EmptyEdge(to));
            }
            int next = state();
            connect(repeat.body(), at, next);
            at = next;
        }
        if (max < 0) {
            // A state of its own: an edge back to where others begin would let them repeat too.
            int loop = state();
            edge(at, new EmptyEdge(loop));
            connect(repeat.body(), loop, loop);
            at = loop;
        }
        edge(at, new EmptyEdge(to));
    }

    private void counted(Expression body, int min, int max, int from, int to) {
        starts.add(-1);
        nullable.add(properties.isNullable(body));
        bodies.add(body);
        edge(from, new RepeatEdge(starts.size() - 1, min, max, to));
    }

    /** About how many states an expression takes. */
    private long size(Expression expression) {
        return switch (expression) {
            case Literal literal -> literal.bytes().length;
            case OneOf one -> 2 + one.set().ranges().size();
            case Reference _ -> 1;
            case Choice choice ->
                1 + choice.parts().stream().mapToLong(this::size).sum();
            case Sequence sequence ->
                1 + sequence.parts().stream().mapToLong(this::size).sum();
            case Repeat repeat -> 1 + size(repeat.body()) * Math.min(MAX_COPIED, Math.max(1, repeat.max()));
            case Machine machine -> MAX_COPIED + machine.dfa().size();
        };
    }

    private void machine(Machine machine, int from, int to) throws GrammarException {
        Dfa dfa = machine.dfa();
        int[] states = new int[dfa.size()];
        for (int i = 0; i < states.length; i++) {
            states[i] = state();
        }
        edge(from, new EmptyEdge(states[0]));
        // Moves of many states are of the same few sets, whose spellings are long.
        Map<CodePoints, Expression> spellings = new HashMap<>();
        for (int i = 0; i < states.length; i++) {
            for (Map.Entry<Integer, CodePoints> move : dfa.moves(i).entrySet()) {
                Expression spelling = spellings.computeIfAbsent(move.getValue(), machine.spelling()::of);
                connect(spelling, states[i], states[move.getKey()]);
            }
            if (dfa.accepts(i)) {
                edge(states[i], new EmptyEdge(to));
            }
        }
    }

    /** The states from which only empty edges lead on. */
    private boolean[] tails() {
        List<List<Integer>> before = new ArrayList<>();
        edges.forEach(_ -> before.add(new ArrayList<>(1)));
        boolean[] tail = new boolean[edges.size()];
        Deque<Integer> others = new ArrayDeque<>();
        for (int state = 0; state < tail.length; state++) {
            tail[state] = true;
            for (Edge edge : edges.get(state)) {
                if (edge instanceof EmptyEdge) {
                    before.get(edge.target()).add(state);
                } else if (tail[state]) {
                    tail[state] = false;
                    others.add(state);
                }
            }
        }
        while (!others.isEmpty()) {
            for (int state : before.get(others.poll())) {
                if (tail[state]) {
                    tail[state] = false;
                    others.add(state);
                }
            }
        }
        return tail;
    }

    private Alphabet alphabet() {
        boolean[] begins = new boolean[257];
        begins[0] = true;
        for (List<Edge> out : edges) {
            for (Edge edge : out) {
                if (edge instanceof ByteEdge range) {
                    begins[range.low()] = true;
                    begins[range.high() + 1] = true;
                }
            }
        }
        byte[] classes = new byte[256];
        List<Integer> samples = new ArrayList<>();
        for (int value = 0; value < classes.length; value++) {
            if (begins[value]) {
                samples.add(value);
            }
            classes[value] = (byte) (samples.size() - 1);
        }
        return new Alphabet(
                classes, samples.stream().mapToInt(Integer::intValue).toArray());
    }
}
