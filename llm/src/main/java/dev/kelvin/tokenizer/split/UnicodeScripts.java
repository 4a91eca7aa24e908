// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

import java.lang.Character.UnicodeScript;

/**
 * A word ends where the script changes. Hiragana, Katakana and the mark of long vowels count as Han; a space and what
 * is unassigned as any script, but belong to no word at the beginning of a text.
 */
public record UnicodeScripts() implements PreTokenizer {
    private static final int LONG_VOWEL = 0x30FC;

    @Override
    public void split(Part part, int begin, int end, Words words) {
        String text = part.text();
        UnicodeScript last = null;
        int from = begin;
        for (int i = begin; i < end; ) {
            int point = text.codePointAt(i);
            UnicodeScript script = script(point);
            if (script != null && script != last) {
                if (last != null) {
                    words.accept(part, from, i);
                }
                from = i;
                last = script;
            }
            i += Character.charCount(point);
        }
        if (last != null) {
            words.accept(part, from, end);
        }
    }

    /** The script of a character, null for any. */
    private static UnicodeScript script(int point) {
        if (point == ' ') {
            return null;
        }
        UnicodeScript script = point == LONG_VOWEL ? UnicodeScript.HAN : UnicodeScript.of(point);
        return switch (script) {
            case HIRAGANA, KATAKANA -> UnicodeScript.HAN;
            case UNKNOWN -> null;
            default -> script;
        };
    }
}
