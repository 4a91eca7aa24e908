// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextPatternTest {
    private static List<String> all(String expression, String text) {
        List<String> found = new ArrayList<>();
        TextPattern.Finder finder = TextPattern.of(expression).find(text, 0, text.length());
        while (finder.next()) {
            found.add(finder.begin() + ":" + text.substring(finder.begin(), finder.end()));
        }
        return found;
    }

    /**
     * The JDK's own matcher, where the syntax means the same there; its matches within a surrogate pair do not count.
     */
    private static List<String> byJdk(String expression, String text) {
        List<String> found = new ArrayList<>();
        Matcher matcher =
                Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS).matcher(text);
        int last = -1;
        while (matcher.find()) {
            boolean inPair = matcher.start() > 0
                    && matcher.start() < text.length()
                    && Character.isSurrogatePair(text.charAt(matcher.start() - 1), text.charAt(matcher.start()));
            if (!inPair && (matcher.end() > matcher.start() || matcher.start() != last)) {
                found.add(matcher.start() + ":" + matcher.group());
            }
            last = matcher.end();
        }
        return found;
    }

    private static String text(Random random) {
        String[] alphabet = {
            "a", "B", "s", "S", "é", "ß", "字", "𝒜", "𝟙", "1", "2", "'", "'s", " ", " ", "\n", "\r\n", "\t", ".", "!",
            "\u0301", "\u00a0", "🙂", "_", "-"
        };
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(24); n > 0; n--) {
            text.append(alphabet[random.nextInt(alphabet.length)]);
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\p{L}+",
                "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[\\p{Lu}\\p{M}]*[\\p{Ll}\\p{Lo}]+|[\\p{Lu}\\p{Lo}]+[\\p{Ll}]*",
                "(?:a|as|ass)+?s",
                "(?:a|as)*+s",
                "(?>a|as)s",
                "(?<=[a-z])[^a-z]+|(?<!\\s)\\.",
                "(?<=a|é)s",
                "\\b\\w+\\b",
                "\\B[^🙂]",
                "(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+",
                "(?:a*)*s?",
                "(?:|a)+B",
                "a{2}|B{1,2}|s{2,}?|\\d{0,1}",
                "(?=(\\d{2})+(?!\\d))",
                "[a-z&&[^s]]+",
                "[^\\p{L}&&[^\\s]]",
                "(?i:S|É)+",
                "a??B|1??2",
                "[\\p{L}&&[^a-z]]*[\\p{L}&&[^A-Z]]+",
            })
    void findsWhatTheJdkFinds(String expression) {
        Random random = new Random(expression.hashCode());
        for (int round = 0; round < 300; round++) {
            String text = text(random);
            assertEquals(byJdk(expression, text), all(expression, text), () -> expression + " in \"" + text + "\"");
        }
    }

    @Test
    void readsOnigurumasOwnSyntax() {
        assertEquals(List.of("0:1f", "3:A"), all("\\h+", "1fgA"));
        assertEquals(List.of("0:字"), all("\\p{Han}", "字あ"));
        assertEquals(List.of("1:あ"), all("\\p{^Han}", "字あ"));
        assertEquals(List.of("1:あ"), all("\\P{han}", "字あ"));
        assertEquals(List.of("0:'ſ"), all("(?i:'s)", "'ſ"));
        assertEquals(List.of("1:b", "3:c"), all("(?<=a)b|c", "ab-c"));
        assertEquals(List.of("0:a{", "2:b{1"), all("a{|b\\{1", "a{b{1"));
        assertEquals(List.of("0:aa"), all("a{,2}a", "aa"));
        assertEquals(List.of("0:x", "1:]"), all("[]x]", "x]"));
        assertEquals(List.of("0:-", "1:9"), all("[\\d-]", "-9a"));
        assertEquals(List.of("0:A", "1:é"), all("\\x41|\\u00e9|\\x{1F642}", "Aé"));
        assertEquals(List.of("0:🙂"), all("\\x41|\\u00e9|\\x{1F642}", "🙂"));
        assertEquals(List.of("1:bC"), all("(?i)bc|zz", "-bC"));
        assertEquals(List.of("0:ab", "2:ZZ"), all("(?i)ab|zz", "abZZ"));
        assertEquals(List.of("0:a", "2:b"), all("^[ab]", "a\nb"), "lines begin everywhere");
        assertEquals(List.of("0:ab"), all("(?x) a b # and no more", "ab"));
        assertEquals(List.of("0:\r\n", "2:\n"), all("\\R", "\r\n\n"));
        assertEquals(List.of("0:a.b"), all("(?m:a.b)", "a.b"));
        assertEquals(List.of("0:_", "1:5"), all("[[:punct:][:digit:]]", "_5a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"(", ")", "[a", "a**b(", "(?<=a+)b", "(a)\\1", "\\p{Nothing}", "[b-a]", "a{3,2}", "+", "\\"})
    void refusesWhatIsMalformed(String expression) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> TextPattern.of(expression));
        assertTrue(e.getMessage().startsWith("pattern: "), e.getMessage());
    }

    @Test
    void noTextOverflowsTheStack() {
        String letters = "a𝒜".repeat(1 << 20);
        assertEquals(1, all("(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+", letters).size());
        assertEquals(1, all("(?:a|𝒜)+", letters).size());
        assertEquals(1, all("\\s+(?!\\S)|\\s+", " ".repeat(1 << 20)).size());
    }

    /** Cut anywhere, a pattern is another one or malformed, and says so. */
    @Test
    void cutPatternsAreRefusedByName() {
        String whole = "(?i:'s|\\p{^Lu}\\x{41}+)[^\\r\\d&&[:alpha:][a-\\w\\x41]-\\]]{1,3}(?<!x)(?<n>y)\\Q.\\E\\b$(?#c)";
        for (int end = 0; end <= whole.length(); end++) {
            String cut = whole.substring(0, end);
            try {
                TextPattern.of(cut);
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().startsWith("pattern: "), cut + ": " + e.getMessage());
            }
        }
        for (String ends : new String[] {"\\", "[\\", "[a-\\", "(\\", "[[\\"}) {
            assertThrows(IllegalArgumentException.class, () -> TextPattern.of(ends), ends);
        }
    }
}
