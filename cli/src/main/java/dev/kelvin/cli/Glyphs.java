// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.SamplerLanguage;

/**
 * The characters that output is drawn with: Unicode where the terminal shows it, ASCII elsewhere.
 *
 * @param unicode whether characters beyond ASCII can be shown
 */
record Glyphs(boolean unicode) {
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉█";

    String tau() {
        return unicode ? "τ" : "tau";
    }

    String infinity() {
        return unicode ? "∞" : "inf";
    }

    String ellipsis() {
        return unicode ? "…" : "...";
    }

    /** A temperature as it is shown to people: {@code 0}, {@code 0.2}, {@code 10}, {@code ∞}. */
    String temperature(float temperature) {
        return temperature == Float.POSITIVE_INFINITY ? infinity() : SamplerLanguage.shortest(temperature);
    }

    /**
     * A bar of the given share of {@code columns}, in eighths of a column (ASCII: whole columns), rounded to the
     * nearest.
     *
     * @param share in [0, 1]
     */
    String bar(double share, int columns) {
        if (!unicode) {
            return "#".repeat((int) Math.round(share * columns));
        }
        int eighths = (int) Math.round(share * columns * 8);
        String bar = "█".repeat(eighths / 8);
        return eighths % 8 == 0 ? bar : bar + EIGHTHS.charAt(eighths % 8);
    }

    /** {@link #bar} with the spaces that fill its columns. */
    String wholeBar(double share, int columns) {
        String bar = bar(share, columns);
        return bar + " ".repeat(columns - columns(bar));
    }

    /**
     * The text with everything escaped that could move the cursor, hide or reorder: control, format and unassigned
     * characters and separators, and a backslash (so that the result is unambiguous); on an ASCII terminal everything
     * beyond ASCII too.
     */
    String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 8);
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            if (c == '\\') {
                escaped.append("\\\\");
            } else if (isControl(c) || (!unicode && c > 0x7e)) {
                appendEscape(escaped, c);
            } else {
                escaped.appendCodePoint(c);
            }
        }
        return escaped.toString();
    }

    /** {@link #escape} between quotation marks, which shows leading and trailing spaces. */
    String quote(String text) {
        return '"' + escape(text).replace("\"", "\\\"") + '"';
    }

    /** The text with control characters other than line feed and tab escaped. */
    static String withoutControls(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            if (c != '\n' && c != '\t' && Character.getType(c) == Character.CONTROL) {
                appendEscape(clean, c);
            } else {
                clean.appendCodePoint(c);
            }
        }
        return clean.toString();
    }

    /** The text cut to at most {@code columns} columns, the cut marked by an ellipsis. */
    String fit(String text, int columns) {
        if (columns(text) <= columns) {
            return text;
        }
        int room = columns - columns(ellipsis());
        if (room < 0) {
            return "";
        }
        int end = 0;
        while (end < text.length()) {
            int c = text.codePointAt(end);
            room -= columns(c);
            if (room < 0) {
                break;
            }
            end += Character.charCount(c);
        }
        return text.substring(0, end) + ellipsis();
    }

    /**
     * The columns that a text takes on a screen: 0 for a combining mark, 2 for a wide East Asian character or an emoji.
     */
    static int columns(String text) {
        int columns = 0;
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            columns += columns(c);
        }
        return columns;
    }

    private static int columns(int c) {
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        // The blocks that Unicode's East Asian Width table (UAX #11) marks W or F, without its many small exceptions.
        boolean wide = (c >= 0x1100 && c <= 0x115f)
                || (c >= 0x2e80 && c <= 0xa4cf)
                || (c >= 0xac00 && c <= 0xd7a3)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0xfe30 && c <= 0xfe6f)
                || (c >= 0xff00 && c <= 0xff60)
                || (c >= 0xffe0 && c <= 0xffe6)
                || (c >= 0x1f300 && c <= 0x1f64f)
                || (c >= 0x1f680 && c <= 0x1f6ff)
                || (c >= 0x1f900 && c <= 0x1faff)
                || (c >= 0x20000 && c <= 0x3fffd);
        return wide ? 2 : 1;
    }

    private static boolean isControl(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static void appendEscape(StringBuilder target, int c) {
        switch (c) {
            case '\n' -> target.append("\\n");
            case '\r' -> target.append("\\r");
            case '\t' -> target.append("\\t");
            default -> target.append("\\u{").append(Integer.toHexString(c)).append('}');
        }
    }
}
