// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How one value is laid out, of Python's {@code format(value, "*>+#010,.2f")} and of {@code %}.
 *
 * @param padding how it is filled up
 * @param sign one of {@code + -} and space
 * @param alternate whether a base or a point is always shown
 * @param grouping {@code ,} or {@code _} between thousands, or 0
 * @param precision −1 if none is given
 * @param type the letter, or 0
 */
record FormatSpec(Padding padding, char sign, boolean alternate, char grouping, int precision, char type) {
    /**
     * How a value is filled up.
     *
     * @param fill one code point
     * @param align one of {@code < > ^ =}, or 0 for what the type does
     * @param width at least so many characters
     */
    record Padding(String fill, char align, int width) {}

    private static final Pattern SPEC = Pattern.compile(
            "(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?z?(?<alternate>#)?(?<zero>0)?(?<width>\\d+)?"
                    + "(?<grouping>[,_])?(?:\\.(?<precision>\\d+))?(?<type>[a-zA-Z%])?",
            Pattern.DOTALL);

    /** Digits of precision beyond which no double has any. */
    private static final int MOST_DECIMALS = 4096;

    static FormatSpec parse(String text, Budget budget) {
        Matcher matcher = SPEC.matcher(text);
        if (!matcher.matches()) {
            throw TemplateError.runtime("Invalid format specifier '" + text + "'");
        }
        boolean zero = matcher.group("zero") != null;
        String fill = matcher.group("fill");
        char align = letter(matcher.group("align"));
        Padding padding = new Padding(
                fill != null ? fill : zero && align == 0 ? "0" : " ",
                align == 0 && zero ? '=' : align,
                size(matcher.group("width"), 0, budget));
        return new FormatSpec(
                padding,
                letter(matcher.group("sign")),
                matcher.group("alternate") != null,
                letter(matcher.group("grouping")),
                size(matcher.group("precision"), -1, budget),
                letter(matcher.group("type")));
    }

    private static char letter(String text) {
        return text == null ? 0 : text.charAt(0);
    }

    private static int size(String digits, int otherwise, Budget budget) {
        if (digits == null) {
            return otherwise;
        }
        long size = digits.length() > 9 ? Long.MAX_VALUE : Long.parseLong(digits);
        budget.chars(size);
        return (int) size;
    }

    /** The value in this layout. */
    String format(Object value, Budget budget) {
        if (value instanceof Boolean && (type == 0 || type == 's')) {
            return text(Texts.str(value, budget), budget);
        }
        if (Types.isNumber(value)) {
            return number(value, budget);
        }
        if (type != 0 && type != 's') {
            throw TemplateError.runtime(
                    "Unknown format code '" + type + "' for object of type '" + Types.name(value) + "'");
        }
        return text(Texts.str(value, budget), budget);
    }

    private String text(String text, Budget budget) {
        String cut = precision >= 0 && precision < text.codePointCount(0, text.length())
                ? text.substring(0, Texts.unit(text, precision))
                : text;
        if (padding.align() == '=') {
            throw TemplateError.runtime("'=' alignment not allowed in string format specifier");
        }
        int sides = padding.align() == '>' ? 2 : padding.align() == '^' ? 1 : 0;
        return sides == 1
                ? centered(cut, budget)
                : StringMethods.pad(cut, padding.width(), padding.fill(), sides, budget);
    }

    /** Unlike the method of that name, the odd rest goes to the right. */
    private String centered(String text, Budget budget) {
        long missing = Math.max(0, padding.width() - (long) text.codePointCount(0, text.length()));
        return StringMethods.pad(
                padding.fill().repeat((int) (missing / 2)) + text, padding.width(), padding.fill(), 0, budget);
    }

    private String number(Object value, Budget budget) {
        boolean negative = value instanceof Double real
                ? real < 0 || 1 / real < 0
                : Numbers.big(value).signum() < 0;
        String digits =
                switch (type) {
                    case 0 -> value instanceof Double real ? general((double) real) : integer(value, 10);
                    case 'd', 'n' -> integer(value, 10);
                    case 'x', 'X' -> integer(value, 16);
                    case 'o' -> integer(value, 8);
                    case 'b' -> integer(value, 2);
                    case 'c' -> Character.toString((int) Numbers.index(value));
                    default -> real(Numbers.real(value));
                };
        if (type == 'c') {
            return text(digits, budget);
        }
        String prefix = (negative ? "-" : sign == '+' || sign == ' ' ? Character.toString(sign) : "")
                + (alternate && "xXob".indexOf(type) >= 0 && type != 0 ? "0" + type : "");
        return laidOut(prefix, type == 'X' ? digits.toUpperCase(java.util.Locale.ROOT) : digits, budget);
    }

