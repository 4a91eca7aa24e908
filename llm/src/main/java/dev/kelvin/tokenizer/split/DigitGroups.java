// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

import dev.kelvin.tokenizer.pattern.CodePoints;
import dev.kelvin.tokenizer.pattern.UnicodeClass;

/**
 * Numbers cut into groups of three from their end, as thousands are written. The expressions that say so look at the
 * rest of the number again for every group; this is one pass.
 */
enum DigitGroups implements PreTokenizer {
    /** {@code \d{1,3}(?=(?:\d{3})*\b)}: decimal digits at whose end a word ends. */
    AT_WORD_END,
    /** {@code (?=(\d{3})+(?!\d))}: cuts in front of each whole group of three. */
    WHOLE_GROUPS,
    /** Numbers of any kind; what stands between two of them goes with the first group of the second. */
    WITH_TEXT_BEFORE;

    private static final CodePoints DIGITS = CodePoints.of(UnicodeClass.named("Nd"));
    private static final CodePoints NUMBERS = CodePoints.of(UnicodeClass.named("N"));

    @Override
    public void split(Part part, int begin, int end, Words words) {
        String text = part.text();
        CodePoints digits = this == WITH_TEXT_BEFORE ? NUMBERS : DIGITS;
        int rest = begin;
        for (int i = begin; i < end; ) {
            int point = text.codePointAt(i);
            if (!digits.has(point)) {
                i += Character.charCount(point);
                continue;
            }
            int count = 0;
            int stop = i;
            while (stop < end && digits.has(text.codePointAt(stop))) {
                stop += Character.charCount(text.codePointAt(stop));
                count++;
            }
            boolean grouped = this != AT_WORD_END || stop == end || !UnicodeClass.isWord(text.codePointAt(stop));
            if (grouped) {
                rest = groups(part, rest, i, stop, count, words);
            }
            i = stop;
        }
        if (rest < end) {
            words.accept(part, rest, end);
        }
    }

    /** Hands over a number, and the text in front of it; gives the place up to which all was handed over. */
    private int groups(Part part, int restBegin, int from, int stop, int count, Words words) {
        int rest = restBegin;
        if (this == AT_WORD_END && rest < from) {
            words.accept(part, rest, from);
            rest = from;
        }
        int cut = from;
        int left = count;
        while (left > 0) {
            if (this == WHOLE_GROUPS && left % 3 == 0 && rest < cut) {
                words.accept(part, rest, cut);
                rest = cut;
            }
            cut += Character.charCount(part.text().codePointAt(cut));
            left--;
            if (this != WHOLE_GROUPS && left % 3 == 0) {
                words.accept(part, rest, cut);
                rest = cut;
            }
        }
        assert cut == stop;
        return rest;
    }
}
