// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.normalizer;

import dev.kelvin.tokenizer.pattern.UnicodeClass;
import java.util.function.IntPredicate;

/** Normalizers that look at one character at a time, whatever stands beside it. */
public final class CharacterRules {
    private static final int DOTTED_CAPITAL_I = 0x130;

    private CharacterRules() {}

    /** Takes a character into a text that is being made: as it is, as others, or not at all. */
    @FunctionalInterface
    interface Rule {
        void apply(int point, StringBuilder out);
    }

    static String apply(String text, Rule rule) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            rule.apply(point, out);
            i += Character.charCount(point);
        }
        return out.toString();
    }

    /** Leaves characters out. */
    public static Normalizer without(IntPredicate unwanted) {
        return text -> apply(text, (point, out) -> {
            if (!unwanted.test(point)) {
                out.appendCodePoint(point);
            }
        });
    }

    /** Lower case, each character by itself: Σ is always σ. */
    public static Normalizer lowercase() {
        return text -> apply(text, CharacterRules::lower);
    }

    static void lower(int point, StringBuilder out) {
        if (point == DOTTED_CAPITAL_I) {
            out.append("i\u0307");
        } else {
            out.appendCodePoint(Character.toLowerCase(point));
        }
    }

    /** Leaves marks out: those without width, with width, and enclosing ones. */
    public static Normalizer stripAccents() {
        return without(UnicodeClass.named("M"));
    }

    /** White space at the ends is left out. */
    public static Normalizer strip(boolean left, boolean right) {
        return text -> {
            int begin = 0;
            int end = text.length();
            while (left && begin < end && UnicodeClass.isSpace(text.charAt(begin))) {
                begin++;
            }
            while (right && begin < end && UnicodeClass.isSpace(text.charAt(end - 1))) {
                end--;
            }
            return text.substring(begin, end);
        };
    }

    /** The cleaning of neural translation: control characters go, other spaces become spaces. */
    public static Normalizer nmt() {
        return text -> apply(text, (point, out) -> {
            if (!isNmtControl(point)) {
                out.appendCodePoint(isNmtSpace(point) ? ' ' : point);
            }
        });
    }

    private static boolean isNmtControl(int point) {
        return (point >= 0x01 && point <= 0x08)
                || point == 0x0B
                || (point >= 0x0E && point <= 0x1F)
                || point == 0x7F
                || point == 0x8F
                || point == 0x9F;
    }

    private static boolean isNmtSpace(int point) {
        return switch (point) {
            case '\t', '\n', '\f', '\r', 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> true;
            default -> point >= 0x200B && point <= 0x200F;
        };
    }

    /** A form of Unicode's normalization. */
    public static Normalizer form(java.text.Normalizer.Form form) {
        return text ->
                java.text.Normalizer.isNormalized(text, form) ? text : java.text.Normalizer.normalize(text, form);
    }
}
