// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import dev.kelvin.chat.jinja.Signature.Bound;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** Python's methods of strings. */
final class StringMethods {
    /** Of a marked string these take their arguments escaped. */
    private static final Set<String> ESCAPING =
            Set.of("replace", "ljust", "rjust", "strip", "lstrip", "rstrip", "center");

    @FunctionalInterface
    private interface Body {
        Object call(String self, Bound arguments, Budget budget);
    }

    private record Method(Signature signature, Body body) {}

    private static final Map<String, Method> METHODS = new HashMap<>();

    static {
        add("upper", "", (self, given, budget) -> self.toUpperCase(Locale.ROOT));
        add("lower", "", (self, given, budget) -> self.toLowerCase(Locale.ROOT));
        add("capitalize", "", (self, given, budget) -> Letters.capitalize(self));
        add("title", "", (self, given, budget) -> Letters.title(self));
        add("swapcase", "", (self, given, budget) -> Letters.swapCase(self));
        add("casefold", "", (self, given, budget) -> Letters.caseFold(self));
        add("strip", "chars?", (self, given, budget) -> strip(self, given.text(0, null), true, true));
        add("lstrip", "chars?", (self, given, budget) -> strip(self, given.text(0, null), true, false));
        add("rstrip", "chars?", (self, given, budget) -> strip(self, given.text(0, null), false, true));
        add(
                "split",
                "sep? maxsplit?",
                (self, given, budget) -> Splits.split(self, given.text(0, null), given.integer(1, -1), budget));
        add(
                "rsplit",
                "sep? maxsplit?",
                (self, given, budget) -> Splits.rsplit(self, given.text(0, null), given.integer(1, -1), budget));
        add("splitlines", "keepends?", (self, given, budget) -> Splits.lines(self, given.truth(0)));
        add("partition", "sep", (self, given, budget) -> Splits.partition(self, given.text(0), budget));
        add("rpartition", "sep", (self, given, budget) -> Splits.rpartition(self, given.text(0), budget));
        add("translate", "table", StringMethods::translate);
        add("join", "iterable", (self, given, budget) -> join(self, given.get(0), budget));
        add("replace", "old new count?", StringMethods::replace);
        add("startswith", "prefix start? end?", (self, given, budget) -> affix(self, given, String::startsWith));
        add("endswith", "suffix start? end?", (self, given, budget) -> affix(self, given, String::endsWith));
        add("removeprefix", "prefix", StringMethods::removePrefix);
        add("removesuffix", "suffix", StringMethods::removeSuffix);
        add("find", "sub start? end?", (self, given, budget) -> find(self, given, budget, false));
        add("rfind", "sub start? end?", (self, given, budget) -> find(self, given, budget, true));
        add("index", "sub start? end?", (self, given, budget) -> found(find(self, given, budget, false)));
        add("rindex", "sub start? end?", (self, given, budget) -> found(find(self, given, budget, true)));
        add("count", "sub start? end?", StringMethods::count);
        add("ljust", "width fillchar?", (self, given, budget) -> pad(self, given, budget, 0));
        add("rjust", "width fillchar?", (self, given, budget) -> pad(self, given, budget, 2));
        add("center", "width fillchar?", (self, given, budget) -> pad(self, given, budget, 1));
        add("zfill", "width", StringMethods::zeroFill);
        add("expandtabs", "tabsize?", StringMethods::expandTabs);
        add("encode", "encoding? errors?", (self, given, budget) -> Bytes.utf8(self));
        add("isalpha", "", (self, given, budget) -> all(self, Character::isLetter));
        add("isdigit", "", (self, given, budget) -> all(self, Letters::isDigit));
        add("isdecimal", "", (self, given, budget) -> all(self, Character::isDigit));
        add("isnumeric", "", (self, given, budget) -> all(self, Letters::isNumeric));
        add("isalnum", "", (self, given, budget) -> all(self, c -> Character.isLetter(c) || Letters.isNumeric(c)));
        add("isspace", "", (self, given, budget) -> all(self, Texts::isSpace));
        add("isascii", "", (self, given, budget) -> self.chars().allMatch(c -> c < 0x80));
        add("isprintable", "", (self, given, budget) -> self.codePoints().allMatch(Texts::isPrintable));
        add("isupper", "", (self, given, budget) -> Letters.isUpper(self));
        add("islower", "", (self, given, budget) -> Letters.isLower(self));
        add(
                "istitle",
                "",
                (self, given, budget) -> !Letters.title(self).equals(self.toLowerCase(Locale.ROOT))
                        && Letters.title(self).equals(self));
        add("isidentifier", "", (self, given, budget) -> Letters.isIdentifier(self));
    }

