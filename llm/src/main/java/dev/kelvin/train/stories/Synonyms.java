// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train.stories;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Phrases that may stand for each other, so that a sentence of the grammar is not told twice in the same words. A line
 * holds phrases with one meaning and one grammar, separated by {@code |}; one counts where a blank follows. After
 * {@code >} only the first is replaced, after {@code ^} only the first at the start of a sentence.
 */
final class Synonyms {
    private final Map<String, Grammar.Choice> anywhere = new HashMap<>();
    private final Map<String, Grammar.Choice> first = new HashMap<>();
    private final Pattern pattern;

    Synonyms(List<String> lines) {
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            boolean onlyFirst = line.startsWith(">") || line.startsWith("^");
            List<String> same = List.of(line.substring(onlyFirst ? 2 : 0).split("\\|", -1));
            Grammar.Choice choice = new Grammar.Choice(
                    same.stream().<Grammar.Node>map(Grammar.Text::new).toList());
            for (String phrase : onlyFirst ? same.subList(0, 1) : same) {
                (line.startsWith("^") ? first : anywhere).put(phrase, choice);
            }
        }
        Set<String> phrases = new TreeSet<>(
                Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));
        phrases.addAll(anywhere.keySet());
        phrases.addAll(first.keySet());
        StringBuilder either = new StringBuilder();
        for (String phrase : phrases) {
            either.append(either.isEmpty() ? "" : "|")
                    .append(Character.isLetter(phrase.charAt(0)) ? "(?<![A-Za-z'])" : "")
                    .append(Pattern.quote(phrase));
        }
        pattern = Pattern.compile("(?:" + either + ")(?= )");
    }

    /** Appends a text with every phrase replaced by the choice among its like; it may begin a sentence or go on. */
    void addTo(List<Grammar.Node> parts, String text, boolean beginning) {
        Matcher matcher = pattern.matcher(text);
        int rest = 0;
        while (matcher.find()) {
            int begin = matcher.start();
            boolean startsSentence = begin < 2 ? begin == 0 && beginning : text.startsWith(". ", begin - 2);
            Grammar.Choice choice = anywhere.get(matcher.group());
            if (startsSentence && first.containsKey(matcher.group())) {
                choice = first.get(matcher.group());
            }
            if (choice != null) {
                parts.add(new Grammar.Text(text.substring(rest, begin)));
                parts.add(choice);
                rest = matcher.end();
            }
        }
        parts.add(new Grammar.Text(text.substring(rest)));
    }
}
