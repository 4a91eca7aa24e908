// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/** The escape sequences of Python's string literals. */
final class StringEscapes {
    private StringEscapes() {}

    /**
     * Replaces the escape sequences.
     *
     * @param text between the quotes
     * @param offset where the literal begins, for errors
     */
    static String decode(String text, int offset) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            char c = text.charAt(i++);
            if (c != '\\') {
                out.append(c);
            } else {
                i = escape(text, i, out, offset);
            }
        }
        return out.toString();
    }

    /** Appends what a sequence stands for; the index is behind its backslash, the result behind its end. */
    private static int escape(String text, int at, StringBuilder out, int offset) {
        char c = text.charAt(at);
        int simple = "\\'\"abfnrtv".indexOf(c);
        if (simple >= 0) {
            out.append("\\'\"\u0007\b\f\n\r\t\u000b".charAt(simple));
            return at + 1;
        }
        return switch (c) {
            case '\n' -> at + 1;
            case 'x' -> hexadecimal(text, at + 1, 2, out, offset);
            case 'u' -> hexadecimal(text, at + 1, 4, out, offset);
            case 'U' -> hexadecimal(text, at + 1, 8, out, offset);
            case 'N' -> named(text, at + 1, out, offset);
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(text, at, out);
            default -> unknown(text, at, out);
        };
    }

    private static int hexadecimal(String text, int at, int digits, StringBuilder out, int offset) {
        int end = at;
        while (end < text.length() && end < at + digits && Character.digit(text.charAt(end), 16) >= 0) {
            end++;
        }
        long point = end == at + digits ? Long.parseLong(text, at, end, 16) : -1;
        if (point < 0 || point > Character.MAX_CODE_POINT) {
            throw TemplateError.syntax(point < 0 ? "truncated escape" : "illegal Unicode character", offset);
        }
        out.appendCodePoint((int) point);
        return end;
    }

    private static int named(String text, int at, StringBuilder out, int offset) {
        int end = text.indexOf('}', at);
        if (at >= text.length() || text.charAt(at) != '{' || end < 0) {
            throw TemplateError.syntax("malformed \\N character escape", offset);
        }
        try {
            out.appendCodePoint(Character.codePointOf(text.substring(at + 1, end)));
        } catch (IllegalArgumentException e) {
            throw TemplateError.syntax("unknown Unicode character name", offset);
        }
        return end + 1;
    }

    private static int octal(String text, int at, StringBuilder out) {
        int end = at;
        while (end < text.length() && end < at + 3 && text.charAt(end) >= '0' && text.charAt(end) <= '7') {
            end++;
        }
        out.append((char) Integer.parseInt(text, at, end, 8));
        return end;
    }

    /** An unknown sequence stays. Jinja spells a character beyond ASCII as a sequence, which then stays as text. */
    private static int unknown(String text, int at, StringBuilder out) {
        int point = text.codePointAt(at);
        out.append('\\');
        if (point < 0x80) {
            out.append((char) point);
        } else {
            out.append(String.format(point < 0x100 ? "x%02x" : point < 0x10000 ? "u%04x" : "U%08x", point));
        }
        return at + Character.charCount(point);
    }
}
