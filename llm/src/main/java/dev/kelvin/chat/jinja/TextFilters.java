// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import dev.kelvin.chat.jinja.Signature.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Filters from text to text. */
final class TextFilters {
    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern WORD_BEGINNING = Pattern.compile("[-\\s({\\[<]+", Pattern.UNICODE_CHARACTER_CLASS);
    /** What {@code truncate} lets pass beyond its length. */
    private static final int LEEWAY = 5;

    private TextFilters() {}

    static void register() {
        text("upper", text -> text.toUpperCase(Locale.ROOT));
        text("lower", text -> text.toLowerCase(Locale.ROOT));
        text("capitalize", Letters::capitalize);
        text("title", TextFilters::title);
        Filters.add(
                "trim",
                "value chars?",
                (a, render) -> keep(a.get(0), render, text -> StringMethods.strip(text, a.text(1, null), true, true)));
        Filters.add("string", "object", (a, render) -> keep(a.get(0), render, text -> text));
        Filters.add(
                "center",
                "value width?",
                (a, render) -> keep(
                        a.get(0), render, text -> StringMethods.pad(text, a.integer(1, 80), " ", 1, render.budget())));
        Filters.add("replace", "s old new count?", TextFilters::replace);
        Filters.add("indent", "s width? first? blank?", TextFilters::indent);
        Filters.add("truncate", "s length? killwords? end? leeway?", TextFilters::truncate);
        Filters.add("wordwrap", "s width? break_long_words? wrapstring? break_on_hyphens?", TextFilters::wordWrap);
        Filters.add("wordcount", "s", (a, render) -> WORD.matcher(Texts.str(a.get(0), render.budget()))
                .results()
                .count());
        Filters.add("format", TextFilters::format);
        Filters.add("pprint", "value", (a, render) -> Texts.repr(sorted(a.get(0), render.budget()), render.budget()));
        Filters.add(
                "tojson",
                "x ensure_ascii? indent? separators? sort_keys?",
                (a, render) -> JsonText.of(a, render.budget()));
    }

    private static void text(String name, UnaryOperator<String> operation) {
        Filters.add(name, "s", (a, render) -> keep(a.get(0), render, operation));
    }

    /** Applies an operation to a value as a string; what was marked as safe stays so. */
    private static Object keep(Object value, Render render, UnaryOperator<String> operation) {
        return value instanceof Markup(String text)
                ? new Markup(operation.apply(text))
                : operation.apply(Texts.str(value, render.budget()));
    }

    /** A value whose dicts are in the order of their keys, where these are strings; on one line, however long. */
    private static Object sorted(Object value, Budget budget) {
        budget.enter(Budget.DATA);
        Object result = value;
        if (value instanceof Dict dict) {
            boolean named = dict.keys().stream().allMatch(String.class::isInstance);
            Dict copy = new Dict();
            List<Object> keys = dict.keys();
            if (named) {
                keys.sort((a, b) -> ((String) a).compareTo((String) b));
            }
            for (Object key : keys) {
                copy.put(key, sorted(dict.get(key, null, budget), budget), budget);
            }
            result = copy;
        } else if (value instanceof Tuple tuple) {
            result = new Tuple(tuple.stream().map(each -> sorted(each, budget)).toList());
        } else if (value instanceof List<?> list && !(value instanceof Range)) {
            List<Object> copy = new ArrayList<>();
            list.forEach(each -> copy.add(sorted(each, budget)));
            result = copy;
        }
        budget.leave(Budget.DATA);
        return result;
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        Matcher gap = WORD_BEGINNING.matcher(text);
        int at = 0;
        while (gap.find()) {
            titleWord(text.substring(at, gap.start()), out);
            out.append(gap.group());
            at = gap.end();
        }
        titleWord(text.substring(at), out);
        return out.toString();
    }

    private static void titleWord(String word, StringBuilder out) {
        if (!word.isEmpty()) {
            int first = word.offsetByCodePoints(0, 1);
            out.append(word.substring(0, first).toUpperCase(Locale.ROOT))
                    .append(word.substring(first).toLowerCase(Locale.ROOT));
        }
    }

