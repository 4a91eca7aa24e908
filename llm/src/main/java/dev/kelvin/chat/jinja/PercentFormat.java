// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code template % values}. */
final class PercentFormat {
    private static final Pattern PLACE = Pattern.compile(
            "%(?:\\((?<key>[^)]*)\\))?(?<flags>[-+ #0]*)(?<width>\\*|\\d+)?(?:\\.(?<precision>\\*|\\d*))?[hlL]?"
                    + "(?<type>.)?",
            Pattern.DOTALL);

    private final Object values;
    private final boolean safe;
    private final Budget budget;
    private int next;

    private PercentFormat(Object values, boolean safe, Budget budget) {
        this.values = values;
        this.safe = safe;
        this.budget = budget;
    }

    /**
     * Fills a template.
     *
     * @param values a tuple of values, a dict for places with names, or one value
     * @param safe whether the values are escaped for HTML
     */
    static String format(String template, Object values, boolean safe, Budget budget) {
        return new PercentFormat(values, safe, budget).fill(template);
    }

    private String fill(String template) {
        StringBuilder out = new StringBuilder();
        Matcher matcher = PLACE.matcher(template);
        int at = 0;
        while (matcher.find()) {
            budget.step();
            out.append(template, at, matcher.start());
            at = matcher.end();
            String type = matcher.group("type");
            if (type == null) {
                throw TemplateError.runtime("incomplete format");
            }
            out.append(type.equals("%") ? "%" : place(matcher, type.charAt(0)));
            budget.chars(out.length() / 16);
        }
        out.append(template, at, template.length());
        budget.chars(out.length());
        if (values instanceof Tuple tuple
                ? next < tuple.size()
                : next == 0 && !(values instanceof Dict) && !(values instanceof List<?>)) {
            throw TemplateError.runtime("not all arguments converted during string formatting");
        }
        return out.toString();
    }

    private String place(Matcher matcher, char type) {
        String flags = matcher.group("flags");
        long width = size(matcher.group("width"), 0);
        boolean left = flags.indexOf('-') >= 0 || width < 0;
        budget.chars(Math.abs(width));
        long precision = matcher.group("precision") == null ? -1 : size(matcher.group("precision"), 0);
        budget.chars(precision);
        Object value = matcher.group("key") == null ? next() : named(matcher.group("key"));
        boolean numeric = "diuoxXeEfFgG".indexOf(type) >= 0;
        boolean zero = flags.indexOf('0') >= 0 && !left && numeric;
        char sign = flags.indexOf('+') >= 0 ? '+' : flags.indexOf(' ') >= 0 ? ' ' : 0;
        boolean alternate = flags.indexOf('#') >= 0;
        char align = left ? '<' : zero ? '=' : '>';
        int shown = (int) precision;
        Object laidOut = value;
        char kind = type;
        switch (type) {
            case 's', 'r', 'a' -> {
                laidOut = text(value, type);
                kind = 's';
            }
            case 'c' -> {
                laidOut = Types.isText(value) ? value : Character.toString((int) Numbers.index(value));
                kind = 's';
            }
            case 'd', 'i', 'u', 'o', 'x', 'X' -> {
                laidOut = integer(value, type);
                kind = type == 'i' || type == 'u' ? 'd' : type;
                shown = -1;
            }
            case 'e', 'E', 'f', 'F', 'g', 'G' -> laidOut = real(value);
            default -> throw TemplateError.runtime("unsupported format character '" + type + "'");
        }
        FormatSpec.Padding padding = new FormatSpec.Padding(zero ? "0" : " ", align, (int) Math.abs(width));
        return new FormatSpec(padding, sign, alternate, (char) 0, shown, kind).format(laidOut, budget);
    }

    private String text(Object value, char type) {
        String text = type == 's' ? Texts.str(value, budget) : Texts.repr(value, budget);
        return safe && !(value instanceof Markup) ? Markup.escape(text) : text;
    }

    private static Object integer(Object value, char type) {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (Types.isInteger(value)) {
            return Numbers.plus(value);
        }
        if (value instanceof Double real && "diu".indexOf(type) >= 0) {
            return Numbers.truncate(real);
        }
        throw TemplateError.runtime("%" + type + " format: a number is required, not " + Types.name(value));
    }

    private static Object real(Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (!Types.isNumber(value)) {
            throw TemplateError.runtime("must be real number, not " + Types.name(value));
        }
        return Numbers.real(value);
    }

    private long size(String text, long otherwise) {
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        if (text.equals("*")) {
            return Numbers.index(next());
        }
        return text.length() > 9 ? Long.MAX_VALUE : Long.parseLong(text);
    }

    private Object next() {
        if (values instanceof Tuple tuple ? next >= tuple.size() : next > 0) {
            throw TemplateError.runtime("not enough arguments for format string");
        }
        int index = next++;
        return values instanceof Tuple tuple ? tuple.get(index) : values;
    }

    private Object named(String key) {
        if (!(values instanceof Dict dict)) {
            throw TemplateError.runtime("format requires a mapping");
        }
        Object value = dict.get(key, Attributed.NONE, budget);
        if (Attributed.isNone(value)) {
            throw TemplateError.runtime("'" + key + "'");
        }
        return value;
    }
}
