// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.Locale;

/** Upper and lower case, and what kinds of characters there are, as Python sees them. */
final class Letters {
    private Letters() {}

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int end = text.offsetByCodePoints(0, 1);
        return titleCase(text.codePointAt(0)) + text.substring(end).toLowerCase(Locale.ROOT);
    }

    private static String titleCase(int point) {
        int title = Character.toTitleCase(point);
        // A letter without a title case of its own may still become several: ß becomes Ss.
        String upper = Character.toString(point).toUpperCase(Locale.ROOT);
        if (title == point && upper.codePointCount(0, upper.length()) > 1) {
            int first = upper.offsetByCodePoints(0, 1);
            return upper.substring(0, first) + upper.substring(first).toLowerCase(Locale.ROOT);
        }
        return Character.toString(title);
    }

    static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            out.append(inWord ? Character.toString(point).toLowerCase(Locale.ROOT) : titleCase(point));
            inWord = isCased(point);
        }
        return out.toString();
    }

    private static boolean isCased(int point) {
        return Character.isUpperCase(point) || Character.isLowerCase(point) || Character.isTitleCase(point);
    }

    static String swapCase(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            String letter = Character.toString(point);
            out.append(
                    Character.isUpperCase(point)
                            ? letter.toLowerCase(Locale.ROOT)
                            : Character.isLowerCase(point) ? letter.toUpperCase(Locale.ROOT) : letter);
        });
        return out.toString();
    }

    /** Folds what case tells apart: by way of the upper case of the lower one, which spells ß and ẞ as two letters. */
    static String caseFold(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.toLowerCase(Locale.ROOT)
                .toUpperCase(Locale.ROOT)
                .codePoints()
                .forEach(point -> out.appendCodePoint(Character.toLowerCase(point)));
        return out.toString();
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    /** Decimal digits, and raised or circled ones. */
    static boolean isDigit(int point) {
        return Character.isDigit(point)
                || point == 0xb2
                || point == 0xb3
                || point == 0xb9
                || point == 0x2070
                || (point >= 0x2074 && point <= 0x2079)
                || (point >= 0x2080 && point <= 0x2089)
                || (point >= 0x2460 && point <= 0x2468);
    }

    static boolean isNumeric(int point) {
        int type = Character.getType(point);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER
                || "〇一二三四五六七八九十百千万億兆".indexOf(point) >= 0;
    }

    static boolean isIdentifier(String text) {
        return !text.isEmpty()
                && isIdentifierStart(text.codePointAt(0))
                && text.codePoints()
                        .allMatch(c -> c == '_'
                                || (Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c)));
    }

    private static boolean isIdentifierStart(int point) {
        return point == '_' || Character.isUnicodeIdentifierStart(point);
    }
}
