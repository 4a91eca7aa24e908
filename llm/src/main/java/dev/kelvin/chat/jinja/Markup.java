// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/**
 * A string marked as safe for HTML. It equals the plain string; what is added to it is escaped first.
 *
 * @param text the string itself
 */
record Markup(String text) {
    static Markup escape(Object value, Budget budget) {
        return value instanceof Markup markup ? markup : new Markup(escape(Texts.str(value, budget)));
    }

    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&#34;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
