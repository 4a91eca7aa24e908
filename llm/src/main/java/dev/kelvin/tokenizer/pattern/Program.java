// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An expression as instructions of the {@link Machine}. Look-arounds and atomic groups are programs within the program:
 * they begin at an address of their own and end with {@link #MATCH}.
 */
final class Program {
    /** The end of a program. */
    static final int MATCH = 0;
    /** One code point of set a. */
    static final int ONE = 1;
    /** Code points of set a, from b to c times, as many as possible; gives them back one by one. */
    static final int RUN = 2;
    /** The same without giving back. */
    static final int WHOLE_RUN = 3;
    /** Goes on at a, and where that fails at b. */
    static final int SPLIT = 4;
    /** As {@link #SPLIT}, but at b at once if the character here is an ASCII one that beginnings c lack. */
    static final int OPTION = 12;
    /** Goes on at a. */
    static final int JUMP = 5;
    /** The program at a must match here; b is 1 if it must not. */
    static final int LOOK_AHEAD = 6;
    /** The program at a must match c code points before; b is 1 if it must not. */
    static final int LOOK_BEHIND = 7;
    /** The program at a, whose first match stays. */
    static final int ATOMIC = 8;
    /** The place a of {@link #places}. */
    static final int PLACE = 9;
    /** Remembers the place in register a. */
    static final int MARK = 10;
    /** Goes on at b if nothing was read since register a was marked. */
    static final int PROGRESS = 11;

    private static final int MOST_INSTRUCTIONS = 200_000;

    /** Each may remember the basic plane, 64 KB, once it has met a character beyond ASCII. */
    private static final int MOST_SETS = 512;

    private int[] code = new int[64];
    private int size;
    private final List<CodePoints> sets = new ArrayList<>();
    private final List<Node.Place> places = new ArrayList<>();
    private final List<boolean[]> beginnings = new ArrayList<>();
    private CodePoints[] allSets;
    private boolean[][] allBeginnings;
    private int registers;

    /** A program of an expression. */
    static Program of(Node node) {
        Program program = new Program();
        program.emit(node);
        program.add(MATCH, 0, 0, 0);
        program.code = Arrays.copyOf(program.code, program.size);
        program.allSets = program.sets.toArray(CodePoints[]::new);
        program.allBeginnings = program.beginnings.toArray(boolean[][]::new);
        return program;
    }

    int[] code() {
        return code;
    }

    CodePoints[] sets() {
        return allSets;
    }

    /** What options may begin with. */
    boolean[][] beginnings() {
        return allBeginnings;
    }

    List<Node.Place> places() {
        return places;
    }

    int registers() {
        return registers;
    }

    /** Appends an instruction of four numbers and gives its address. */
    private int add(int operation, int a, int b, int c) {
        if (size + 4 > code.length) {
            if (size >= 4 * MOST_INSTRUCTIONS) {
                throw new IllegalArgumentException("pattern: too many repetitions to be written out");
            }
            code = Arrays.copyOf(code, 2 * code.length);
        }
        int address = size;
        code[size++] = operation;
        code[size++] = a;
        code[size++] = b;
        code[size++] = c;
        return address;
    }

    /** An instruction that tries a node first where it may begin. */
    private int addOption(Node node) {
        beginnings.add(FirstCharacters.of(node));
        return add(OPTION, 0, 0, beginnings.size() - 1);
    }

    private int set(CodePoints set) {
        int known = sets.indexOf(set);
        if (known >= 0) {
            return known;
        }
        if (sets.size() == MOST_SETS) {
            throw new IllegalArgumentException("pattern: more than " + MOST_SETS + " sets of characters");
        }
        sets.add(set);
        return sets.size() - 1;
    }

    private int place(Node.Place place) {
        places.add(place);
        return places.size() - 1;
    }

    private void emit(Node node) {
        switch (node) {
            case Node.Single(CodePoints set) -> add(ONE, set(set), 0, 0);
            case Node.Sequence(List<Node> parts) -> parts.forEach(this::emit);
            case Node.Choice(List<Node> options) -> emitChoice(options);
            case Node.Repeat repeat -> emitRepeat(repeat);
            case Node.Atomic(Node body) -> emitWithin(ATOMIC, body, 0, 0);
            case Node.Look look -> emitLook(look);
            case Node.At(Node.Place place) -> add(PLACE, place(place), 0, 0);
        }
    }

    private void emitChoice(List<Node> options) {
        List<Integer> jumps = new ArrayList<>();
        for (int i = 0; i < options.size() - 1; i++) {
            int split = addOption(options.get(i));
            code[split + 1] = size;
            emit(options.get(i));
            jumps.add(add(JUMP, 0, 0, 0));
            code[split + 2] = size;
        }
        emit(options.getLast());
        for (int jump : jumps) {
            code[jump + 1] = size;
        }
    }

    /** A program within: jumped over, and begun by the instruction behind it. */
    private void emitWithin(int operation, Node body, int b, int c) {
        int jump = add(JUMP, 0, 0, 0);
        int begin = size;
        emit(body);
        add(MATCH, 0, 0, 0);
        code[jump + 1] = size;
        add(operation, begin, b, c);
    }

    private void emitLook(Node.Look look) {
        int negative = look.negative() ? 1 : 0;
        if (look.ahead()) {
            emitWithin(LOOK_AHEAD, look.body(), negative, 0);
            return;
        }
        List<Node> options = look.body() instanceof Node.Choice(List<Node> some) ? some : List.of(look.body());
        if (look.negative()) {
            options.forEach(option -> emitWithin(LOOK_BEHIND, option, 1, option.width()));
            return;
        }
        List<Node> singles = options.stream()
                .<Node>map(option -> new Node.Look(option, false, false))
                .toList();
        if (singles.size() > 1) {
            emitChoice(singles);
        } else {
            emitWithin(LOOK_BEHIND, options.getFirst(), 0, options.getFirst().width());
        }
    }

    private void emitRepeat(Node.Repeat repeat) {
        if (repeat.greed() == Node.Greed.POSSESSIVE) {
            if (repeat.body() instanceof Node.Single(CodePoints set)) {
                add(WHOLE_RUN, set(set), repeat.min(), repeat.max());
            } else {
                Node greedy = new Node.Repeat(repeat.body(), repeat.min(), repeat.max(), Node.Greed.GREEDY);
                emitWithin(ATOMIC, greedy, 0, 0);
            }
            return;
        }
        if (repeat.body() instanceof Node.Single(CodePoints set) && repeat.greed() == Node.Greed.GREEDY) {
            add(RUN, set(set), repeat.min(), repeat.max());
            return;
        }
        for (int i = 0; i < repeat.min(); i++) {
            emit(repeat.body());
        }
        if (repeat.max() == Node.Repeat.UNLIMITED) {
            emitLoop(repeat);
        } else {
            emitOptional(repeat);
        }
    }

    private void emitLoop(Node.Repeat repeat) {
        boolean nullable = repeat.body().nullable();
        int register = nullable ? registers++ : -1;
        int split = addRepetition(repeat);
        int begin = size;
        if (nullable) {
            add(MARK, register, 0, 0);
        }
        emit(repeat.body());
        int progress = nullable ? add(PROGRESS, register, 0, 0) : -1;
        add(JUMP, split, 0, 0);
        if (nullable) {
            code[progress + 2] = size;
        }
        branch(split, begin, size, repeat.greed());
    }

    private void emitOptional(Node.Repeat repeat) {
        List<Integer> splits = new ArrayList<>();
        for (int i = repeat.min(); i < repeat.max(); i++) {
            splits.add(addRepetition(repeat));
            emit(repeat.body());
        }
        for (int split : splits) {
            branch(split, split + 4, size, repeat.greed());
        }
    }

    private int addRepetition(Node.Repeat repeat) {
        return repeat.greed() == Node.Greed.LAZY ? add(SPLIT, 0, 0, 0) : addOption(repeat.body());
    }

    private void branch(int split, int body, int exit, Node.Greed greed) {
        code[split + 1] = greed == Node.Greed.LAZY ? exit : body;
        code[split + 2] = greed == Node.Greed.LAZY ? body : exit;
    }
}