    private StringMethods() {}

    private static void add(String name, String parameters, Body body) {
        METHODS.put(name, new Method(Signature.of(name, parameters), body));
    }

    /** A method of a string, marked or not, or {@link Attributed#NONE}. */
    static Object find(Object owner, String name) {
        boolean safe = owner instanceof Markup;
        String self = owner.toString();
        if (name.equals("format") || name.equals("format_map")) {
            return format(self, safe, name.equals("format_map"));
        }
        Method method = METHODS.get(name);
        if (method == null) {
            return Attributed.NONE;
        }
        return (Callable) (render, arguments) -> {
            render.budget().chars(self.length());
            Arguments given = safe && ESCAPING.contains(name) ? escaped(arguments, render.budget()) : arguments;
            if (safe && name.equals("join")) {
                given = new Arguments(List.of(escapedElements(arguments, render.budget())), Map.of());
            }
            Object result = method.body().call(self, method.signature().bind(given), render.budget());
            return safe ? marked(result) : result;
        };
    }

    private static Callable format(String self, boolean safe, boolean map) {
        return (render, arguments) -> {
            Arguments given = arguments;
            if (map) {
                Object only =
                        Signature.of("format_map", "mapping").bind(arguments).get(0);
                given = new Arguments(List.of(), Render.named(only, render.budget()));
            }
            String text = BraceFormat.format(self, given, safe, render);
            return safe ? new Markup(text) : text;
        };
    }

    private static Arguments escaped(Arguments arguments, Budget budget) {
        List<Object> positional = new ArrayList<>();
        for (Object each : arguments.positional()) {
            positional.add(Types.isText(each) ? Markup.escape(each, budget).text() : each);
        }
        return new Arguments(positional, arguments.named());
    }

    private static List<Object> escapedElements(Arguments arguments, Budget budget) {
        List<Object> elements = new ArrayList<>();
        for (Object each : Types.list(arguments.positional().getFirst(), budget)) {
            elements.add(Markup.escape(each, budget).text());
        }
        return elements;
    }

    private static Object marked(Object result) {
        return switch (result) {
            case String text -> new Markup(text);
            case Tuple tuple ->
                new Tuple(tuple.stream().map(StringMethods::marked).toList());
            case List<?> list ->
                new ArrayList<>(list.stream().map(StringMethods::marked).toList());
            default -> result;
        };
    }

