// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import dev.kelvin.chat.jinja.Signature.Bound;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Filters that make numbers, or print them. */
final class NumberFilters {
    private static final Pattern REAL =
            Pattern.compile("[-+]?(?:(?:\\d+(?:_\\d+)*)?\\.?(?:\\d+(?:_\\d+)*)?(?:[eE][-+]?\\d+(?:_\\d+)*)?)");
    private static final Pattern HAS_DIGIT = Pattern.compile("[-+]?\\.?\\d.*", Pattern.DOTALL);
    private static final int MOST_DIGITS = 4300;
    private static final String PREFIXES = "kMGTPEZY";

    private NumberFilters() {}

    static void register() {
        Filters.add("abs", "x", (a, render) -> Numbers.abs(number(a.get(0), "bad operand type for abs(): ")));
        Filters.add("int", "value default? base?", NumberFilters::integer);
        Filters.add("float", "value default?", NumberFilters::real);
        Filters.add("round", "value precision? method?", NumberFilters::round);
        Filters.add("filesizeformat", "value binary?", NumberFilters::fileSize);
    }

    private static Object number(Object value, String otherwise) {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (!Types.isNumber(value)) {
            throw TemplateError.runtime(otherwise + "'" + Types.name(value) + "'");
        }
        return value;
    }

    private static Object integer(Bound arguments, Render render) {
        Object value = arguments.get(0);
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (Types.isInteger(value)) {
            return Numbers.plus(value);
        }
        if (value instanceof Double real) {
            // An infinite one is an OverflowError in Python, which the filter does not catch.
            return Double.isNaN(real) ? arguments.get(1, 0L) : Numbers.truncate(real);
        }
        if (Types.isText(value)) {
            Object parsed = parseInteger(value.toString(), arguments.integer(2, 10));
            if (parsed == null) {
                Double real = parseReal(value.toString());
                parsed = real == null || Double.isNaN(real) ? null : Numbers.truncate(real);
            }
            return parsed == null ? arguments.get(1, 0L) : parsed;
        }
        return arguments.get(1, 0L);
    }

    /** Python's {@code int(text, base)}, or null. */
    private static Object parseInteger(String text, long base) {
        String digits = StringMethods.strip(text, null, true, true);
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        String lower = digits.toLowerCase(Locale.ROOT);
        long prefixed = lower.startsWith("0x") ? 16 : lower.startsWith("0o") ? 8 : lower.startsWith("0b") ? 2 : 0;
        long radix = base == 0 ? Math.max(prefixed, prefixed == 0 ? 10 : 0) : base;
        if (prefixed != 0 && radix == prefixed) {
            digits = digits.substring(2);
            digits = digits.startsWith("_") ? digits.substring(1) : digits;
        }
        if (radix < 2 || radix > 36 || digits.length() > MOST_DIGITS || !isDigits(digits, (int) radix)) {
            return null;
        }
        BigInteger value = new BigInteger(digits.replace("_", ""), (int) radix);
        return Numbers.normal(negative ? value.negate() : value);
    }

    private static boolean isDigits(String text, int radix) {
        boolean digitBefore = false;
        for (int i = 0; i < text.length(); i++) {
            boolean digit = Character.digit(text.charAt(i), radix) >= 0;
            if (!digit && !(text.charAt(i) == '_' && digitBefore)) {
                return false;
            }
            digitBefore = digit;
        }
        return digitBefore;
    }

    /** Python's {@code float(text)}, or null. */
    private static Double parseReal(String text) {
        String stripped = StringMethods.strip(text, null, true, true);
        boolean negative = stripped.startsWith("-");
        return switch (stripped.toLowerCase(Locale.ROOT).replaceFirst("^[-+]", "")) {
            case "inf", "infinity" -> negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> {
                boolean isReal = stripped.length() <= MOST_DIGITS
                        && HAS_DIGIT.matcher(stripped).matches()
                        && REAL.matcher(stripped).matches();
                yield isReal ? Double.valueOf(stripped.replace("_", "")) : null;
            }
        };
    }

    private static Object real(Bound arguments, Render render) {
        Object value = arguments.get(0);
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (Types.isNumber(value)) {
            return Numbers.real(value);
        }
        Double parsed = Types.isText(value) ? parseReal(value.toString()) : null;
        return parsed == null ? arguments.get(1, 0.0) : parsed;
    }

    private static Object round(Bound arguments, Render render) {
        Object value = number(arguments.get(0), "type has no rounding: ");
        long precision = arguments.integer(1, 0);
        String method = arguments.text(2, "common");
        if (!List.of("common", "ceil", "floor").contains(method)) {
            throw TemplateError.runtime("method must be common, ceil or floor");
        }
        if (method.equals("common")) {
            return Numbers.round(value, precision);
        }
        Object scale = Numbers.power(10L, precision, render.budget());
        double scaled = Numbers.real(Numbers.multiply(value, scale, render.budget()));
        double whole = method.equals("ceil") ? Math.ceil(scaled) : Math.floor(scaled);
        return Numbers.divide(Numbers.truncate(whole), scale);
    }

    private static Object fileSize(Bound arguments, Render render) {
        Object value = arguments.get(0);
        // The box keeps a text that is no number from becoming one.
        Double parsed =
                Types.isText(value) ? parseReal(value.toString()) : (Double) Numbers.real(number(value, "no size: "));
        if (parsed == null) {
            throw TemplateError.runtime("could not convert string to float");
        }
        boolean binary = arguments.truth(1);
        double bytes = parsed;
        double base = binary ? 1024 : 1000;
        if (bytes == 1) {
            return "1 Byte";
        }
        if (bytes < base) {
            return Numbers.truncate(bytes) + " Bytes";
        }
        int prefix = 0;
        double unit = base * base;
        while (bytes >= unit && prefix < PREFIXES.length() - 1) {
            prefix++;
            unit *= base;
        }
        String letter = PREFIXES.substring(prefix, prefix + 1);
        FormatSpec spec = FormatSpec.parse(".1f", render.budget());
        return spec.format(base * bytes / unit, render.budget()) + " "
                + (binary ? letter.toUpperCase(Locale.ROOT) + "iB" : letter + "B");
    }
}