    private static Object replace(Bound arguments, Render render) {
        Budget budget = render.budget();
        long count = arguments.integerOrNone(3, -1);
        if (!render.autoescape()) {
            return Search.replace(
                    Texts.str(arguments.get(0), budget),
                    Texts.str(arguments.get(1), budget),
                    Texts.str(arguments.get(2), budget),
                    count,
                    budget);
        }
        boolean safe = arguments.get(0) instanceof Markup;
        boolean escapes = arguments.get(1) instanceof Markup || (arguments.get(2) instanceof Markup && !safe);
        if (!safe && !escapes) {
            return Search.replace(
                    Texts.str(arguments.get(0), budget),
                    Texts.str(arguments.get(1), budget),
                    Texts.str(arguments.get(2), budget),
                    count,
                    budget);
        }
        return new Markup(Search.replace(
                Markup.escape(arguments.get(0), budget).text(),
                Markup.escape(arguments.get(1), budget).text(),
                Markup.escape(arguments.get(2), budget).text(),
                count,
                budget));
    }

    private static Object indent(Bound arguments, Render render) {
        if (arguments.get(0) instanceof Undefined undefined) {
            throw undefined.error();
        }
        String indention = Types.isText(arguments.get(1, 4L))
                ? arguments.text(1)
                : spaces(arguments.integer(1, 4), render.budget());
        String text = arguments.text(0);
        boolean blank = arguments.truth(3);
        List<Object> lines = Splits.lines(text + "\n", false);
        render.budget().chars(text.length() + (long) lines.size() * indention.length());
        StringBuilder out = new StringBuilder(arguments.truth(2) ? indention : "");
        for (int i = 0; i < lines.size(); i++) {
            String line = (String) lines.get(i);
            if (i > 0) {
                out.append('\n').append(blank || !line.isEmpty() ? indention : "");
            }
            out.append(line);
        }
        return arguments.get(0) instanceof Markup ? new Markup(out.toString()) : out.toString();
    }

    private static String spaces(long count, Budget budget) {
        budget.chars(count);
        return " ".repeat((int) Math.max(0, count));
    }

    private static Object truncate(Bound arguments, Render render) {
        Object value = arguments.get(0);
        long length = arguments.integer(1, 255);
        String end = arguments.text(3, "...");
        long leeway = arguments.integerOrNone(4, LEEWAY);
        int endLength = Types.length(end);
        if (length < endLength || leeway < 0) {
            throw TemplateError.runtime("expected length >= " + endLength + ", got " + length);
        }
        int given = Types.length(value);
        if (given >= 0 && given <= length + leeway) {
            return value; // of any kind
        }
        String text = arguments.text(0);
        String cut = text.substring(0, Texts.unit(text, (int) length - endLength));
        if (!arguments.truth(2)) {
            int space = cut.lastIndexOf(' ');
            cut = space < 0 ? cut : cut.substring(0, space);
        }
        return cut + end;
    }

    private static Object wordWrap(Bound arguments, Render render) {
        String text = arguments.text(0);
        long width = arguments.integer(1, 79);
        if (width <= 0) {
            throw TemplateError.runtime("invalid width " + width + " (must be > 0)");
        }
        String separator = arguments.text(3, null) == null ? "\n" : arguments.text(3, null);
        WordWrap wrap = new WordWrap(
                (int) Math.min(width, Integer.MAX_VALUE),
                !arguments.has(2) || arguments.truth(2),
                !arguments.has(4) || arguments.truth(4));
        List<Object> lines = new ArrayList<>();
        for (Object paragraph : Splits.lines(text, false)) {
            lines.add(String.join(separator, wrap.lines((String) paragraph)));
        }
        return StringMethods.join(separator, lines, render.budget());
    }

    private static Object format(Object value, Arguments arguments, Render render) {
        if (!arguments.positional().isEmpty() && !arguments.named().isEmpty()) {
            throw TemplateError.runtime("can't handle positional and keyword arguments at the same time");
        }
        Dict named = new Dict();
        arguments.named().forEach(named::put);
        Object values = named.size() > 0 ? named : new Tuple(arguments.positional());
        boolean safe = value instanceof Markup;
        String text = PercentFormat.format(Texts.str(value, render.budget()), values, safe, render.budget());
        return safe ? new Markup(text) : text;
    }
}
