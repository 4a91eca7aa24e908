// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.Set;

/** The patterns of JSON Schema's formats. Where a format is wide (mail addresses, URIs), a common part of it. */
final class Formats {
    private static final String LEAP_YEAR =
            "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
    private static final String DATE = "(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])"
            + "|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))|" + LEAP_YEAR + "-02-29)";
    private static final String CLOCK = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?";
    private static final String ZONE = "(?:[Zz]|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
    /** Up to 63 characters; none that begins like {@code xn--}, as not each of those can be decoded. */
    private static final String LABEL =
            "X(?:X|YX|YYX|Y(?:XY|-X)Y{0,58}X)?".replace("X", "[A-Za-z0-9]").replace("Y", "[A-Za-z0-9-]");

    private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final String IPV4 = BYTE + "(?:\\." + BYTE + "){3}";
    private static final String GROUP = "[0-9A-Fa-f]{1,4}";
    private static final String IPV6 = "(?:(?:G:){7}G|(?:G:){1,7}:|(?:G:){1,6}:G|(?:G:){1,5}(?::G){1,2}"
            + "|(?:G:){1,4}(?::G){1,3}|(?:G:){1,3}(?::G){1,4}|(?:G:){1,2}(?::G){1,5}|G:(?::G){1,6}|:(?::G){1,7}|::"
            + "|(?:G:){6}I|(?:G:){1,5}:I|(?:G:){1,4}:G:I|(?:G:){1,3}(?::G){1,2}:I|(?:G:){1,2}(?::G){1,3}:I"
            + "|G:(?::G){1,4}:I|:(?::G){1,5}:I|::I)";
    private static final String PERCENT = "%[0-9A-Fa-f]{2}";
    private static final String URI_CHARACTER = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|" + PERCENT + ")";
    private static final String FIRST_CHARACTER = "(?:[A-Za-z0-9._~!$&'()*+,;=@-]|" + PERCENT + ")";
    private static final String PATH = "(?:/" + URI_CHARACTER + "*)*";
    private static final String QUERY = "(?:\\?(?:" + URI_CHARACTER + "|[/?])*)?(?:#(?:" + URI_CHARACTER + "|[/?])*)?";
    private static final String AUTHORITY = "//(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|" + PERCENT
            + ")*@)?(?:[A-Za-z0-9._~!$&'()*+,;=-]|" + PERCENT + ")*(?::\\d*)?";
    private static final String URI =
            "[A-Za-z][A-Za-z0-9+.-]*:(?:" + AUTHORITY + PATH + "|/?(?:" + URI_CHARACTER + "+" + PATH + ")?)" + QUERY;
    private static final String TIME_PART = "T(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S)";
    private static final String DATE_PART = "(?:\\d+Y(?:\\d+M(?:\\d+D)?)?|\\d+M(?:\\d+D)?|\\d+D)";
    private static final String BASE64 = "[A-Za-z0-9+/]";
    private static final String POINTER = "(?:/(?:[^~/]|~[01])*)*";

    private static final Map<String, String> PATTERNS = Map.ofEntries(
            Map.entry("date", DATE),
            Map.entry("time", CLOCK + ZONE),
            Map.entry("date-time", DATE + "[Tt]" + CLOCK + ZONE),
            Map.entry("duration", "P(?:\\d+W|" + DATE_PART + "(?:" + TIME_PART + ")?|" + TIME_PART + ")"),
            Map.entry("uuid", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
            Map.entry(
                    "email",
                    "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@" + LABEL + "(?:\\." + LABEL
                            + ")*"),
            Map.entry("hostname", LABEL + "(?:\\." + LABEL + ")*"),
            Map.entry("ipv4", IPV4),
            Map.entry("ipv6", IPV6.replace("G", GROUP).replace("I", IPV4)),
            Map.entry("uri", URI),
            Map.entry(
                    "uri-reference",
                    "(?:" + URI + "|(?:" + AUTHORITY + PATH + "|/" + URI_CHARACTER + "+" + PATH + "|/|"
                            + FIRST_CHARACTER + "+" + PATH + "|)" + QUERY + ")"),
            Map.entry("json-pointer", POINTER),
            Map.entry("relative-json-pointer", "(?:0|[1-9]\\d*)(?:#|" + POINTER + ")"),
            Map.entry("byte", "(?:B{4})*(?:B[AQgw]==|B{2}[AEIMQUYcgkosw048]=)?".replace("B", BASE64)));

    /** Of OpenAPI's formats those that bound whole numbers. */
    private static final Map<String, Whole> WHOLES = Map.of(
            "int8", Whole.signed(8),
            "int16", Whole.signed(16),
            "int32", Whole.signed(32),
            "int64", Whole.signed(64),
            "uint8", Whole.unsigned(8),
            "uint16", Whole.unsigned(16),
            "uint32", Whole.unsigned(32),
            "uint64", Whole.unsigned(64));

    /** Those that say how a number is kept, or a string is shown, and not what it may be. */
    private static final Set<String> FREE = Set.of("float", "double", "password");

    /** Whole numbers from the least to the most. */
    record Whole(BigInteger least, BigInteger most) {
        static Whole signed(int bits) {
            BigInteger half = BigInteger.ONE.shiftLeft(bits - 1);
            return new Whole(half.negate(), half.subtract(BigInteger.ONE));
        }

        static Whole unsigned(int bits) {
            return new Whole(BigInteger.ZERO, BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE));
        }

        boolean contains(BigDecimal number) {
            return number.scale() <= 0
                    && number.compareTo(new BigDecimal(least)) >= 0
                    && number.compareTo(new BigDecimal(most)) <= 0;
        }
    }

    private Formats() {}

    /** Whether it is known what a format asks for. */
    static boolean isKnown(String format) {
        return PATTERNS.containsKey(format) || WHOLES.containsKey(format) || FREE.contains(format);
    }

    /** What a format asks of numbers, or null for nothing. */
    static Whole whole(String format) {
        return WHOLES.get(format);
    }

    /** What a format asks of strings, as a pattern that is anchored at both ends, or null for nothing. */
    static String pattern(String format) {
        String pattern = PATTERNS.get(format);
        return pattern == null ? null : "^(?:" + pattern + ")$";
    }
}
