// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Text that went through a template, with what of it spells control tokens and is not the template's own. On the way
 * in, such spellings are put between two characters that no text has; most texts have none, and templates see them as
 * they are.
 *
 * @param text without those characters
 * @param literal the chars that stood between them
 */
record LiteralText(String text, BitSet literal) {
    /** Noncharacters of Unicode, which are for such use inside of a program. */
    private static final char BEGIN = '\ufdd0';

    private static final char END = '\ufdd1';

    /** A value for a template, in all of whose texts control tokens are marked. */
    static Object marked(Object value, Tokenizer tokenizer) {
        return switch (value) {
            case String text -> marked(text, tokenizer);
            case Map<?, ?> map -> {
                Map<Object, Object> marked = new LinkedHashMap<>();
                map.forEach((key, each) -> marked.put(marked(key, tokenizer), marked(each, tokenizer)));
                yield marked;
            }
            case List<?> list -> {
                List<Object> marked = new ArrayList<>(list.size());
                list.forEach(each -> marked.add(marked(each, tokenizer)));
                yield marked;
            }
            case null, default -> value;
        };
    }

    private static String marked(String text, Tokenizer tokenizer) {
        String sound = text.replace(BEGIN, '\ufffd').replace(END, '\ufffd');
        BitSet control = tokenizer.controlChars(sound);
        if (control.isEmpty()) {
            return sound;
        }
        StringBuilder marked = new StringBuilder();
        int at = 0;
        while (at < sound.length()) {
            int begin = control.nextSetBit(at);
            if (begin < 0) {
                break;
            }
            int end = control.nextClearBit(begin);
            marked.append(sound, at, begin)
                    .append(BEGIN)
                    .append(sound, begin, end)
                    .append(END);
            at = end;
        }
        return marked.append(sound, at, sound.length()).toString();
    }

    /** Reads what a template made of marked texts. */
    static LiteralText of(String rendered) {
        StringBuilder text = new StringBuilder(rendered.length());
        BitSet literal = new BitSet();
        boolean inside = false;
        for (int i = 0; i < rendered.length(); i++) {
            char c = rendered.charAt(i);
            if (c == BEGIN || c == END) {
                inside = c == BEGIN;
            } else {
                literal.set(text.length(), inside);
                text.append(c);
            }
        }
        return new LiteralText(text.toString(), literal);
    }
}
