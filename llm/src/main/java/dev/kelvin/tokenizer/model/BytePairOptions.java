// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

/**
 * How a byte-pair model spells words.
 *
 * @param byteLevel whether words are bytes; else they are characters, and what follows counts
 * @param byteFallback whether characters without a token are spelled in {@link ByteTokens}
 * @param unknownId the token of what has no other; −1 for none
 * @param fusesUnknown whether neighbouring unknown characters are one token
 * @param continuingPrefix stands in front of each character of a word but the first; may be empty
 * @param endSuffix stands behind the last character of a word; may be empty
 * @param takes which words that are tokens are taken whole, whatever the merges say
 */
public record BytePairOptions(
        boolean byteLevel,
        boolean byteFallback,
        int unknownId,
        boolean fusesUnknown,
        String continuingPrefix,
        String endSuffix,
        WholeWords takes) {
    /** Which words are looked up before they are merged. */
    public enum WholeWords {
        /** None. */
        NONE,
        /** Runs of line feeds. */
        LINE_FEEDS,
        /** All. */
        ALL
    }

    /** Bytes, and nothing else. */
    public static BytePairOptions ofBytes(boolean takesWholeWords) {
        return new BytePairOptions(true, false, -1, false, "", "", takesWholeWords ? WholeWords.ALL : WholeWords.NONE);
    }
}
