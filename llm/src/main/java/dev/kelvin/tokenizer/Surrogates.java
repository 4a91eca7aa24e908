// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

/** Lone surrogates, which have no bytes in UTF-8. */
final class Surrogates {
    private Surrogates() {}

    /** The text with U+FFFD for each lone surrogate. */
    static String replaced(String text) {
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.charCount(text.codePointAt(i)) == 1) {
                    break;
                }
                i++;
            }
            i++;
        }
        if (i >= text.length()) {
            return text;
        }
        StringBuilder sound = new StringBuilder(text.length()).append(text, 0, i);
        text.substring(i)
                .codePoints()
                .map(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? 0xFFFD : point)
                .forEach(sound::appendCodePoint);
        return sound.toString();
    }
}
