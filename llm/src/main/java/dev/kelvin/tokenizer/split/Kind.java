// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

import dev.kelvin.tokenizer.pattern.UnicodeClass;

/** What a character is to the scanners. */
final class Kind {
    /** None of the others. */
    static final int OTHER = 1;

    static final int LETTER = 2;
    static final int NUMBER = 3;
    static final int SPACE = 4;

    /** There is no character. */
    static final int NONE = 5;

    /** By char, 0 where not yet known; whoever writes writes the same. */
    private static final byte[] KINDS = new byte[1 << 16];

    private Kind() {}

    private static int of(int point) {
        return switch (Character.getType(point)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            default -> UnicodeClass.isSpace(point) ? SPACE : OTHER;
        };
    }

    /** The kind of the character at an index, {@link #NONE} at the end. */
    static int at(String text, int index, int end) {
        if (index >= end) {
            return NONE;
        }
        char c = text.charAt(index);
        int kind = KINDS[c];
        if (kind != 0) {
            return kind;
        }
        if (Character.isSurrogate(c)) {
            return of(text.codePointAt(index));
        }
        kind = of(c);
        KINDS[c] = (byte) kind;
        return kind;
    }

    /** The end of the run of one kind that begins at an index. */
    static int runEnd(String text, int index, int end, int kind) {
        int i = index;
        while (at(text, i, end) == kind) {
            i += Character.isHighSurrogate(text.charAt(i)) ? 2 : 1;
        }
        return i;
    }
}