    /** Takes characters off the ends; null for white space. */
    static String strip(String text, String chars, boolean left, boolean right) {
        IntPredicate stripped = chars == null ? Texts::isSpace : point -> chars.indexOf(point) >= 0;
        int begin = 0;
        int end = text.length();
        while (left && begin < end && stripped.test(text.codePointAt(begin))) {
            begin += Character.charCount(text.codePointAt(begin));
        }
        while (right && end > begin && stripped.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(begin, end);
    }

    static String join(String separator, Object elements, Budget budget) {
        StringBuilder out = new StringBuilder();
        int index = 0;
        for (Object each : Types.list(elements, budget)) {
            if (!Types.isText(each)) {
                throw TemplateError.runtime(
                        "sequence item " + index + ": expected str instance, " + Types.name(each) + " found");
            }
            out.append(index++ > 0 ? separator : "").append(each);
            budget.chars(out.length() / 16);
        }
        budget.chars(out.length());
        return out.toString();
    }

    private static Object replace(String self, Bound arguments, Budget budget) {
        return Search.replace(self, arguments.text(0), arguments.text(1), arguments.integer(2, -1), budget);
    }

    /** A table has for the number of a character another number, a string, or none for a character that is left out. */
    private static Object translate(String self, Bound arguments, Budget budget) {
        if (!(arguments.get(0) instanceof Dict table)) {
            throw TemplateError.runtime("'" + Types.name(arguments.get(0)) + "' object is no table");
        }
        StringBuilder out = new StringBuilder(self.length());
        self.codePoints().forEach(point -> {
            Object to = table.get((long) point, (long) point, budget);
            if (Types.isText(to)) {
                out.append(to);
                budget.chars(out.length() / 16);
            } else if (to instanceof Long number && number >= 0 && number <= Character.MAX_CODE_POINT) {
                out.appendCodePoint(number.intValue());
            } else if (to != null) {
                throw TemplateError.runtime("character mapping must return integer, None or str");
            }
        });
        budget.chars(out.length());
        return out.toString();
    }

    @FunctionalInterface
    private interface Affix {
        boolean test(String text, String affix);
    }

    private static Object affix(String self, Bound arguments, Affix test) {
        String part = part(self, arguments);
        if (part == null) {
            return false;
        }
        if (arguments.get(0) instanceof Tuple choices) {
            return choices.stream().anyMatch(each -> test.test(part, each.toString()));
        }
        if (!Types.isText(arguments.get(0))) {
            throw TemplateError.runtime("first arg must be str or a tuple of str, not " + Types.name(arguments.get(0)));
        }
        return test.test(part, arguments.get(0).toString());
    }

    /** The part of a string between the bounds in places 1 and 2, null if they cross. */
    private static String part(String self, Bound arguments) {
        if (!arguments.has(1)) {
            return self;
        }
        int length = self.codePointCount(0, self.length());
        long begin = arguments.integerOrNone(1, 0);
        int end = Methods.place(arguments.integerOrNone(2, length), length);
        if (begin > end) {
            return null;
        }
        return self.substring(Texts.unit(self, Methods.place(begin, length)), Texts.unit(self, end));
    }

    private static Object removePrefix(String self, Bound arguments, Budget budget) {
        String prefix = arguments.text(0);
        return self.startsWith(prefix) ? self.substring(prefix.length()) : self;
    }

    private static Object removeSuffix(String self, Bound arguments, Budget budget) {
        String suffix = arguments.text(0);
        return self.endsWith(suffix) ? self.substring(0, self.length() - suffix.length()) : self;
    }

    private static long find(String self, Bound arguments, Budget budget, boolean last) {
        String part = part(self, arguments);
        if (part == null) {
            return -1;
        }
        String sought = arguments.text(0);
        int unit = last
                ? Search.lastIndexOf(part, sought, part.length(), budget)
                : Search.indexOf(part, sought, 0, budget);
        int length = self.codePointCount(0, self.length());
        int before = arguments.has(1) ? Methods.place(arguments.integerOrNone(1, 0), length) : 0;
        return unit < 0 ? -1 : before + part.codePointCount(0, unit);
    }

    private static Object found(long place) {
        if (place < 0) {
            throw TemplateError.runtime("substring not found");
        }
        return place;
    }

    private static Object count(String self, Bound arguments, Budget budget) {
        String part = part(self, arguments);
        if (part == null) {
            return 0L;
        }
        String sought = arguments.text(0);
        return sought.isEmpty()
                ? part.codePointCount(0, part.length()) + 1L
                : (long) Search.places(part, sought, Long.MAX_VALUE, budget).size();
    }

    private static Object pad(String self, Bound arguments, Budget budget, int sides) {
        String fill = arguments.text(1, " ");
        if (fill.codePointCount(0, fill.length()) != 1) {
            throw TemplateError.runtime("The fill character must be exactly one character long");
        }
        return pad(self, arguments.integer(0, 0), fill, sides, budget);
    }

    /** Fills a string up to a width: 0 behind it, 1 around it, 2 before it. */
    static String pad(String text, long width, String fill, int sides, Budget budget) {
        long missing = width - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        budget.chars(text.length() + missing * fill.length());
        // Where the rest is odd, Python puts it left if the width is odd too.
        long left = sides == 0 ? 0 : sides == 2 ? missing : missing / 2 + (missing & width & 1);
        return fill.repeat((int) left) + text + fill.repeat((int) (missing - left));
    }

    private static Object zeroFill(String self, Bound arguments, Budget budget) {
        boolean signed = self.startsWith("-") || self.startsWith("+");
        String digits = signed ? self.substring(1) : self;
        String filled = pad(digits, arguments.integer(0, 0) - (signed ? 1 : 0), "0", 2, budget);
        return signed ? self.charAt(0) + filled : filled;
    }

    private static Object expandTabs(String self, Bound arguments, Budget budget) {
        long size = Math.max(0, arguments.integer(0, 8));
        StringBuilder out = new StringBuilder();
        long column = 0;
        for (int i = 0; i < self.length(); i++) {
            char c = self.charAt(i);
            if (c == '\t') {
                long width = size == 0 ? 0 : size - column % size;
                budget.chars(out.length() + width);
                out.repeat(' ', (int) width);
                column += width;
            } else {
                out.append(c);
                column = c == '\n' || c == '\r' ? 0 : column + (Character.isLowSurrogate(c) ? 0 : 1);
            }
        }
        return out.toString();
    }

    private static boolean all(String text, IntPredicate property) {
        return !text.isEmpty() && text.codePoints().allMatch(property);
    }
}
