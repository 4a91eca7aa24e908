// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

import java.util.function.IntPredicate;

/** The characters of an expression, with its escapes, and the options in force at the place reached. */
final class PatternScanner {
    private static final int MOST_REPEATS = 100_000;

    private final String pattern;
    private int at;

    boolean ignoreCase;
    boolean extended;
    boolean dotAll;

    PatternScanner(String pattern) {
        this.pattern = pattern;
    }

    boolean atEnd() {
        return at >= pattern.length();
    }

    /** The next character; a pattern that has none is malformed. */
    int peek() {
        if (atEnd()) {
            throw malformed("an end in the middle");
        }
        return pattern.codePointAt(at);
    }

    boolean peekIs(char c) {
        return !atEnd() && pattern.charAt(at) == c;
    }

    int next() {
        int point = peek();
        at += Character.charCount(point);
        return point;
    }

    boolean take(char c) {
        if (peekIs(c)) {
            at++;
            return true;
        }
        return false;
    }

    boolean take(String text) {
        if (pattern.startsWith(text, at)) {
            at += text.length();
            return true;
        }
        return false;
    }

    IllegalArgumentException malformed(String what) {
        return new IllegalArgumentException("pattern: " + what + " at " + at + " of \"" + pattern + "\"");
    }

    /** {@code {n}}, {@code {n,}}, {@code {,m}} or {@code {n,m}}; null if it is none, and a brace is a character. */
    int[] interval() {
        int close = peekIs('{') ? pattern.indexOf('}', at) : -1;
        if (close < 0 || !pattern.substring(at + 1, close).matches("[0-9]+(,[0-9]*)?|,[0-9]+")) {
            return null;
        }
        String[] counts = pattern.substring(at + 1, close).split(",", -1);
        int min = counts[0].isEmpty() ? 0 : count(counts[0]);
        int max = counts.length == 1 ? min : counts[1].isEmpty() ? Node.Repeat.UNLIMITED : count(counts[1]);
        if (max < min) {
            throw malformed("an interval that goes down");
        }
        at = close + 1;
        return new int[] {min, max};
    }

    private int count(String digits) {
        if (digits.length() > 6 || Integer.parseInt(digits) > MOST_REPEATS) {
            throw malformed("an interval beyond " + MOST_REPEATS);
        }
        return Integer.parseInt(digits);
    }

    /** Behind a backslash: {@code \d}, {@code \p{...}} and the like; null if it is a character. */
    IntPredicate classEscape() {
        IntPredicate named =
                switch (Character.toLowerCase(peek())) {
                    case 'd' -> UnicodeClass.named("Nd");
                    case 'w' -> UnicodeClass::isWord;
                    case 's' -> UnicodeClass::isSpace;
                    case 'h' -> UnicodeClass.named("xdigit");
                    case 'p' -> null;
                    default -> point -> false;
                };
        boolean negative = Character.isUpperCase(peek());
        if (named == null) {
            return property();
        }
        if ("dDwWsShH".indexOf(peek()) < 0) {
            return null;
        }
        next();
        return negative ? named.negate() : named;
    }

    private IntPredicate property() {
        boolean negative = next() == 'P';
        String name;
        if (take('{')) {
            negative ^= take('^');
            int close = pattern.indexOf('}', at);
            if (close < 0) {
                throw malformed("a class that is not closed");
            }
            name = pattern.substring(at, close);
            at = close + 1;
        } else {
            name = Character.toString(next());
        }
        IntPredicate named = UnicodeClass.named(name);
        return negative ? named.negate() : named;
    }

    /** Behind a backslash: a single character. */
    int characterEscape() {
        int c = next();
        return switch (c) {
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 'f' -> '\f';
            case 'v' -> 0x0B;
            case 'a' -> 7;
            case 'e' -> 0x1B;
            case '0' -> octal();
            case 'x' -> take('{') ? braced() : hex(2, false);
            case 'u' -> take('{') ? braced() : hex(4, true);
            default -> c;
        };
    }

    private int octal() {
        int value = 0;
        for (int i = 0; i < 2 && !atEnd() && peek() >= '0' && peek() <= '7'; i++) {
            value = 8 * value + next() - '0';
        }
        return value;
    }

    private int braced() {
        int close = pattern.indexOf('}', at);
        if (close < 0 || !pattern.substring(at, close).matches("[0-9A-Fa-f]{1,6}")) {
            throw malformed("a code point that is none");
        }
        int value = Integer.parseInt(pattern.substring(at, close), 16);
        at = close + 1;
        return value;
    }

    private int hex(int digits, boolean all) {
        int value = 0;
        int read = 0;
        while (read < digits && !atEnd() && Character.digit(peek(), 16) >= 0) {
            value = 16 * value + Character.digit(next(), 16);
            read++;
        }
        if (read == 0 || (all && read < digits)) {
            throw malformed("a code point that is none");
        }
        return value;
    }

    /** The rule with the cases of each of its characters where case does not matter. */
    IntPredicate cased(IntPredicate rule) {
        if (!ignoreCase) {
            return rule;
        }
        return point -> {
            int upper = Character.toUpperCase(point);
            int lower = Character.toLowerCase(upper);
            return rule.test(point)
                    || rule.test(upper)
                    || rule.test(lower)
                    || rule.test(Character.toLowerCase(point))
                    || rule.test(Character.toTitleCase(point));
        };
    }
}
