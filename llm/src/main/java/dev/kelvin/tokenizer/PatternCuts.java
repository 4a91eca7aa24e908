// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text by regular expressions, each within the parts that the one before it has made: what matches is a part,
 * and so is what lies between. For rules that few models have; the common ones are scanners in {@link PreTokenizer}.
 */
final class PatternCuts {
    /** Runs of Chinese, Korean and whatever else stands between U+0800 and U+9FA5. */
    static final String EAST_ASIAN = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+";

    private final List<Pattern> patterns;

    /** {@code \s} and {@code \S} mean the Unicode property White_Space; that alone, no other class changes. */
    PatternCuts(String... rules) {
        patterns = Arrays.stream(rules)
                .map(rule -> rule.replace("\\s", "\\p{IsWhite_Space}").replace("\\S", "\\P{IsWhite_Space}"))
                .map(Pattern::compile)
                .toList();
    }

    void split(String text, int begin, int end, PreTokenizer.Words words) {
        split(0, text, begin, end, words);
    }

    private void split(int rule, String text, int begin, int end, PreTokenizer.Words words) {
        if (begin == end) {
            return;
        }
        if (rule == patterns.size()) {
            words.accept(begin, end);
            return;
        }
        Matcher matcher = patterns.get(rule).matcher(text).region(begin, end);
        int rest = begin;
        while (matcher.find()) {
            split(rule + 1, text, rest, matcher.start(), words);
            split(rule + 1, text, matcher.start(), matcher.end(), words);
            rest = matcher.end();
        }
        split(rule + 1, text, rest, end, words);
    }
}
