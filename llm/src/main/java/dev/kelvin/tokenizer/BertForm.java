// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.normalizer.BertNormalizer;
import dev.kelvin.tokenizer.pattern.UnicodeClass;
import dev.kelvin.tokenizer.split.Part;
import dev.kelvin.tokenizer.split.PreTokenizer;
import dev.kelvin.tokenizer.split.Words;
import java.text.Normalizer;

/**
 * How llama.cpp changes and cuts a text for WordPiece, which is not quite as Hugging Face does: of a composed character
 * only the first of its parts stays (of a Hangul syllable too), and all marks go.
 *
 * <p>Source: {@code llm_tokenizer_wpm_session::preprocess}.
 *
 * @param lowercases whether letters become small
 * @param stripsAccents whether accents go
 */
public record BertForm(boolean lowercases, boolean stripsAccents) implements PreTokenizer {
    @Override
    public void split(Part part, int begin, int end, Words words) {
        StringBuilder word = new StringBuilder();
        String text = part.text();
        for (int i = begin; i < end; ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            if (stripsAccents) {
                point = base(point);
            }
            if (UnicodeClass.isSpace(point)) {
                flush(word, words);
                continue;
            }
            if (isDropped(point)) {
                continue;
            }
            boolean alone = isAlone(point);
            if (alone) {
                flush(word, words);
            }
            word.appendCodePoint(lowercases ? Character.toLowerCase(point) : point);
            if (alone) {
                flush(word, words);
            }
        }
        flush(word, words);
    }

    private static void flush(StringBuilder word, Words words) {
        if (!word.isEmpty()) {
            words.accept(new Part(word.toString(), false), 0, word.length());
            word.setLength(0);
        }
    }

    private static int base(int point) {
        if (point < 0x80) {
            return point;
        }
        String text = Character.toString(point);
        return Normalizer.normalize(text, Normalizer.Form.NFD).codePointAt(0);
    }

    private boolean isDropped(int point) {
        if (point == 0 || point == 0xFFFD) {
            return true;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
                stripsAccents;
            default -> false;
        };
    }

    private static boolean isAlone(int point) {
        return UnicodeClass.isPunctuation(point)
                || (point < 0x7F && "$+<=>^`|~".indexOf(point) >= 0)
                || BertNormalizer.isIdeograph(point);
    }
}
