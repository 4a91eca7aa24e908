// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values from the documentation and the tests of Hugging Face's tokenizers. */
class PatternSplitTest {
    private static List<String> split(PreTokenizer preTokenizer, String text) {
        List<String> words = new ArrayList<>();
        preTokenizer.split(
                new Part(text, true),
                0,
                text.length(),
                (part, begin, end) -> words.add(part.text().substring(begin, end)));
        return words;
    }

    private static List<String> countdown(Behavior behavior, boolean inverted) {
        return split(PatternSplit.ofText("-", behavior, inverted), "the-final--countdown");
    }

    @Test
    void whatBecomesOfMatches() {
        assertEquals(List.of("the", "final", "countdown"), countdown(Behavior.REMOVED, false));
        assertEquals(List.of("the", "-", "final", "-", "-", "countdown"), countdown(Behavior.ISOLATED, false));
        assertEquals(List.of("the-", "final-", "-", "countdown"), countdown(Behavior.MERGED_WITH_PREVIOUS, false));
        assertEquals(List.of("the", "-final", "-", "-countdown"), countdown(Behavior.MERGED_WITH_NEXT, false));
        assertEquals(List.of("the", "-", "final", "--", "countdown"), countdown(Behavior.CONTIGUOUS, false));
        assertEquals(List.of("-", "-", "-"), countdown(Behavior.REMOVED, true));
    }

    @Test
    void wordsNumbersAndScripts() {
        assertEquals(List.of("Hey", "man", "!"), split(PatternSplit.WORDS_AND_SYMBOLS, "Hey  man!"));
        assertEquals(List.of("Hey", "friend!"), split(PatternSplit.WHITESPACE, "Hey friend!"));
        assertEquals(List.of("a", "12", "b"), split(PatternSplit.digits(false), "a12b"));
        assertEquals(List.of("a", "1", "2", "b"), split(PatternSplit.digits(true), "a12b"));
        assertEquals(List.of("どこで生れ", "。", "Yes"), split(new UnicodeScripts(), "どこで生れ。Yes"));
        assertEquals(List.of("Apples are ", "りんご 林檎"), split(new UnicodeScripts(), "Apples are りんご 林檎"));
        assertEquals(List.of("abc", "d🙂e", "f"), split(new FixedLength(3), "abcd🙂ef"));
    }

    @Test
    void numbersFromTheirEnd() {
        assertEquals(List.of("a ", "1", "234", "567"), split(DigitGroups.AT_WORD_END, "a 1234567"));
        assertEquals(List.of("1234567a"), split(DigitGroups.AT_WORD_END, "1234567a"));
        assertEquals(List.of("12", "345"), split(DigitGroups.WHOLE_GROUPS, "12345"));
        assertEquals(List.of("ab1", "234"), split(DigitGroups.WITH_TEXT_BEFORE, "ab1234"));
    }

    @Test
    void metaspacePrependsWhereItIsTold() {
        Metaspace first = new Metaspace('\u2581', Metaspace.Prepend.FIRST, true);
        assertEquals(List.of("\u2581Hey", "\u2581man"), split(first, "Hey man"));
        List<String> words = new ArrayList<>();
        first.split(
                new Part("a b", false),
                0,
                3,
                (part, begin, end) -> words.add(part.text().substring(begin, end)));
        assertEquals(List.of("a", "\u2581b"), words);
        assertEquals(
                List.of("Hey\u2581man"), split(new Metaspace('\u2581', Metaspace.Prepend.NEVER, false), "Hey man"));
    }
}
