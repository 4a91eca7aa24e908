// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.List;

/**
 * How characters are written in a JSON string. Those of ASCII have one spelling only, so that a text which is known
 * beforehand can be taken without a choice; the others may be escaped too.
 */
final class JsonSpelling {
    private static final String SHORT = "\"\\\b\f\n\r\t";
    private static final String LETTERS = "\"\\bfnrt";
    private static final CodePoints ESCAPED_TOO =
            CodePoints.of(0, 0x1f).union(CodePoints.of(0x7f, Character.MAX_CODE_POINT));
    private static final int NIBBLE = 4;

    /** Sets of digits, by the first and the last. */
    private static final Expression[][] DIGITS = new Expression[16][16];

    static {
        for (int last = 0; last < 16; last++) {
            for (int first = 0; first <= last; first++) {
                DIGITS[first][last] = digit(first, last);
            }
        }
    }

    private JsonSpelling() {}

    /** One character of a set, in its usual spelling. */
    static Expression usual(CodePoints set) {
        List<Expression> spellings = plainAndShort(set);
        spellings.addAll(escapes(set.intersect(ESCAPED_TOO)));
        return Expression.choice(spellings);
    }

    /** Any character, in any spelling. */
    static Expression any() {
        List<Expression> spellings = plainAndShort(CodePoints.ALL);
        spellings.add(Expression.literal("\\/"));
        spellings.addAll(escapes(CodePoints.ALL));
        return Expression.choice(spellings);
    }

    private static List<Expression> plainAndShort(CodePoints set) {
        List<Expression> spellings = new ArrayList<>();
        CodePoints plain = set.intersect(PlainText.CHARACTERS);
        if (!plain.isEmpty()) {
            spellings.add(new Expression.OneOf(plain));
        }
        for (int i = 0; i < SHORT.length(); i++) {
            if (set.contains(SHORT.charAt(i))) {
                spellings.add(Expression.literal("\\" + LETTERS.charAt(i)));
            }
        }
        return spellings;
    }

    /** A string with a certain text. */
    static Expression quoted(String text) {
        List<Expression> parts = new ArrayList<>();
        StringBuilder plain = new StringBuilder("\"");
        text.codePoints().forEach(point -> {
            if (point >= ' ' && point < 0x7f && point != '"' && point != '\\') {
                plain.append((char) point);
            } else {
                parts.add(Expression.literal(plain.toString()));
                plain.setLength(0);
                parts.add(isSurrogate(point) ? unit(point, point) : usual(CodePoints.of(point, point)));
            }
        });
        parts.add(Expression.literal(plain.append('"').toString()));
        return Expression.sequence(parts);
    }

    private static boolean isSurrogate(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }

    /** The escapes of a set: a unit of UTF-16, or two. */
    private static List<Expression> escapes(CodePoints set) {
        List<Expression> escapes = new ArrayList<>();
        for (CodePoints.Range range : set.ranges()) {
            int lastOfPlane = Math.min(range.last(), Character.MIN_SUPPLEMENTARY_CODE_POINT - 1);
            if (range.first() <= lastOfPlane) {
                escapes.add(unit(range.first(), lastOfPlane));
            }
            int first = Math.max(range.first(), Character.MIN_SUPPLEMENTARY_CODE_POINT);
            if (first <= range.last()) {
                pairs(first, range.last(), escapes);
            }
        }
        return escapes;
    }

    private static void pairs(int first, int last, List<Expression> escapes) {
        char high = Character.highSurrogate(first);
        char lastHigh = Character.highSurrogate(last);
        char low = Character.lowSurrogate(first);
        char lastLow = Character.lowSurrogate(last);
        if (high == lastHigh) {
            escapes.add(Expression.sequence(unit(high, high), unit(low, lastLow)));
            return;
        }
        if (low != Character.MIN_LOW_SURROGATE) {
            escapes.add(Expression.sequence(unit(high, high), unit(low, Character.MAX_LOW_SURROGATE)));
            high++;
        }
        if (lastLow != Character.MAX_LOW_SURROGATE) {
            escapes.add(Expression.sequence(unit(lastHigh, lastHigh), unit(Character.MIN_LOW_SURROGATE, lastLow)));
            lastHigh--;
        }
        if (high <= lastHigh) {
            escapes.add(Expression.sequence(
                    unit(high, lastHigh), unit(Character.MIN_LOW_SURROGATE, Character.MAX_LOW_SURROGATE)));
        }
    }

    /** A backslash, u, and four digits. */
    private static Expression unit(int first, int last) {
        return Expression.sequence(Expression.literal("\\u"), digits(first, last, 12));
    }

    /** Numbers of digits down from a bit, between two that share the digits before. */
    private static Expression digits(int first, int last, int shift) {
        int high = first >> shift;
        int lastHigh = last >> shift;
        int rest = (1 << shift) - 1;
        if (shift == 0 || ((first & rest) == 0 && (last & rest) == rest)) {
            Expression free = Expression.repeat(DIGITS[0][15], shift / NIBBLE, shift / NIBBLE);
            return Expression.sequence(DIGITS[high & 15][lastHigh & 15], free);
        }
        if (high == lastHigh) {
            return Expression.sequence(DIGITS[high & 15][high & 15], digits(first, last, shift - NIBBLE));
        }
        List<Expression> parts = new ArrayList<>();
        if ((first & rest) != 0) {
            parts.add(digits(first, first | rest, shift));
            high++;
        }
        if ((last & rest) != rest) {
            parts.add(digits(last & ~rest, last, shift));
            lastHigh--;
        }
        if (high <= lastHigh) {
            parts.add(digits(high << shift, lastHigh << shift | rest, shift));
        }
        return Expression.choice(parts);
    }

    private static Expression digit(int first, int last) {
        StringBuilder digits = new StringBuilder();
        for (int digit = first; digit <= last; digit++) {
            String hexadecimal = Integer.toHexString(digit);
            digits.append(hexadecimal).append(hexadecimal.toUpperCase(java.util.Locale.ROOT));
        }
        return new Expression.OneOf(CodePoints.of(digits.toString()));
    }
}
