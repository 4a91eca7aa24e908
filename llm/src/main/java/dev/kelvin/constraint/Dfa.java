// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A deterministic automaton over characters, of which every state can reach an accepting one. State 0 is the beginning;
 * a character without a move is refused. Immutable.
 */
@SuppressWarnings("ReferenceEquality") // NEVER is one object
final class Dfa {
    /** Beyond this a combination of patterns is refused. */
    static final int MAX_STATES = 20_000;

    private static final int NOWHERE = -1;

    /** All states by a hundred and fifty kinds of characters. */
    private static final int MOST_STEPS = 3_000_000;

    /** The one that accepts nothing. */
    static final Dfa NEVER = new Dfa(List.of(Map.of()), new boolean[1]);

    private final List<Map<Integer, CodePoints>> moves;
    private final boolean[] accepting;

    private Dfa(List<Map<Integer, CodePoints>> moves, boolean[] accepting) {
        this.moves = moves;
        this.accepting = accepting;
    }

    /**
     * How an automaton is described by what its states are.
     *
     * @param <S> a state, with equals and hashCode
     */
    interface Description<S> {
        S start();

        boolean accepts(S state);

        /** The state that a character leads to, or null if it is refused. */
        S step(S state, int point);
    }

    /**
     * Explores a description.
     *
     * @param boundaries the places where characters may begin to behave differently, ascending; those before the first
     *     behave alike too
     * @return the automaton, without states that lead nowhere
     * @throws GrammarException if it has more than {@link #MAX_STATES} states, or too many steps between them
     */
    static <S> Dfa of(Description<S> description, int[] boundaries) throws GrammarException {
        Map<S, Integer> indices = new HashMap<>();
        List<S> states = new ArrayList<>();
        List<Map<Integer, List<CodePoints.Range>>> found = new ArrayList<>();
        indices.put(description.start(), 0);
        states.add(description.start());
        int[] edges = edges(boundaries);
        for (int i = 0; i < states.size(); i++) {
            Map<Integer, List<CodePoints.Range>> moves = new TreeMap<>();
            int target = NOWHERE;
            int begin = 0;
            for (int j = 0; j + 1 < edges.length; j++) {
                S next = description.step(states.get(i), edges[j]);
                int index = NOWHERE;
                if (next != null) {
                    Integer known = indices.putIfAbsent(next, states.size());
                    index = known == null ? states.size() : known;
                    if (known == null) {
                        states.add(next);
                    }
                }
                if (index != target) {
                    add(moves, target, edges[begin], edges[j] - 1);
                    target = index;
                    begin = j;
                }
            }
            add(moves, target, edges[begin], edges[edges.length - 1] - 1);
            found.add(moves);
            requireStates(states.size());
            requireSteps(i + 1, edges.length);
        }
        boolean[] accepting = new boolean[states.size()];
        for (int i = 0; i < accepting.length; i++) {
            accepting[i] = description.accepts(states.get(i));
        }
        return trimmed(found, accepting);
    }

    private static void add(Map<Integer, List<CodePoints.Range>> moves, int target, int first, int last) {
        if (target != NOWHERE) {
            moves.computeIfAbsent(target, _ -> new ArrayList<>()).add(new CodePoints.Range(first, last));
        }
    }

    private static void requireStates(int count) throws GrammarException {
        if (count > MAX_STATES) {
            throw new GrammarException("pattern: more than " + MAX_STATES + " states");
        }
    }

    private static void requireSteps(int states, int edges) throws GrammarException {
        if ((long) states * edges > MOST_STEPS) {
            throw new GrammarException(
                    "pattern: more than " + MOST_STEPS + " steps from one state to another by a character");
        }
    }

    private static int[] edges(int[] boundaries) {
        int[] fixed = {0, Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1, Character.MAX_CODE_POINT + 1};
        return IntStream.concat(Arrays.stream(fixed), Arrays.stream(boundaries))
                .sorted()
                .distinct()
                .toArray();
    }

    private static Dfa trimmed(List<Map<Integer, List<CodePoints.Range>>> moves, boolean[] accepting) {
        BitSet useful = leadingOn(moves, accepting);
        if (!useful.get(0)) {
            return NEVER;
        }
        int[] index = new int[accepting.length];
        int count = 0;
        for (int i = 0; i < index.length; i++) {
            index[i] = useful.get(i) ? count++ : -1;
        }
        List<Map<Integer, CodePoints>> kept = new ArrayList<>();
        boolean[] accepts = new boolean[count];
        for (int i = 0; i < index.length; i++) {
            if (index[i] >= 0) {
                Map<Integer, CodePoints> out = new LinkedHashMap<>();
                moves.get(i).forEach((target, ranges) -> {
                    if (index[target] >= 0) {
                        out.put(index[target], CodePoints.of(ranges));
                    }
                });
                out.values().removeIf(CodePoints::isEmpty);
                kept.add(out);
                accepts[index[i]] = accepting[i];
            }
        }
        return new Dfa(kept, accepts);
    }

