// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

import java.util.function.IntPredicate;

/**
 * A set of code points, given by a rule. Answers are remembered, for a rule may go through many ranges. Immutable but
 * for that memory, which threads may share: whoever writes a byte of it writes the same.
 */
public final class CodePoints {
    private static final byte UNKNOWN = 0;
    private static final byte YES = 1;
    private static final byte NO = 2;
    private static final int PLANE = 1 << 16;

    private final IntPredicate rule;
    private final boolean[] ascii = new boolean[128];

    /** Of the basic plane, made when the first code point beyond ASCII is asked for. */
    private byte[] memory;

    private CodePoints(IntPredicate rule) {
        this.rule = rule;
        for (int c = 0; c < ascii.length; c++) {
            ascii[c] = rule.test(c);
        }
    }

    /** The set of all code points that meet a rule. */
    public static CodePoints of(IntPredicate rule) {
        return new CodePoints(rule);
    }

    /** Whether a code point belongs to the set. */
    public boolean has(int point) {
        if (point < 128) {
            return ascii[point];
        }
        return point < PLANE ? remembered(point) : rule.test(point);
    }

    private boolean remembered(int point) {
        byte[] answers = memory;
        if (answers == null) {
            answers = new byte[PLANE];
            memory = answers;
        }
        byte answer = answers[point];
        if (answer == UNKNOWN) {
            answer = rule.test(point) ? YES : NO;
            answers[point] = answer;
        }
        return answer == YES;
    }
}
