// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train.stories;

import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells one story: draws its plot, its cast, its weather, and the sentences that fit what is true so far.
 *
 * <p>Members of the cast keep their name, kind, trait and gender. Facts are words such as {@code rainy},
 * {@code hero.animal} or whatever {@code {!fact}} has made true; alternatives ask for them. No alternative and no word
 * is used twice in a story while another would do.
 */
final class Teller {
    private static final List<String> WEATHERS =
            List.of("sunny", "sunny", "sunny", "rainy", "windy", "snowy", "foggy", "cloudy");
    private static final List<String> SEASONS = List.of("spring", "summer", "autumn");

    /** Short lists hold words that may come again, such as "said". */
    private static final int FEW = 10;

    private static final int DEEPEST = 40;

    /** Within so many characters the same adjective would sound like a slip. */
    private static final int CLOSE = 30;

    private static final Map<String, String> COUNTERPART =
            Map.of("woman", "man", "man", "woman", "sister", "brother", "brother", "sister");

    private final Lexicon lexicon;
    private final Grammar grammar;
    private final Dice dice;
    private final StringBuilder out = new StringBuilder(2048);
    private final Map<String, Member> cast = new HashMap<>();
    private final Set<String> facts = new HashSet<>();
    private final Set<String> said = new HashSet<>();
    private final Map<String, BitSet> told = new HashMap<>();
    private int depth;

    Teller(Lexicon lexicon, Grammar grammar, Dice dice) {
        this.lexicon = lexicon;
        this.grammar = grammar;
        this.dice = dice;
    }

    /** The whole story, paragraphs separated by an empty line, without a line feed at its end. */
    String tell() {
        Grammar.Plot plot = grammar.plots().get(dice.roll(grammar.plots().size()));
        String weather = oneOf(WEATHERS, plot.times());
        facts.add(weather);
        facts.add(weather.equals("snowy") ? "winter" : oneOf(SEASONS, plot.times()));
        facts.add(plot.name());
        for (Grammar.Role role : plot.cast()) {
            cast.put(role.name(), member(role));
        }
        if (cast.containsKey("elder")) {
            cast.put("carer", cast.get("elder"));
        } else {
            cast.put("carer", member(new Grammar.Role("carer", List.of("woman", "man"))));
        }
        for (Grammar.Node paragraph : plot.paragraphs()) {
            if (!out.isEmpty()) {
                out.append("\n\n");
            }
            expand(paragraph, cast);
        }
        return English.polished(tidy(out));
    }

    /** One of the choices that a plot allows; a plot that names none of them allows all. */
    private String oneOf(List<String> all, List<String> allowed) {
        List<String> choices = all.stream().filter(allowed::contains).toList();
        List<String> rest = choices.isEmpty() ? all : choices;
        return rest.get(dice.roll(rest.size()));
    }

