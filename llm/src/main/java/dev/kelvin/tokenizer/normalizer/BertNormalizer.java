// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.normalizer;

import dev.kelvin.tokenizer.pattern.UnicodeClass;
import java.util.ArrayList;
import java.util.List;

/**
 * What BERT does to a text before it is cut.
 *
 * @param cleansText whether control characters and U+FFFD go, and white space becomes a space
 * @param spacesIdeographs whether ideographs get spaces around them
 * @param stripsAccents whether marks without width go
 * @param lowercases whether letters become small
 */
public record BertNormalizer(boolean cleansText, boolean spacesIdeographs, boolean stripsAccents, boolean lowercases)
        implements Normalizer {
    @Override
    public String normalize(String text) {
        List<Normalizer> steps = new ArrayList<>();
        if (cleansText) {
            steps.add(BertNormalizer::clean);
        }
        if (spacesIdeographs) {
            steps.add(BertNormalizer::spaced);
        }
        if (stripsAccents) {
            steps.add(CharacterRules.form(java.text.Normalizer.Form.NFD));
            steps.add(CharacterRules.without(point -> Character.getType(point) == Character.NON_SPACING_MARK));
        }
        if (lowercases) {
            steps.add(CharacterRules.lowercase());
        }
        return Normalizer.sequence(steps).normalize(text);
    }

    private static String clean(String text) {
        return CharacterRules.apply(text, (point, out) -> {
            if (UnicodeClass.isSpace(point) && !isControl(point)) {
                out.append(' ');
            } else if (point != 0 && point != 0xFFFD && !isControl(point)) {
                out.appendCodePoint(point);
            }
        });
    }

    private static boolean isControl(int point) {
        if (point == '\t' || point == '\n' || point == '\r') {
            return false;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE -> true;
            default -> false;
        };
    }

    private static String spaced(String text) {
        return CharacterRules.apply(text, (point, out) -> {
            if (isIdeograph(point)) {
                out.append(' ').appendCodePoint(point).append(' ');
            } else {
                out.appendCodePoint(point);
            }
        });
    }

    /** The blocks that BERT takes for Chinese; one begins at 0x2B920, as in Hugging Face's tokenizers. */
    public static boolean isIdeograph(int point) {
        return (point >= 0x4E00 && point <= 0x9FFF)
                || (point >= 0x3400 && point <= 0x4DBF)
                || (point >= 0x20000 && point <= 0x2A6DF)
                || (point >= 0x2A700 && point <= 0x2B73F)
                || (point >= 0x2B740 && point <= 0x2B81F)
                || (point >= 0x2B920 && point <= 0x2CEAF)
                || (point >= 0xF900 && point <= 0xFAFF)
                || (point >= 0x2F800 && point <= 0x2FA1F);
    }
}
