// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

import dev.kelvin.tokenizer.pattern.TextPattern;

/** Cuts at the matches of a pattern, or, inverted, at what lies between them. */
public final class PatternSplit implements PreTokenizer {
    /** Single characters of white space are left out. */
    public static final PreTokenizer WHITESPACE = of(TextPattern.of("\\s"), Behavior.REMOVED, false);

    /** Words and runs of other visible characters; which are words is as in Rust's expressions. */
    public static final PreTokenizer WORDS_AND_SYMBOLS =
            of(TextPattern.of("\\p{RustWord}+|[^\\p{RustWord}\\s]+"), Behavior.REMOVED, true);

    private static final TextPattern PUNCTUATION = TextPattern.of("[\\p{P}!-/:-@\\[-`{-~]");
    private static final TextPattern NUMBER = TextPattern.of("\\p{N}");

    private final TextPattern pattern;
    private final Behavior behavior;
    private final boolean inverted;

    private PatternSplit(TextPattern pattern, Behavior behavior, boolean inverted) {
        this.pattern = pattern;
        this.behavior = behavior;
        this.inverted = inverted;
    }

    private static PreTokenizer of(TextPattern pattern, Behavior behavior, boolean inverted) {
        return new PatternSplit(pattern, behavior, inverted);
    }

    /** A split by a text. */
    public static PreTokenizer ofText(String text, Behavior behavior, boolean inverted) {
        return of(TextPattern.ofLiteral(text), behavior, inverted);
    }

    /**
     * A split by an expression; where it is one of those that many models have, by a scanner for it.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    public static PreTokenizer of(String expression, Behavior behavior, boolean inverted) {
        // They match everything, so that nothing lies between.
        boolean everyMatch = (behavior == Behavior.ISOLATED && !inverted) || (behavior == Behavior.REMOVED && inverted);
        PreTokenizer scanner = everyMatch ? WordScanner.of(expression) : null;
        return scanner != null ? scanner : of(TextPattern.of(expression), behavior, inverted);
    }

    /** Characters of punctuation, those of ASCII that Unicode counts as symbols included. */
    public static PreTokenizer punctuation(Behavior behavior) {
        return of(PUNCTUATION, behavior, false);
    }

    /** Numbers: each character by itself, or runs. */
    public static PreTokenizer digits(boolean individual) {
        return of(NUMBER, individual ? Behavior.ISOLATED : Behavior.CONTIGUOUS, false);
    }

    @Override
    public void split(Part part, int begin, int end, Words words) {
        Cutter cutter = new Cutter(part, words);
        TextPattern.Finder finder = pattern.find(part.text(), begin, end);
        int rest = begin;
        while (finder.next()) {
            if (rest < finder.begin()) {
                cutter.take(rest, finder.begin(), inverted);
            }
            cutter.take(finder.begin(), finder.end(), !inverted);
            rest = finder.end();
        }
        if (rest < end) {
            cutter.take(rest, end, inverted);
        }
        cutter.finish();
    }

    /** Joins matches to their neighbours; holds back one range, which may still grow. */
    private final class Cutter {
        private final Part part;
        private final Words words;
        private int heldBegin;
        private int heldEnd = -1;
        private boolean heldIsMatch;

        Cutter(Part part, Words words) {
            this.part = part;
            this.words = words;
        }

        void take(int begin, int end, boolean match) {
            boolean joins = heldEnd >= 0
                    && switch (behavior) {
                        case REMOVED, ISOLATED -> false;
                        case CONTIGUOUS -> match == heldIsMatch;
                        case MERGED_WITH_PREVIOUS -> match && !heldIsMatch;
                        case MERGED_WITH_NEXT -> !match && heldIsMatch;
                    };
            if (joins) {
                heldEnd = end;
                // What ends a word, or begins one, does so once.
                heldIsMatch = match;
                return;
            }
            finish();
            if (behavior == Behavior.REMOVED && match) {
                heldEnd = -1;
                return;
            }
            heldBegin = begin;
            heldEnd = end;
            heldIsMatch = match;
        }

        void finish() {
            if (heldEnd > heldBegin) {
                words.accept(part, heldBegin, heldEnd);
            }
            heldEnd = -1;
        }
    }
}
