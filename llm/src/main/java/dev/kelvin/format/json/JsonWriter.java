// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Writes JSON (RFC 8259). What {@link JsonReader} read comes out with the same values, numbers to the digit. */
public final class JsonWriter {
    private static final String HEX = "0123456789abcdef";

    private final StringBuilder out = new StringBuilder();
    private final int indent;
    private int depth;

    private JsonWriter(int indent) {
        this.indent = indent;
    }

    /**
     * Writes a value without white space.
     *
     * @param value as the package says; besides, any {@link Byte}, {@link Short}, {@link Integer}, and finite
     *     {@link Float} or {@link Double}, with the fewest digits that give the same value back
     * @return one line
     * @throws IllegalArgumentException for any other class, a name that is no string, or a float that is not finite
     */
    public static String write(Object value) {
        return new JsonWriter(-1).append(value).toString();
    }

    /**
     * Writes a value with each element and field on a line of its own.
     *
     * @param value as for {@link #write(Object)}
     * @param indent how many spaces a level is moved in
     * @return lines; no line feed at the end
     * @throws IllegalArgumentException as {@link #write(Object)}, and if {@code indent} is negative
     */
    public static String write(Object value, int indent) {
        if (indent < 0) {
            throw new IllegalArgumentException("json: indent " + indent + " is negative");
        }
        return new JsonWriter(indent).append(value).toString();
    }

    /**
     * Appends a string in quotes, escaping quotes, backslashes, control characters, and lone surrogates, which UTF-8
     * cannot hold.
     *
     * @param string to be quoted
     * @param ascii whether everything beyond ASCII is escaped too
     * @param out appended to
     */
    public static void quote(CharSequence string, boolean ascii, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || (ascii && c >= 0x7f) || (Character.isSurrogate(c) && isLone(string, i))) {
                        unicodeEscape(c, out);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean isLone(CharSequence string, int i) {
        return Character.isHighSurrogate(string.charAt(i))
                ? i + 1 == string.length() || !Character.isLowSurrogate(string.charAt(i + 1))
                : i == 0 || !Character.isHighSurrogate(string.charAt(i - 1));
    }

    private static void unicodeEscape(char c, StringBuilder out) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(HEX.charAt(c >> shift & 15));
        }
    }

    private JsonWriter append(Object value) {
        switch (value) {
            case null -> out.append("null");
            case String string -> quote(string, false, out);
            case Map<?, ?> fields -> object(fields);
            case List<?> elements -> array(elements);
            case Boolean flag -> out.append(flag);
            case Double number -> finite(number, number);
            case Float number -> finite(number, number);
            case Byte _, Short _, Integer _, Long _, BigInteger _, BigDecimal _ -> out.append(value);
            default -> throw new IllegalArgumentException("json: no form for " + value.getClass());
        }
        return this;
    }

    private void finite(Object value, double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("json: no form for the number " + number);
        }
        out.append(value);
    }

    private void object(Map<?, ?> fields) {
        out.append('{');
        depth++;
        int index = 0;
        for (Map.Entry<?, ?> field : fields.entrySet()) {
            if (!(field.getKey() instanceof String name)) {
                throw new IllegalArgumentException("json: the name " + field.getKey() + " is no string");
            }
            separate(index++);
            quote(name, false, out);
            out.append(indent < 0 ? ":" : ": ");
            append(field.getValue());
        }
        close('}', fields.isEmpty());
    }

    private void array(List<?> elements) {
        out.append('[');
        depth++;
        int index = 0;
        for (Object element : elements) {
            separate(index++);
            append(element);
        }
        close(']', elements.isEmpty());
    }

    private void separate(int index) {
        if (index > 0) {
            out.append(',');
        }
        breakLine();
    }

    private void close(char bracket, boolean empty) {
        depth--;
        if (!empty) {
            breakLine();
        }
        out.append(bracket);
    }

    private void breakLine() {
        if (indent >= 0) {
            out.append('\n').repeat(' ', indent * depth);
        }
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
