// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The scanners against the regular expressions that they stand for. */
class SplitRuleTest {
    private static final String GPT2 =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** The expressions are applied in turn, each within the parts that the one before has made. */
    private static final Map<SplitRule, List<String>> RULES = Map.of(
            SplitRule.GPT2, List.of(GPT2),
            SplitRule.LLAMA3, List.of(LLAMA3),
            SplitRule.QWEN2, List.of(LLAMA3.replace("{1,3}", "")),
            SplitRule.DIGITS, List.of("\\p{N}", GPT2),
            SplitRule.DEFAULT, List.of("[\\p{P}$+<=>^~|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]"),
            SplitRule.FALCON, List.of("[\\p{P}$+<=>^~|`]+", GPT2, "[0-9][0-9][0-9]"),
            SplitRule.DEEPSEEK_CODER, List.of("[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-\ud7ff]+", "\\p{N}"),
            // Of the letters with case only those of the alphabet below.
            SplitRule.DEEPSEEK_LLM,
                    List.of(
                            "[\\r\\n]",
                            "\\s?[a-zA-Zéßжǅ]+",
                            "\\s?[!-/:-~！-／：-～‘-‟\u3000-。]+",
                            "\\s+$(?!\\s)",
                            "[一-龥ࠀ-一가-\ud7ff]+",
                            "\\p{N}+"),
            SplitRule.TEKKEN,
                    List.of("[^\\r\\n\\p{L}\\p{N}]?((?=[\\p{L}])([^a-z]))*((?=[\\p{L}])([^A-Z]))+"
                            + "|[^\\r\\n\\p{L}\\p{N}]?((?=[\\p{L}])([^a-z]))+((?=[\\p{L}])([^A-Z]))*|\\p{N}"
                            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"));

    /** Characters of every class, those that rules name, and some that are easily mistaken. */
    private static final String[] ALPHABET = {
        "a", "B", "s", "t", "l", "L", "e", "r", "v", "m", "D", "é", "ß", "ж", "字", "ا", "\u02b0", "ǅ", "𝒜", "1", "2",
        "7", "½", "Ⅷ", "٣", "'", "'", "'s", "'ll", "'VE", " ", " ", " ", "  ", "\t", "\n", "\n", "\r", "\r\n", "\u00a0",
        "\u0085", "\u2003", "\u2028", "\u3000", "\u200b", "\u180e", "\u001c", "\ufeff", ".", ",", "!", "\"", "(", "-",
        "_", "$", "+", "<", "~", "|", "`", "€", "🙂", "😶‍🌫️", "\u0301", "\ufffd", "\u0000", "\u0378",
    };

    @Test
    void everyScannerAgreesWithItsExpressions() {
        Random random = new Random(20260);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder builder = new StringBuilder();
            for (int n = random.nextInt(14); n > 0; n--) {
                builder.append(ALPHABET[random.nextInt(ALPHABET.length)]);
            }
            String text = builder.toString();
            RULES.forEach((preTokenizer, rules) -> assertEquals(
                    expected(text, rules), split(preTokenizer, text), () -> preTokenizer + " on \"" + text + "\""));
        }
    }

    private static List<String> split(SplitRule preTokenizer, String text) {
        List<String> words = new ArrayList<>();
        preTokenizer.split(
                new Part(text, true), 0, text.length(), (part, begin, end) -> words.add(text.substring(begin, end)));
        return words;
    }

    private static List<String> expected(String text, List<String> rules) {
        List<String> parts = text.isEmpty() ? List.of() : List.of(text);
        for (String rule : rules) {
            // The flag would make \p{P} another set; only \s needs it.
            Pattern pattern = Pattern.compile(rule.replace("[^\\s", "[^\\p{IsWhite_Space}")
                    .replace("\\S", "\\P{IsWhite_Space}")
                    .replace("\\s", "\\p{IsWhite_Space}"));
            List<String> finer = new ArrayList<>();
            for (String part : parts) {
                Matcher matcher = pattern.matcher(part);
                int rest = 0;
                while (matcher.find()) {
                    if (matcher.start() > rest) {
                        finer.add(part.substring(rest, matcher.start()));
                    }
                    finer.add(matcher.group());
                    rest = matcher.end();
                }
                if (rest < part.length()) {
                    finer.add(part.substring(rest));
                }
            }
            parts = finer;
        }
        return parts;
    }

    @Test
    void everyRuleIsFoundByItsName() {
        for (SplitRule each : SplitRule.values()) {
            assertEquals(each, SplitRule.named(each.ggufName()).orElseThrow());
        }
        assertEquals(SplitRule.LLAMA3, SplitRule.named("llama-v3").orElseThrow());
        assertTrue(SplitRule.named("GPT2").isEmpty());
    }
}
