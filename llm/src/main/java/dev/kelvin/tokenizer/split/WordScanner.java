// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

import java.util.Map;

/**
 * The rules that most byte-level models have, as scanners instead of expressions: a pass over the text without going
 * back. Each constant states its rule; L and N are the Unicode categories of letters and numbers, {@code \s} the
 * property White_Space.
 */
abstract sealed class WordScanner implements PreTokenizer {
    private static final String GPT2_RULE =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)";
    private static final String LLAMA3_REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String LLAMA3_WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}";
    private static final String ANY_CASE = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|";

    /** How llama.cpp writes {@link #ANY_CASE}, which then knows no long s. */
    static final String ASCII_CASES = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|";

    /** {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}. */
    static final PreTokenizer GPT2 = new Gpt2();

    private static final Map<String, PreTokenizer> KNOWN = Map.of(
            GPT2_RULE,
            GPT2,
            GPT2_RULE + "|\\s+",
            GPT2,
            ANY_CASE + LLAMA3_WORD + "{1,3}" + LLAMA3_REST,
            new Llama3(Contractions.UNICODE, 3),
            ANY_CASE + LLAMA3_WORD + LLAMA3_REST,
            new Llama3(Contractions.UNICODE, 1),
            ASCII_CASES + LLAMA3_WORD + "{1,3}" + LLAMA3_REST,
            new Llama3(Contractions.ASCII, 3),
            ASCII_CASES + LLAMA3_WORD + LLAMA3_REST,
            new Llama3(Contractions.ASCII, 1));

    /**
     * Which letters {@code 's}, {@code 't}, {@code 're}, {@code 've}, {@code 'm}, {@code 'll} and {@code 'd} may have.
     */
    private enum Contractions {
        /** Small ones. */
        SMALL,
        /** Small and capital ones. */
        ASCII,
        /** What case folding takes for them: the long s too. */
        UNICODE
    }

    /** The scanner for an expression, null if there is none. */
    static PreTokenizer of(String expression) {
        return KNOWN.get(expression);
    }

    /** Where the word ends that begins at {@code i}. */
    abstract int wordEnd(String text, int i, int end);

    @Override
    public void split(Part part, int begin, int end, Words words) {
        String text = part.text();
        int i = begin;
        while (i < end) {
            int stop = wordEnd(text, i, end);
            words.accept(part, i, stop);
            i = stop;
        }
    }

    /** The length of a contraction, else 0. */
    private static int contraction(String text, int index, int end, Contractions which) {
        if (text.charAt(index) != '\'' || index + 1 >= end) {
            return 0;
        }
        int first = folded(text.charAt(index + 1), which);
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return 2;
        }
        if (index + 2 >= end) {
            return 0;
        }
        int second = folded(text.charAt(index + 2), which);
        boolean matches = second == 'l' ? first == 'l' : second == 'e' && (first == 'r' || first == 'v');
        return matches ? 3 : 0;
    }

    private static int folded(char c, Contractions which) {
        if (which == Contractions.SMALL) {
            return c;
        }
        if (which == Contractions.UNICODE && c == '\u017f') {
            return 's';
        }
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    /**
     * {@code \s+(?!\S)|\s+}: all of a run at the end of the text, else all but the last, which goes to what follows.
     */
    private static int spaces(String text, int begin, int end) {
        int stop = Kind.runEnd(text, begin, end, Kind.SPACE);
        return stop == end || stop - begin == 1 ? stop : stop - 1;
    }

    private static boolean isLineBreak(String text, int index, int end) {
        return index < end && (text.charAt(index) == '\n' || text.charAt(index) == '\r');
    }

    private static final class Gpt2 extends WordScanner {
        @Override
        int wordEnd(String text, int i, int end) {
            int length = contraction(text, i, end, Contractions.SMALL);
            if (length > 0) {
                return i + length;
            }
            int from = text.charAt(i) == ' ' ? i + 1 : i;
            int kind = Kind.at(text, from, end);
            return kind == Kind.SPACE || kind == Kind.NONE ? spaces(text, i, end) : Kind.runEnd(text, from, end, kind);
        }
    }

    /** Llama 3's rule and its relatives: {@code \p{N}{1,digits}}. */
    private static final class Llama3 extends WordScanner {
        private final Contractions contractions;
        private final int digits;

        Llama3(Contractions contractions, int digits) {
            this.contractions = contractions;
            this.digits = digits;
        }

        @Override
        int wordEnd(String text, int i, int end) {
            int length = contraction(text, i, end, contractions);
            if (length > 0) {
                return i + length;
            }
            int kind = Kind.at(text, i, end);
            if (kind == Kind.LETTER) {
                return Kind.runEnd(text, i, end, Kind.LETTER);
            }
            int after = i + Character.charCount(text.codePointAt(i));
            if (kind == Kind.NUMBER) {
                int stop = after;
                for (int n = 1; n < digits && Kind.at(text, stop, end) == Kind.NUMBER; n++) {
                    stop += Character.charCount(text.codePointAt(stop));
                }
                return stop;
            }
            if (!isLineBreak(text, i, end) && Kind.at(text, after, end) == Kind.LETTER) {
                return Kind.runEnd(text, after, end, Kind.LETTER);
            }
            int from = text.charAt(i) == ' ' ? after : i;
            if (Kind.at(text, from, end) == Kind.OTHER) {
                int stop = Kind.runEnd(text, from, end, Kind.OTHER);
                while (isLineBreak(text, stop, end)) {
                    stop++;
                }
                return stop;
            }
            int stop = Kind.runEnd(text, i, end, Kind.SPACE);
            for (int last = stop; last > i; last--) {
                if (isLineBreak(text, last - 1, end)) {
                    return last;
                }
            }
            return spaces(text, i, end);
        }
    }
}
