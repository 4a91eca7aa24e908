// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import dev.kelvin.chat.jinja.Signature.Bound;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Filters that know HTML and addresses of the web. */
final class HtmlFilters {
    /** No address is longer; the patterns below are not meant for more. */
    private static final int LONGEST_LINK = 2000;

    private static final Pattern LINK = Pattern.compile(
            "(?:(?:https?://|www\\.)(?:[\\w%-]+\\.)*(?:[a-z]{2,63}|xn--[\\w%]{2,59})"
                    + "|(?:[\\w%-]{2,63}\\.)+(?:com|net|int|edu|gov|org|info|mil))(?::\\d+)?(?:[/?#]\\S*)?"
                    + "|(?:mailto:)?[^\\s@]+@[^\\s@.]+(?:\\.[^\\s@.]+)+",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern WORDS = Pattern.compile("\\S+");
    private static final Pattern EDGES = Pattern.compile("^([(<]*)(.*?)([.,)>]*)$", Pattern.DOTALL);
    private static final Map<String, String> ENTITIES =
            Map.of("&lt;", "<", "&gt;", ">", "&#34;", "\"", "&quot;", "\"", "&#39;", "'", "&amp;", "&");
    private static final Pattern ENTITY = Pattern.compile("&(?:lt|gt|quot|amp|#34|#39);");

    private HtmlFilters() {}

    static void register() {
        for (String name : List.of("e", "escape")) {
            Filters.add(name, "s", (a, render) -> Markup.escape(a.get(0), render.budget()));
        }
        Filters.add(
                "forceescape", "value", (a, render) -> new Markup(Markup.escape(Texts.str(a.get(0), render.budget()))));
        Filters.add("safe", "value", (a, render) -> new Markup(Texts.str(a.get(0), render.budget())));
        Filters.add("striptags", "value", (a, render) -> stripTags(Texts.str(a.get(0), render.budget()), render));
        Filters.add("urlencode", "value", HtmlFilters::urlEncode);
        Filters.add("xmlattr", "d autospace?", HtmlFilters::attributes);
        Filters.add("urlize", "value trim_url_limit? nofollow? target? rel? extra_schemes?", HtmlFilters::links);
    }

    private static Object stripTags(String text, Render render) {
        String without = without(without(text, "<!--", "-->"), "<", ">");
        List<Object> words = Splits.split(without, null, -1, render.budget());
        String joined = StringMethods.join(" ", words, render.budget());
        return ENTITY.matcher(joined).replaceAll(match -> Matcher.quoteReplacement(ENTITIES.get(match.group())));
    }

    private static String without(String text, String begin, String end) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        int open = text.indexOf(begin);
        int close = open < 0 ? -1 : text.indexOf(end, open + begin.length());
        while (close >= 0) {
            out.append(text, at, open);
            at = close + end.length();
            open = text.indexOf(begin, at);
            close = open < 0 ? -1 : text.indexOf(end, open + begin.length());
        }
        return out.append(text, at, text.length()).toString();
    }

    private static Object urlEncode(Bound arguments, Render render) {
        Object value = arguments.get(0);
        Budget budget = render.budget();
        if (Types.isText(value) || Types.iteratorOrNull(value) == null) {
            return quote(Texts.str(value, budget), "/", false, budget);
        }
        List<Object> parts = new ArrayList<>();
        for (Object pair : value instanceof Dict dict ? dict.items() : Types.list(value, budget)) {
            List<Object> both = Types.list(pair, budget);
            if (both.size() != 2) {
                throw TemplateError.runtime("urlencode: expected pairs");
            }
            parts.add(quote(Texts.str(both.get(0), budget), "", true, budget) + "="
                    + quote(Texts.str(both.get(1), budget), "", true, budget));
        }
        return StringMethods.join("&", parts, budget);
    }

    private static String quote(String text, String kept, boolean query, Budget budget) {
        budget.chars(3L * text.length());
        StringBuilder out = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            boolean plain =
                    c < 0x80 && (Character.isLetterOrDigit(c) || "_.-~".indexOf(c) >= 0 || kept.indexOf(c) >= 0);
            if (plain) {
                out.append(c);
            } else if (query && c == ' ') {
                out.append('+');
            } else {
                out.append(String.format("%%%02X", (int) c));
            }
        }
        return out.toString();
    }

    private static Object attributes(Bound arguments, Render render) {
        if (!(arguments.get(0) instanceof Dict dict)) {
            throw TemplateError.runtime("'" + Types.name(arguments.get(0)) + "' object has no attribute 'items'");
        }
        Budget budget = render.budget();
        StringBuilder out = new StringBuilder();
        for (Object item : dict.items()) {
            Object value = ((Tuple) item).get(1);
            if (value == null || value instanceof Undefined) {
                continue;
            }
            String key = Texts.str(((Tuple) item).get(0), budget);
            if (key.chars().anyMatch(c -> " \t\n\r\f\u000b/>=".indexOf(c) >= 0)) {
                throw TemplateError.runtime("Invalid character in attribute name: " + Texts.repr(key, budget));
            }
            out.append(out.isEmpty() ? "" : " ")
                    .append(Markup.escape(key, budget))
                    .append("=\"")
                    .append(Markup.escape(value, budget))
                    .append('"');
        }
        boolean space = !arguments.has(1) || arguments.truth(1);
        String text = space && !out.isEmpty() ? " " + out : out.toString();
        return render.autoescape() ? new Markup(text) : text;
    }

    private static Object links(Bound arguments, Render render) {
        Budget budget = render.budget();
        Set<String> relations = new TreeSet<>(Set.of("noopener"));
        if (arguments.truth(2)) {
            relations.add("nofollow");
        }
        if (arguments.get(4) != null) {
            relations.addAll(List.of(arguments.text(4, "").split("\\s+", -1)));
        }
        String rel = " rel=\"" + Markup.escape(String.join(" ", relations)) + "\"";
        String target = arguments.get(3) == null ? "" : " target=\"" + Markup.escape(arguments.text(3, "")) + "\"";
        long limit = arguments.integerOrNone(1, Long.MAX_VALUE);
        String escaped = Markup.escape(arguments.get(0), budget).text();
        budget.chars(4L * escaped.length());
        StringBuilder out = new StringBuilder();
        Matcher words = WORDS.matcher(escaped);
        int at = 0;
        while (words.find()) {
            out.append(escaped, at, words.start()).append(link(words.group(), limit, rel + target));
            at = words.end();
        }
        out.append(escaped, at, escaped.length());
        budget.chars(out.length());
        return render.autoescape() ? new Markup(out.toString()) : out.toString();
    }

    private static String link(String word, long limit, String attributes) {
        Matcher edges = EDGES.matcher(word);
        if (word.length() > LONGEST_LINK
                || !edges.matches()
                || !LINK.matcher(edges.group(2)).matches()) {
            return word;
        }
        String address = edges.group(2);
        boolean mail = address.indexOf('@') >= 0 && !address.contains("://");
        String href = address.startsWith("http") || address.startsWith("mailto:")
                ? address
                : (mail ? "mailto:" : "https://") + address;
        String shown = mail && address.startsWith("mailto:") ? address.substring(7) : address;
        if (shown.length() > limit) {
            shown = shown.substring(0, (int) Math.max(0, limit)) + "...";
        }
        // A mail address is linked without a relation.
        String rest = mail ? attributes.replaceFirst(" rel=\"[^\"]*\"", "") : attributes;
        return edges.group(1) + "<a href=\"" + href + "\"" + rest + ">" + shown + "</a>" + edges.group(3);
    }
}
