// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train.stories;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** As much English morphology as the word lists need. A phrase changes at its head: a noun at its end, a verb first. */
final class English {
    private static final String VOWELS = "aeiou";

    private static final Map<String, String> PAST = pairs("""
            be was become became begin began bend bent bite bit blow blew break broke bring brought build built buy
            bought catch caught choose chose come came cut cut dig dug do did draw drew drink drank drive drove eat ate
            fall fell feed fed feel felt fight fought find found fly flew forget forgot get got give gave go went grow
            grew hang hung hear heard hide hid hit hit hold held keep kept kneel knelt know knew lead led leave left
            lend lent let let lie lay light lit lose lost make made meet met pay paid put put read read ride rode ring
            rang rise rose run ran say said see saw sell sold send sent sew sewed shake shook shine shone sing sang sit
            sat sleep slept slide slid speak spoke spin spun stand stood steal stole stick stuck sweep swept swim swam
            swing swung take took teach taught tell told think thought throw threw wake woke wear wore weave wove weep
            wept win won wind wound write wrote creep crept leap leapt stride strode set set shut shut""");

    private static final Map<String, String> PLURAL = pairs("""
            child children foot feet goose geese knife knives leaf leaves loaf loaves man men mouse mice person people
            scarf scarves sheep sheep shelf shelves tooth teeth wolf wolves woman women calf calves deer deer fish fish
            half halves life lives dormouse dormice potato potatoes tomato tomatoes hero heroes mango mangoes""");

    /** Verbs whose last consonant is doubled. */
    private static final String DOUBLING =
            " admit beg chat chop clap dig drag drop drum fit flap get grab grin hit hop hug hum"
                    + " jog let mop nod pat pet plan plod put rob rub run set shop sit skip slip snap spin spot step stir stop"
                    + " swim tap tip trap trim trot wag win wrap zip cut knit begin forget ";

    private English() {}

    private static Map<String, String> pairs(String words) {
        String[] each = words.strip().split("\\s+", -1);
        Map<String, String> pairs = new HashMap<>();
        for (int i = 0; i < each.length; i += 2) {
            pairs.put(each[i], each[i + 1]);
        }
        return pairs;
    }

    /** Whether a word is spoken with a vowel first, so that it follows "an". */
    static boolean startsWithVowelSound(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        if (lower.isEmpty()) {
            return false;
        }
        if (lower.startsWith("hour") || lower.startsWith("honest")) {
            return true;
        }
        if (lower.startsWith("one")
                || lower.startsWith("once")
                || lower.startsWith("eu")
                || lower.startsWith("ukulele")
                || lower.startsWith("use")
                || (lower.startsWith("uni") && !lower.startsWith("unin"))) {
            return false;
        }
        return VOWELS.indexOf(lower.charAt(0)) >= 0;
    }

    /** More than one of a noun. */
    static String plural(String noun) {
        int cut = noun.lastIndexOf(' ') + 1;
        int of = noun.indexOf(" of ");
        if (of > 0) {
            return plural(noun.substring(0, of)) + noun.substring(of);
        }
        return noun.substring(0, cut) + pluralWord(noun.substring(cut));
    }

    private static String pluralWord(String noun) {
        String irregular = PLURAL.get(noun);
        if (irregular != null) {
            return irregular;
        }
        if (endsWithConsonantY(noun)) {
            return noun.substring(0, noun.length() - 1) + "ies";
        }
        boolean hisses = noun.endsWith("s") || noun.endsWith("x") || noun.endsWith("ch") || noun.endsWith("sh");
        return hisses ? noun + "es" : noun + "s";
    }

    /** What somebody did. */
    static String past(String verb) {
        return first(verb) + rest(verb);
    }

    private static String first(String verb) {
        String head = head(verb);
        String irregular = PAST.get(head);
        if (irregular != null) {
            return irregular;
        }
        if (head.endsWith("e")) {
            return head + "d";
        }
        return endsWithConsonantY(head) ? head.substring(0, head.length() - 1) + "ied" : doubled(head) + "ed";
    }

    /** What somebody is doing. */
    static String ing(String verb) {
        String head = head(verb);
        if (head.equals("lie")) {
            return "lying" + rest(verb);
        }
        boolean silent = head.endsWith("e") && !head.endsWith("ee") && !head.equals("be");
        return (silent ? head.substring(0, head.length() - 1) : doubled(head)) + "ing" + rest(verb);
    }

    private static String doubled(String head) {
        return DOUBLING.contains(" " + head + " ") ? head + head.charAt(head.length() - 1) : head;
    }

    private static boolean endsWithConsonantY(String word) {
        int last = word.length() - 1;
        return last > 0 && word.charAt(last) == 'y' && VOWELS.indexOf(word.charAt(last - 1)) < 0;
    }

    private static String head(String verb) {
        int cut = verb.indexOf(' ');
        return cut < 0 ? verb : verb.substring(0, cut);
    }

    private static String rest(String verb) {
        return verb.substring(head(verb).length());
    }

    /**
     * A text as it is written: sentences and speeches begin with a capital, and "a" becomes "an" where it must. A
     * sentence that follows an exclamation or a question inside quotation marks is the grammar's own care.
     */
    static String polished(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        boolean capital = true;
        boolean inQuotes = false;
        // "Well," said the fox, "come in": the sentence has begun to speak, and goes on with a small letter.
        boolean speaking = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                inQuotes = !inQuotes;
                if (inQuotes) {
                    capital = !speaking;
                } else {
                    speaking = text.charAt(i - 1) == ',';
                    capital = text.charAt(i - 1) == '.';
                }
            } else if (c == '.' || c == '!' || c == '?' || c == '\n') {
                capital = true;
                speaking = false;
            } else if (Character.isLetterOrDigit(c)) {
                out.append(capital ? Character.toUpperCase(c) : c);
                capital = false;
                if ((c == 'a' || c == 'A') && isArticle(text, i) && startsWithVowelSound(text.substring(i + 2))) {
                    out.append('n');
                }
                continue;
            }
            out.append(c);
        }
        return out.toString();
    }

    private static boolean isArticle(String text, int index) {
        return (index == 0 || (!Character.isLetter(text.charAt(index - 1)) && text.charAt(index - 1) != '\''))
                && index + 2 < text.length()
                && text.charAt(index + 1) == ' ';
    }
}