    private String laidOut(String prefix, String digits, Budget budget) {
        String grouped = grouping == 0 ? digits : grouped(digits);
        long missing = padding.width() - (long) prefix.length() - grouped.length();
        if (padding.align() == '=' && missing > 0) {
            budget.chars(padding.width());
            return prefix + padding.fill().repeat((int) missing) + grouped;
        }
        String whole = prefix + grouped;
        return padding.align() == '^'
                ? centered(whole, budget)
                : StringMethods.pad(whole, padding.width(), padding.fill(), padding.align() == '<' ? 0 : 2, budget);
    }

    private String grouped(String digits) {
        int end = 0;
        while (end < digits.length() && Character.digit(digits.charAt(end), 16) >= 0 && digits.charAt(end) != 'e') {
            end++;
        }
        int size = type == 'x' || type == 'X' || type == 'o' || type == 'b' ? 4 : 3;
        StringBuilder out = new StringBuilder(digits);
        for (int at = end - size; at > 0; at -= size) {
            out.insert(at, grouping);
        }
        return out.toString();
    }

    private String integer(Object value, int radix) {
        if (value instanceof Double) {
            throw TemplateError.runtime("Unknown format code '" + type + "' for object of type 'float'");
        }
        BigInteger magnitude = Numbers.big(value).abs();
        return magnitude.toString(radix);
    }

    /** A double without a type: like {@code repr}, or by precision like {@code g}. */
    private String general(double value) {
        if (precision < 0) {
            return FloatText.repr(Math.abs(value));
        }
        String text = significant(Math.abs(value), Math.max(1, precision), false);
        return text.indexOf('.') < 0 && text.indexOf('e') < 0 && Double.isFinite(value) ? text + ".0" : text;
    }

    private String real(double value) {
        double magnitude = Math.abs(value);
        int decimals = precision < 0 ? 6 : Math.min(precision, MOST_DECIMALS);
        boolean upper = type < 'a' && type != '%';
        if (!Double.isFinite(magnitude)) {
            String name = Double.isNaN(magnitude) ? "nan" : "inf";
            return (upper ? name.toUpperCase(java.util.Locale.ROOT) : name) + (type == '%' ? "%" : "");
        }
        String text =
                switch (type) {
                    case 'f', 'F' -> fixed(magnitude, decimals);
                    case '%' -> fixed(magnitude * 100, decimals) + "%";
                    case 'e', 'E' -> scientific(magnitude, decimals);
                    case 'g', 'G' -> significant(magnitude, Math.max(1, decimals), alternate);
                    default ->
                        throw TemplateError.runtime("Unknown format code '" + type + "' for object of type 'float'");
                };
        return upper ? text.toUpperCase(java.util.Locale.ROOT) : text;
    }

    private String fixed(double value, int decimals) {
        String text =
                new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
        return alternate && decimals == 0 ? text + "." : text;
    }

    private static String scientific(double value, int decimals) {
        if (value == 0) {
            return FloatText.exponent(
                    new StringBuilder("0").append(decimals > 0 ? "." : "").repeat('0', decimals), 0);
        }
        BigDecimal rounded =
                new BigDecimal(value).round(new java.math.MathContext(decimals + 1, RoundingMode.HALF_EVEN));
        StringBuilder digits = new StringBuilder(rounded.unscaledValue().toString());
        int exponent = rounded.precision() - rounded.scale() - 1;
        digits.repeat('0', Math.max(0, decimals + 1 - digits.length()));
        if (decimals > 0) {
            digits.insert(1, '.');
        }
        return FloatText.exponent(digits, exponent);
    }

    private static String significant(double value, int digits, boolean keepZeros) {
        if (!Double.isFinite(value)) {
            return FloatText.repr(value);
        }
        String scientific = scientific(value, digits - 1);
        int exponent = Integer.parseInt(scientific.substring(scientific.indexOf('e') + 1));
        if (exponent >= -4 && exponent < digits) {
            String plain = new BigDecimal(value)
                    .setScale(digits - 1 - exponent, RoundingMode.HALF_EVEN)
                    .toPlainString();
            return keepZeros ? plain : withoutZeros(plain);
        }
        int at = scientific.indexOf('e');
        String mantissa = scientific.substring(0, at);
        return (keepZeros ? mantissa : withoutZeros(mantissa)) + scientific.substring(at);
    }

    private static String withoutZeros(String digits) {
        if (digits.indexOf('.') < 0) {
            return digits;
        }
        int end = digits.length();
        while (digits.charAt(end - 1) == '0') {
            end--;
        }
        return digits.substring(0, digits.charAt(end - 1) == '.' ? end - 1 : end);
    }
}
