// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.normalizer;

import dev.kelvin.tokenizer.pattern.TextPattern;
import java.util.Objects;

/** Puts a text in place of everything that matches. */
public final class Replace implements Normalizer {
    private final TextPattern pattern;
    private final String literal;
    private final String content;

    private Replace(TextPattern pattern, String literal, String content) {
        this.pattern = pattern;
        this.literal = literal;
        this.content = Objects.requireNonNull(content);
    }

    /** In place of what an expression matches; {@code content} is no template. */
    public static Replace ofPattern(String expression, String content) {
        return new Replace(TextPattern.of(expression), null, content);
    }

    /** In place of a text. */
    public static Replace ofText(String text, String content) {
        return text.isEmpty()
                ? new Replace(TextPattern.ofLiteral(text), null, content)
                : new Replace(null, text, content);
    }

    @Override
    public String normalize(String text) {
        if (literal != null) {
            return text.replace(literal, content);
        }
        TextPattern.Finder finder = pattern.find(text, 0, text.length());
        StringBuilder out = null;
        int rest = 0;
        while (finder.next()) {
            if (out == null) {
                out = new StringBuilder(text.length());
            }
            out.append(text, rest, finder.begin()).append(content);
            rest = finder.end();
        }
        return out == null ? text : out.append(text, rest, text.length()).toString();
    }
}
