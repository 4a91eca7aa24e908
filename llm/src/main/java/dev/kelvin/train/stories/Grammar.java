// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train.stories;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rules and plots.
 *
 * <p>A file holds rules: {@code :: name} begins one, each further line is an alternative; a line that begins with
 * blanks goes on with the one above. In front of an alternative may stand a weight, {@code 3:}, and conditions,
 * {@code ?fact} or {@code ?-fact}, which must hold in the story so far. {@code ## name} begins a plot: its line
 * {@code cast:} says who and what takes part, {@code when:} in which weathers and seasons it may happen, each further
 * line is a paragraph.
 *
 * <p>Inside a text {@code (a|b|)} is one of the parts; {@code {*list}} a word of a list; {@code {hero}} a member of the
 * cast, {@code {hero.his}} a form of it; {@code {rule hero place}} the text of a rule in which the two are called x and
 * y; {@code {!fact}} makes a fact true. {@link Teller} gives these their meaning.
 */
final class Grammar {
    /** A piece of a text. */
    sealed interface Node permits Text, Choice, Sequence, Slot {}

    record Text(String text) implements Node {}

    record Choice(List<Node> options) implements Node {}

    record Sequence(List<Node> parts) implements Node {}

    /** What stands in braces: a name, the form wanted or nothing, and arguments. */
    record Slot(String name, String form, List<String> arguments) implements Node {}

    /** A fact that an alternative wants or, negated, does not. */
    record Condition(String fact, boolean negated) {}

    record Alternative(int weight, List<Condition> conditions, Node node) {}

    record Rule(String name, List<Alternative> alternatives) {}

    /** A member of the cast and the lists that it may come from. */
    record Role(String name, List<String> kinds) {}

    record Plot(String name, List<String> times, List<Role> cast, List<Node> paragraphs) {}

    private final Map<String, Rule> rules = new HashMap<>();
    private final List<Plot> plots = new ArrayList<>();

    private final Synonyms synonyms;

    Grammar(List<String> lines, Synonyms synonyms) {
        this.synonyms = synonyms;
        Rule rule = null;
        Plot plot = null;
        for (String line : joined(lines)) {
            if (line.startsWith(":: ")) {
                plot = null;
                rule = new Rule(line.substring(3).strip(), new ArrayList<>());
                if (rules.put(rule.name(), rule) != null) {
                    throw new IllegalArgumentException("stories: two rules " + rule.name());
                }
            } else if (line.startsWith("## ")) {
                plot = new Plot(line.substring(3).strip(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
                plots.add(plot);
            } else if (plot != null && line.startsWith("when:")) {
                plot.times().addAll(List.of(line.substring(5).strip().split(" +", -1)));
            } else if (plot != null && line.startsWith("cast:")) {
                for (String role : line.substring(5).strip().split(" +", -1)) {
                    String[] parts = role.split("=", -1);
                    plot.cast().add(new Role(parts[0], List.of(parts[1].split("\\|", -1))));
                }
            } else if (plot != null) {
                plot.paragraphs().add(new Parser(line).text());
            } else if (rule != null) {
                rule.alternatives().add(alternative(line));
            } else {
                throw new IllegalArgumentException("stories: text before the first rule: " + line);
            }
        }
    }

    private static List<String> joined(List<String> lines) {
        List<String> joined = new ArrayList<>();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("# ")) {
                continue;
            }
            if (line.startsWith(" ")) {
                joined.set(joined.size() - 1, joined.get(joined.size() - 1) + " " + line.strip());
            } else {
                joined.add(line.strip());
            }
        }
        return joined;
    }

    private Alternative alternative(String line) {
        String rest = line;
        int weight = 1;
        if (rest.length() > 1 && Character.isDigit(rest.charAt(0)) && rest.charAt(1) == ':') {
            weight = rest.charAt(0) - '0';
            rest = rest.substring(2).strip();
        }
        List<Condition> conditions = new ArrayList<>();
        while (rest.startsWith("?")) {
            int cut = rest.indexOf(' ');
            boolean negated = rest.charAt(1) == '-';
            conditions.add(new Condition(rest.substring(negated ? 2 : 1, cut), negated));
            rest = rest.substring(cut).strip();
        }
        return new Alternative(weight, conditions, new Parser(rest).text());
    }

    Rule rule(String name) {
        return rules.get(name);
    }

    Iterable<Rule> rules() {
        return rules.values();
    }

    List<Plot> plots() {
        return plots;
    }

    /** Reads one text. */
    private final class Parser {
        private final String source;
        private int at;

        Parser(String source) {
            this.source = source;
        }

        Node text() {
            Node node = sequence();
            if (at < source.length()) {
                throw new IllegalArgumentException("stories: '" + source.charAt(at) + "' too many in: " + source);
            }
            return node;
        }

        private Node sequence() {
            List<Node> parts = new ArrayList<>();
            int begin = at;
            while (at < source.length() && source.charAt(at) != '|' && source.charAt(at) != ')') {
                char c = source.charAt(at);
                if (c != '(' && c != '{') {
                    at++;
                    continue;
                }
                addText(parts, begin);
                parts.add(c == '(' ? choice() : slot());
                begin = at;
            }
            addText(parts, begin);
            return parts.size() == 1 ? parts.get(0) : new Sequence(parts);
        }

        private void addText(List<Node> parts, int begin) {
            if (at > begin) {
                synonyms.addTo(parts, source.substring(begin, at), begin == 0);
            }
        }

        private Node choice() {
            List<Node> options = new ArrayList<>();
            do {
                at++;
                options.add(sequence());
            } while (at < source.length() && source.charAt(at) == '|');
            if (at == source.length()) {
                throw new IllegalArgumentException("stories: no ')' in: " + source);
            }
            at++;
            return new Choice(options);
        }

        private Node slot() {
            int end = source.indexOf('}', at);
            if (end < 0) {
                throw new IllegalArgumentException("stories: no '}' in: " + source);
            }
            String[] words = source.substring(at + 1, end).strip().split(" +", -1);
            at = end + 1;
            int dot = words[0].indexOf('.');
            String name = dot < 0 ? words[0] : words[0].substring(0, dot);
            String form = dot < 0 ? "" : words[0].substring(dot + 1);
            return new Slot(name, form, List.of(words).subList(1, words.length));
        }
    }
}
