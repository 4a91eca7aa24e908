// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.normalizer;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@link CharsMap} applied as Hugging Face's tokenizers do: a grapheme of less than six bytes is replaced as a whole
 * if a beginning of it has a replacement; else each of its characters is looked up.
 */
public final class Precompiled implements Normalizer {
    private static final Pattern GRAPHEME = Pattern.compile("\\X");
    private static final int SHORT = 6;

    private final CharsMap map;
    private final String[] ascii = new String[128];

    /** A normalizer of this table. */
    public Precompiled(CharsMap map) {
        this.map = map;
        for (int c = 0; c < ascii.length; c++) {
            String text = Character.toString(c);
            String replacement = map.ofShortest(text);
            ascii[c] = replacement == null ? text : replacement;
        }
    }

    @Override
    public String normalize(String text) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        Matcher matcher = GRAPHEME.matcher(text);
        for (int i = 0; i < text.length(); ) {
            if (isAlone(text, i)) {
                out.append(ascii[text.charAt(i++)]);
                continue;
            }
            matcher.region(i, text.length());
            int end = matcher.lookingAt() ? matcher.end() : i + Character.charCount(text.codePointAt(i));
            grapheme(text.substring(i, end), out);
            i = end;
        }
        return out.toString();
    }

    /** An ASCII character is a grapheme if another follows, but for a carriage return. */
    private static boolean isAlone(String text, int i) {
        return text.charAt(i) < 128 && text.charAt(i) != '\r' && (i + 1 == text.length() || text.charAt(i + 1) < 128);
    }

    private void grapheme(String grapheme, StringBuilder out) {
        if (grapheme.getBytes(StandardCharsets.UTF_8).length < SHORT) {
            String whole = map.ofShortest(grapheme);
            if (whole != null) {
                out.append(whole);
                return;
            }
        }
        grapheme.codePoints().forEach(point -> {
            String replacement = map.ofShortest(Character.toString(point));
            if (replacement == null) {
                out.appendCodePoint(point);
            } else {
                out.append(replacement);
            }
        });
    }
}
