// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.normalizer;

import java.nio.charset.StandardCharsets;
import java.util.function.ToIntBiFunction;

/**
 * What SentencePiece does to a text: the longest beginning that the table has is replaced, runs of spaces become one,
 * spaces U+2581, and one stands in front.
 *
 * <p>Source: llama.cpp, {@code llm_tokenizer_ugm_session::normalize}.
 */
public final class SentencePieceNormalizer implements Normalizer {
    private static final char SPACE = '\u2581';

    private final CharsMap map;
    private final boolean addsSpacePrefix;
    private final boolean mergesSpaces;
    private final ToIntBiFunction<String, Integer> userDefined;

    /**
     * A normalizer.
     *
     * @param map the replacements; null for none
     * @param addsSpacePrefix whether a text gets a space in front
     * @param mergesSpaces whether spaces at the ends go and others become one
     * @param userDefined the chars of the user-defined token that stands in a text at an index; 0 for none
     */
    public SentencePieceNormalizer(
            CharsMap map, boolean addsSpacePrefix, boolean mergesSpaces, ToIntBiFunction<String, Integer> userDefined) {
        this.map = map;
        this.addsSpacePrefix = addsSpacePrefix;
        this.mergesSpaces = mergesSpaces;
        this.userDefined = userDefined;
    }

    @Override
    public String normalize(String text) {
        Writer writer = new Writer(text.length());
        byte[] bytes = map == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        int at = 0;
        for (int i = 0; i < text.length(); ) {
            int kept = userDefined.applyAsInt(text, i);
            int replaced = kept > 0 || map == null ? 0 : map.longestAt(bytes, at);
            if (replaced > 0) {
                writer.append(map.longestTextAt(bytes, at));
                at += replaced;
                i += new String(bytes, at - replaced, replaced, StandardCharsets.UTF_8).length();
                continue;
            }
            int end = i + (kept > 0 ? kept : Character.charCount(text.codePointAt(i)));
            String same = text.substring(i, end);
            writer.append(same);
            at += same.getBytes(StandardCharsets.UTF_8).length;
            i = end;
        }
        return writer.out.toString();
    }

    /** The text so far, with the spaces put right. */
    private final class Writer {
        private final StringBuilder out;
        private boolean begun;
        private boolean inWord;

        Writer(int room) {
            out = new StringBuilder(room + 8);
        }

        void append(String text) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c == ' ') {
                    inWord = false;
                    if (!mergesSpaces) {
                        out.append(SPACE);
                    }
                    continue;
                }
                if (!inWord) {
                    inWord = true;
                    if ((addsSpacePrefix && !begun) || mergesSpaces) {
                        out.append(SPACE);
                        begun = true;
                    }
                }
                out.append(c);
            }
        }
    }
}