    /** Without the double spaces and the spaces at line ends that empty parts leave. */
    private static String tidy(StringBuilder text) {
        StringBuilder tidy = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char before = tidy.isEmpty() ? '\n' : tidy.charAt(tidy.length() - 1);
            if (c == ' ' && (before == ' ' || before == '\n')) {
                continue;
            }
            if (before == ' ' && ".,!?\n".indexOf(c) >= 0) {
                tidy.setLength(tidy.length() - 1);
            }
            tidy.append(c);
        }
        return tidy.toString().stripTrailing();
    }

    private Member member(Grammar.Role role) {
        String kind = role.kinds().get(dice.roll(role.kinds().size()));
        Member hero = cast.get("hero");
        if (hero != null && COUNTERPART.containsKey(kind) && role.kinds().contains(COUNTERPART.get(kind))) {
            // Of the other gender than the hero: each pronoun then means one of the two.
            boolean female = kind.equals("woman") || kind.equals("sister");
            kind = female == (hero.gender() == 'f') ? COUNTERPART.get(kind) : kind;
        }
        if (kind.equals("hero")) {
            kind = dice.roll(4) == 0 ? "beast" : "child";
        } else if (kind.equals("friend")) {
            kind = facts.contains("hero.beast") ? "beast" : "child";
        }
        facts.add(role.name() + "." + kind);
        return switch (kind) {
            case "child" -> {
                boolean girl = hero == null ? dice.roll(2) == 0 : hero.gender() == 'm';
                String noun = girl ? "girl" : "boy";
                facts.add(role.name() + "." + noun);
                yield new Member(fresh(noun).text(), noun, fresh("trait").text(), girl ? 'f' : 'm', "");
            }
            case "beast" -> {
                boolean female = hero == null ? dice.roll(2) == 0 : hero.gender() == 'm';
                String noun = fresh("beast").text();
                String given = fresh(female ? "shebeast" : "hebeast").text();
                yield new Member(given, noun, fresh("trait").text(), female ? 'f' : 'm', "");
            }
            case "woman", "man", "sister", "brother" -> {
                boolean female = kind.equals("woman") || kind.equals("sister");
                String noun = fresh(kind, 12).text();
                String whose = hero == null ? "the" : hero.form("his");
                yield new Member(whose + " " + noun, noun, "", female ? 'f' : 'm', "");
            }
            default -> {
                Lexicon.Entry entry = fresh(kind);
                String quality = entry.list().qualities().isEmpty()
                        ? ""
                        : fresh(entry.list().qualities()).text();
                boolean grown = kind.equals("animal") || kind.equals("job");
                boolean alive = grown || kind.equals("little") || kind.equals("young");
                yield new Member(
                        alive ? "the " + entry.text() : entry.text(),
                        entry.text(),
                        quality,
                        grown ? gender(entry.text()) : 'n',
                        entry.remark());
            }
        };
    }

    /** Always the same for one noun, so that its pronoun can be learned with it; half of the nouns have either. */
    private static char gender(String noun) {
        return noun.chars().sum() % 2 == 0 ? 'f' : 'm';
    }

    /** A word that this story has not said yet, unless luck is against it. */
    private Lexicon.Entry fresh(String list) {
        return fresh(list, lexicon.list(list).entries().size() > FEW ? 4 : 0);
    }

    private Lexicon.Entry fresh(String list, int tries) {
        List<Lexicon.Entry> entries = lexicon.list(list).entries();
        Lexicon.Entry entry = entries.get(dice.roll(entries.size()));
        for (int again = 0; again < tries && said.contains(entry.text()); again++) {
            entry = entries.get(dice.roll(entries.size()));
        }
        said.add(entry.text());
        return entry;
    }

    private void expand(Grammar.Node node, Map<String, Member> names) {
        switch (node) {
            case Grammar.Text text -> out.append(text.text());
            case Grammar.Choice choice ->
                expand(choice.options().get(dice.roll(choice.options().size())), names);
            case Grammar.Sequence sequence -> {
                for (Grammar.Node part : sequence.parts()) {
                    expand(part, names);
                }
            }
            case Grammar.Slot slot -> fill(slot, names);
        }
    }

    private void fill(Grammar.Slot slot, Map<String, Member> names) {
        String name = slot.name();
        if (name.startsWith("*")) {
            Lexicon.Entry entry = fresh(name.substring(1));
            out.append(new Member(entry.text(), entry.text(), "", 'n', entry.remark()).form(slot.form()));
        } else if (name.startsWith("!")) {
            facts.add(name.substring(1));
        } else if (names.containsKey(name)) {
            mention(names.get(name), slot.form());
        } else if (cast.containsKey(name)) {
            mention(cast.get(name), slot.form());
        } else {
            rule(slot, names);
        }
    }

    /**
     * Where a sentence would begin with a pronoun it begins with the name as often as not, and what has a quality is
     * now and then called by it: so a story says again and again whom and what it is about.
     */
    private void mention(Member member, String form) {
        if (form.equals("he") && startsSentence()) {
            out.append(member.form(dice.roll(2) == 0 ? "" : form));
        } else if (member.canBeQualified(form) && dice.roll(3) == 0 && !justSaid(member.quality())) {
            out.append(member.qualified(form));
        } else {
            out.append(member.form(form));
        }
    }

    private boolean startsSentence() {
        int end = out.length();
        return end > 1 && out.charAt(end - 1) == ' ' && ".!?".indexOf(out.charAt(end - 2)) >= 0;
    }

    private boolean justSaid(String word) {
        return out.lastIndexOf(word) >= out.length() - CLOSE;
    }

    private void rule(Grammar.Slot slot, Map<String, Member> names) {
        Grammar.Rule rule = grammar.rule(slot.name());
        if (rule == null) {
            throw new IllegalArgumentException("stories: neither a rule nor in the cast: " + slot.name());
        }
        Map<String, Member> arguments = new HashMap<>();
        Map<String, String> aliases = new HashMap<>();
        for (int i = 0; i < slot.arguments().size(); i++) {
            String argument = slot.arguments().get(i);
            Member member = names.getOrDefault(argument, cast.get(argument));
            if (member == null) {
                throw new IllegalArgumentException("stories: " + argument + " of " + slot + " is not in the cast");
            }
            String formal = "xyzw".substring(i, i + 1);
            arguments.put(formal, member);
            aliases.put(formal, role(member));
        }
        if (++depth > DEEPEST) {
            throw new IllegalStateException("stories: rule " + slot.name() + " never ends");
        }
        int begin = out.length();
        expand(choose(rule, aliases).node(), arguments);
        depth--;
        // After a speech that ends in ! or ? only the grammar knows that a sentence is over.
        boolean sentence = out.length() > begin && ".!?\"".indexOf(out.charAt(out.length() - 1)) >= 0;
        if (sentence && begin > 1 && out.charAt(begin - 1) == ' ' && out.charAt(begin - 2) == '"') {
            out.setCharAt(begin, Character.toUpperCase(out.charAt(begin)));
        }
    }

    private String role(Member member) {
        for (Map.Entry<String, Member> each : cast.entrySet()) {
            if (each.getValue().equals(member)) {
                return each.getKey();
            }
        }
        throw new IllegalStateException("stories: " + member + " has no role");
    }

    private Grammar.Alternative choose(Grammar.Rule rule, Map<String, String> aliases) {
        BitSet used = told.computeIfAbsent(rule.name(), name -> new BitSet());
        List<Grammar.Alternative> alternatives = rule.alternatives();
        int pick = draw(alternatives, aliases, used);
        if (pick < 0) {
            used.clear();
            pick = draw(alternatives, aliases, used);
        }
        if (pick < 0) {
            throw new IllegalStateException("stories: no alternative of " + rule.name() + " fits " + facts);
        }
        used.set(pick);
        return alternatives.get(pick);
    }

    private int draw(List<Grammar.Alternative> alternatives, Map<String, String> aliases, BitSet used) {
        int total = 0;
        for (int i = 0; i < alternatives.size(); i++) {
            total += used.get(i) || !holds(alternatives.get(i), aliases)
                    ? 0
                    : alternatives.get(i).weight();
        }
        if (total == 0) {
            return -1;
        }
        int rest = dice.roll(total);
        for (int i = 0; ; i++) {
            if (!used.get(i) && holds(alternatives.get(i), aliases)) {
                rest -= alternatives.get(i).weight();
                if (rest < 0) {
                    return i;
                }
            }
        }
    }

    private boolean holds(Grammar.Alternative alternative, Map<String, String> aliases) {
        for (Grammar.Condition condition : alternative.conditions()) {
            String fact = condition.fact();
            int dot = fact.indexOf('.');
            if (dot > 0 && aliases.containsKey(fact.substring(0, dot))) {
                fact = aliases.get(fact.substring(0, dot)) + fact.substring(dot);
            }
            if (facts.contains(fact) == condition.negated()) {
                return false;
            }
        }
        return true;
    }
}
