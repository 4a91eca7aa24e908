// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

import java.util.Arrays;
import java.util.List;

/**
 * Runs a program over a text by backtracking, on a stack of its own: its depth is bounded by memory, and the calls in
 * each other by how look-arounds and atomic groups are nested in the expression. For one thread.
 */
final class Machine {
    private static final int FAILED = -1;
    /** A frame is an address, a place, and for runs the place that is not given back; −1 elsewhere. */
    private static final int FRAME = 3;

    /** In place of an address: the frame restores a register. */
    private static final int RESTORE = -1;

    private final int[] code;
    private final CodePoints[] sets;
    private final boolean[][] beginnings;
    private final List<Node.Place> places;
    private final int[] registers;
    private int[] stack = {};
    private int top;

    private String text;
    private int begin;
    private int end;

    Machine(Program program) {
        code = program.code();
        sets = program.sets();
        beginnings = program.beginnings();
        places = program.places();
        registers = new int[program.registers()];
    }

    /** Makes [begin, end) all that there is of a text. */
    void reset(String newText, int newBegin, int newEnd) {
        text = newText;
        begin = newBegin;
        end = newEnd;
    }

    /** The end of the match that begins at a place; −1 if none does. */
    int match(int at) {
        top = 0;
        return run(0, at);
    }

    private void push(int address, int at, int aux) {
        if (top + FRAME > stack.length) {
            stack = Arrays.copyOf(stack, Math.max(Math.addExact(stack.length, stack.length), 8 * FRAME));
        }
        stack[top] = address;
        stack[top + 1] = at;
        stack[top + 2] = aux;
        top += FRAME;
    }

    /** Runs from an address; what it leaves on the stack above its beginning is dropped. */
    private int run(int address, int place) {
        int base = top;
        int pc = address;
        int at = place;
        while (true) {
            boolean goesOn = true;
            switch (code[pc]) {
                case Program.MATCH -> {
                    top = base;
                    return at;
                }
                case Program.ONE -> {
                    if (at < end && sets[code[pc + 1]].has(point(at))) {
                        at += width(at);
                        pc += 4;
                    } else {
                        goesOn = false;
                    }
                }
                case Program.RUN, Program.WHOLE_RUN -> {
                    int stop = runOf(pc, at);
                    goesOn = stop != FAILED;
                    at = goesOn ? stop : at;
                    pc += 4;
                }
                case Program.SPLIT -> {
                    push(code[pc + 2], at, -1);
                    pc = code[pc + 1];
                }
                case Program.OPTION -> {
                    if (at < end && text.charAt(at) < 128 && !beginnings[code[pc + 3]][text.charAt(at)]) {
                        pc = code[pc + 2];
                    } else {
                        push(code[pc + 2], at, -1);
                        pc = code[pc + 1];
                    }
                }
                case Program.JUMP -> pc = code[pc + 1];
                case Program.ATOMIC -> {
                    int stop = run(code[pc + 1], at);
                    goesOn = stop != FAILED;
                    at = goesOn ? stop : at;
                    pc += 4;
                }
                case Program.MARK -> {
                    push(RESTORE, code[pc + 1], registers[code[pc + 1]]);
                    registers[code[pc + 1]] = at;
                    pc += 4;
                }
                case Program.PROGRESS -> pc = registers[code[pc + 1]] == at ? code[pc + 2] : pc + 4;
                default -> {
                    goesOn = holds(pc, at);
                    pc += 4;
                }
            }
            if (goesOn) {
                continue;
            }
            // Back to the latest choice.
            do {
                if (top == base) {
                    return FAILED;
                }
                top -= FRAME;
                pc = stack[top];
                at = stack[top + 1];
                if (pc == RESTORE) {
                    registers[at] = stack[top + 2];
                }
            } while (pc == RESTORE);
            int kept = stack[top + 2];
            if (kept >= 0) {
                at = Character.isLowSurrogate(text.charAt(at - 1)) ? at - 2 : at - 1;
                if (at > kept) {
                    stack[top + 1] = at;
                    top += FRAME;
                }
            }
        }
    }

    private int point(int at) {
        char c = text.charAt(at);
        return c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE ? c : text.codePointAt(at);
    }

    private int width(int at) {
        return Character.isHighSurrogate(text.charAt(at)) ? 2 : 1;
    }

    /** The end of a run; if some of it may be given back, a frame says how far. */
    private int runOf(int pc, int from) {
        CodePoints set = sets[code[pc + 1]];
        int min = code[pc + 2];
        int max = code[pc + 3];
        int count = 0;
        int stop = from;
        int kept = min == 0 ? from : -1;
        while (count < max && stop < end && set.has(point(stop))) {
            stop += width(stop);
            if (++count == min) {
                kept = stop;
            }
        }
        if (count < min) {
            return FAILED;
        }
        if (code[pc] == Program.RUN && stop > kept && code[pc + 4] != Program.MATCH) {
            push(pc + 4, stop, kept);
        }
        return stop;
    }

    private boolean holds(int pc, int at) {
        return switch (code[pc]) {
            case Program.LOOK_AHEAD -> (run(code[pc + 1], at) != FAILED) == (code[pc + 2] == 0);
            case Program.LOOK_BEHIND -> {
                int from = at;
                for (int i = 0; i < code[pc + 3] && from >= begin; i++) {
                    from -= from >= begin + 2 && Character.isLowSurrogate(text.charAt(from - 1)) ? 2 : 1;
                }
                boolean found = from >= begin && run(code[pc + 1], from) != FAILED;
                yield found == (code[pc + 2] == 0);
            }
            case Program.PLACE -> isAt(places.get(code[pc + 1]), at);
            default -> throw new AssertionError(code[pc]);
        };
    }

    private boolean isAt(Node.Place place, int at) {
        return switch (place) {
            case LINE_BEGIN -> at == begin || (text.charAt(at - 1) == '\n' && at < end);
            case LINE_END -> at == end || text.charAt(at) == '\n';
            case TEXT_BEGIN -> at == begin;
            case TEXT_END -> at == end;
            case TEXT_END_OR_LAST_LINE_FEED -> at == end || (at == end - 1 && text.charAt(at) == '\n');
            case WORD_BOUNDARY -> isBoundary(at);
            case NO_WORD_BOUNDARY -> !isBoundary(at);
        };
    }

    private boolean isBoundary(int at) {
        boolean before = at > begin && UnicodeClass.isWord(text.codePointBefore(at));
        boolean after = at < end && UnicodeClass.isWord(text.codePointAt(at));
        return before != after;
    }
}
