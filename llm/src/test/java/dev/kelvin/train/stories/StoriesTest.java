// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train.stories;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StoriesTest {
    private static final Stories STORIES = new Stories();
    private static final int MANY = 16_000;
    private static final List<String> TEXTS = new ArrayList<>();

    static {
        for (int number = 0; number < MANY; number++) {
            TEXTS.add(STORIES.story(1, number));
        }
    }

    private static void none(String pattern, String what) {
        Pattern compiled = Pattern.compile(pattern);
        for (int number = 0; number < MANY; number++) {
            String text = TEXTS.get(number);
            Matcher matcher = compiled.matcher(text);
            if (matcher.find()) {
                int begin = Math.max(0, matcher.start() - 60);
                int end = Math.min(text.length(), matcher.end() + 60);
                throw new AssertionError(what + " in story " + number + " of seed 1: ..." + text.substring(begin, end));
            }
        }
    }

    @Test
    void theFirstStoriesAreAlwaysTheSame() throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int number = 0; number < 1000; number++) {
            digest.update(TEXTS.get(number).getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(
                "3275603ab51125ed9fedf9d23afbff458e868e29589aceafb3bd645e14f4f5e2",
                HexFormat.of().formatHex(digest.digest()),
                "the stories have changed: the embedded model must be trained anew, and its card changed");
    }

    @Test
    void aStoryDependsOnNothingButSeedAndNumber() {
        assertEquals(TEXTS.get(77), new Stories().story(1, 77));
        assertNotEquals(TEXTS.get(77), STORIES.story(2, 77));
        assertNotEquals(TEXTS.get(77), TEXTS.get(78));
        assertEquals(MANY, new HashSet<>(TEXTS).size(), "no story comes twice");
    }

    @Test
    void nothingOfTheGrammarIsLeftOver() {
        none("[^ -~\\n]", "a character outside ASCII");
        none("[{}()|*<>_=/#\\[\\]\\\\]", "a sign of the grammar");
        none("  | \\n|\\n |\\n\\n\\n| [.,!?]|[.,!?][.,]|,\\w", "wrong spacing");
        none("\\b(\\w+) \\1\\b(?<!that that|had had)", "a word twice");
    }

    @Test
    void sentencesBeginWithACapitalAndEnd() {
        none("[.] [a-z]", "a small letter after a full stop");
        none("(?m)^[^A-Z\"\n]", "a paragraph that begins small");
        none("(?m)[^.!?\"\n]$", "a paragraph without an end");
        none(
                "[a-z] (?!I\\b|Monday|Tuesday|Wednesday|Thursday|Friday|Sunday|Sundays)The\\b",
                "a capital in mid-sentence");
        for (String text : TEXTS) {
            for (String paragraph : text.split("\n\n", -1)) {
                assertEquals(0, paragraph.chars().filter(c -> c == '"').count() % 2, () -> "quotes: " + paragraph);
            }
        }
    }

    @Test
    void articlesFitTheNextWord() {
        none("\\b[Aa] (?!one|uni[^n]|use|eu|ukulele)[AEIOUaeiou]", "a before a vowel");
        none("\\b[Aa]n (?!hour|honest)[^AEIOUaeiou]", "an before a consonant");
        none("\\b[Aa]n (one|uni[^n]|use|eu|ukulele)", "an before a consonant");
    }

    /** 1.6 tokens a word: the context of 512 holds the longest, and a prompt. */
    @Test
    void everyStoryFitsTheContextOfTheModel() {
        for (int number = 0; number < MANY; number++) {
            int words = TEXTS.get(number).split("\\s+", -1).length;
            int story = number;
            assertTrue(words >= 70 && words <= 270, () -> words + " words in story " + story + " of seed 1");
        }
    }

    @Test
    void everyWordOfEveryListIsTold() {
        String all = String.join("\n", TEXTS);
        Set<String> missing = new TreeSet<>();
        for (Lexicon.WordList list : STORIES.lexicon().all()) {
            for (Lexicon.Entry entry : list.entries()) {
                String text = entry.text();
                boolean told = all.contains(text)
                        || all.contains(capital(text))
                        || all.contains(English.past(text))
                        || all.contains(English.ing(text));
                if (!told) {
                    missing.add(list.name() + ": " + text);
                }
            }
        }
        assertEquals(Set.of(), missing);
    }

    private static String capital(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    @Test
    void theVocabularyIsRichAndTheBeginningsVary() {
        Set<String> words = new HashSet<>();
        int onceUponATime = 0;
        for (String text : TEXTS) {
            for (String word : text.toLowerCase(Locale.ROOT).split("[^a-z'-]+", -1)) {
                words.add(word);
            }
            onceUponATime += text.startsWith("Once upon a time, ") ? 1 : 0;
        }
        assertTrue(words.size() >= 3300, () -> words.size() + " distinct words");
        double share = onceUponATime / (double) MANY;
        assertTrue(share > 0.55 && share < 0.75, () -> "share of Once upon a time: " + share);
    }

    @Test
    void twelveWordsInARowSeldomComeAgain() {
        Set<String> first = new HashSet<>();
        int again = 0;
        int all = 0;
        for (int number = 0; number < 8000; number++) {
            String[] words = TEXTS.get(number).split("\\s+", -1);
            for (int i = 0; i + 12 <= words.length; i++) {
                String gram = String.join(" ", List.of(words).subList(i, i + 12));
                if (number < 4000) {
                    first.add(gram);
                } else {
                    all++;
                    again += first.contains(gram) ? 1 : 0;
                }
            }
        }
        double share = again / (double) all;
        assertTrue(share < 0.02, () -> "share of 12-grams that the other half holds too: " + share);
    }

    @Test
    void whatHasAQualityIsCalledByIt() {
        Member owl = new Member("the owl", "owl", "old", 'f', "");
        assertTrue(owl.canBeQualified("") && !owl.canBeQualified("he"));
        assertEquals("the old owl", owl.qualified(""));
        Member mill = new Member("mill", "mill", "windy", 'n', "in");
        assertEquals("in the windy mill", mill.qualified("at"));
        assertEquals("into the windy mill", mill.qualified("to"));
        assertFalse(new Member("Mia", "girl", "shy", 'f', "").canBeQualified(""), "who has a name keeps it");
        assertFalse(new Member("his aunt", "aunt", "", 'f', "").canBeQualified(""));
    }

    @Test
    void morphology() {
        assertEquals("berries", English.plural("berry"));
        assertEquals("boys", English.plural("boy"));
        assertEquals("pairs of scissors", English.plural("pair of scissors"));
        assertEquals("field mice", English.plural("field mouse"));
        assertEquals("dishes", English.plural("dish"));
        assertEquals("carried water", English.past("carry water"));
        assertEquals("knelt", English.past("kneel"));
        assertEquals("stopped", English.past("stop"));
        assertEquals("baked bread", English.past("bake bread"));
        assertEquals("lying still", English.ing("lie still"));
        assertEquals("making kites", English.ing("make kites"));
        assertEquals("running", English.ing("run"));
        assertEquals("seeing", English.ing("see"));
        assertTrue(English.startsWithVowelSound("hour") && English.startsWithVowelSound("uninvited"));
        assertFalse(English.startsWithVowelSound("unicorn") || English.startsWithVowelSound("one-eyed"));
        assertEquals(
                "\"Well,\" said an owl, \"come in.\" He did. \"A one-eyed cat!\" cried Tom.",
                English.polished("\"well,\" said a owl, \"come in.\" he did. \"a one-eyed cat!\" cried Tom."));
    }
}