    private static BitSet leadingOn(List<Map<Integer, List<CodePoints.Range>>> moves, boolean[] accepting) {
        List<List<Integer>> before = new ArrayList<>();
        moves.forEach(_ -> before.add(new ArrayList<>()));
        for (int i = 0; i < accepting.length; i++) {
            for (int target : moves.get(i).keySet()) {
                before.get(target).add(i);
            }
        }
        BitSet useful = new BitSet();
        Deque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < accepting.length; i++) {
            if (accepting[i]) {
                useful.set(i);
                open.add(i);
            }
        }
        while (!open.isEmpty()) {
            for (int state : before.get(open.poll())) {
                if (!useful.get(state)) {
                    useful.set(state);
                    open.add(state);
                }
            }
        }
        return useful;
    }

    int size() {
        return accepting.length;
    }

    boolean accepts(int state) {
        return accepting[state];
    }

    /** Whether no text at all is accepted. */
    boolean isEmpty() {
        return this == NEVER || (moves.size() == 1 && moves.getFirst().isEmpty() && !accepting[0]);
    }

    /** Where a state's characters lead: the characters by target. */
    Map<Integer, CodePoints> moves(int state) {
        return moves.get(state);
    }

    /** The state that a character leads to, or −1. */
    int step(int state, int point) {
        for (Map.Entry<Integer, CodePoints> move : moves.get(state).entrySet()) {
            if (move.getValue().contains(point)) {
                return move.getKey();
            }
        }
        return -1;
    }

    /** Whether a text is accepted. */
    boolean accepts(String text) {
        int state = 0;
        for (int i = 0; i < text.length() && state >= 0; ) {
            int point = text.codePointAt(i);
            state = step(state, point);
            i += Character.charCount(point);
        }
        return state >= 0 && accepting[state];
    }

    private int[] boundaries() {
        List<CodePoints> sets = new ArrayList<>();
        moves.forEach(out -> sets.addAll(out.values()));
        return CodePoints.boundaries(sets);
    }

    private record Pair(int first, int second) {}

    /** The texts that both accept. */
    Dfa intersect(Dfa other) throws GrammarException {
        int[] all = IntStream.concat(Arrays.stream(boundaries()), Arrays.stream(other.boundaries()))
                .sorted()
                .distinct()
                .toArray();
        return of(
                new Description<Pair>() {
                    @Override
                    public Pair start() {
                        return new Pair(0, 0);
                    }

                    @Override
                    public boolean accepts(Pair state) {
                        return accepting[state.first()] && other.accepting[state.second()];
                    }

                    @Override
                    public Pair step(Pair state, int point) {
                        int first = Dfa.this.step(state.first(), point);
                        int second = first < 0 ? -1 : other.step(state.second(), point);
                        return second < 0 ? null : new Pair(first, second);
                    }
                },
                all);
    }

    /** The texts that this one does not accept. */
    Dfa complement() throws GrammarException {
        return of(
                new Description<Integer>() {
                    @Override
                    public Integer start() {
                        return 0;
                    }

                    @Override
                    public boolean accepts(Integer state) {
                        return state < 0 || !accepting[state];
                    }

                    @Override
                    public Integer step(Integer state, int point) {
                        return state < 0 ? -1 : Dfa.this.step(state, point);
                    }
                },
                boundaries());
    }

    /** The texts of a length, in code points; −1 for no greatest one. */
    static Dfa ofLength(int min, int max) throws GrammarException {
        int most = max < 0 ? min : max + 1;
        return of(
                new Description<Integer>() {
                    @Override
                    public Integer start() {
                        return 0;
                    }

                    @Override
                    public boolean accepts(Integer length) {
                        return length >= min && (max < 0 || length <= max);
                    }

                    @Override
                    public Integer step(Integer length, int point) {
                        return Math.min(most, length + 1);
                    }
                },
                new int[0]);
    }

    /** A beginning of some of the texts. */
    private static final class Beginning {
        private final Map<Integer, Beginning> longer = new HashMap<>();
        private boolean whole;
    }

    /** Certain texts and no others. */
    static Dfa ofTexts(List<String> texts) throws GrammarException {
        Beginning none = new Beginning();
        int states = 1;
        for (String text : texts) {
            Beginning state = none;
            for (int i = 0; i < text.length(); ) {
                int point = text.codePointAt(i);
                Beginning next = state.longer.get(point);
                if (next == null) {
                    requireStates(++states);
                    next = new Beginning();
                    state.longer.put(point, next);
                }
                state = next;
                i += Character.charCount(point);
            }
            state.whole = true;
        }
        int[] boundaries = CodePoints.boundaries(texts.stream()
                .flatMapToInt(String::codePoints)
                .distinct()
                .mapToObj(point -> CodePoints.of(point, point))
                .toList());
        requireSteps(states, boundaries.length);
        return of(
                new Description<Beginning>() {
                    @Override
                    public Beginning start() {
                        return none;
                    }

                    @Override
                    public boolean accepts(Beginning state) {
                        return state.whole;
                    }

                    @Override
                    public Beginning step(Beginning state, int point) {
                        return state.longer.get(point);
                    }
                },
                boundaries);
    }
}
