// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** The filter {@code tojson}: Python's {@code json.dumps}, which escapes nothing for HTML. */
final class JsonText {
    private final StringBuilder out = new StringBuilder();
    private final Budget budget;
    private final boolean ascii;
    /** One level of indention, or null for one line. */
    private final String indent;

    private final boolean sortKeys;
    private final String itemSeparator;
    private final String keySeparator;

    private JsonText(Signature.Bound arguments, Budget budget) {
        this.budget = budget;
        ascii = arguments.truth(1);
        indent = indent(arguments, budget);
        sortKeys = arguments.truth(4);
        if (arguments.get(3) == null) {
            itemSeparator = indent == null ? ", " : ",";
            keySeparator = ": ";
        } else {
            List<Object> separators = Types.list(arguments.get(3), budget);
            if (separators.size() != 2) {
                throw TemplateError.runtime("tojson: separators are two strings, not " + separators.size());
            }
            itemSeparator = Texts.str(separators.get(0), budget);
            keySeparator = Texts.str(separators.get(1), budget);
        }
    }

    private static String indent(Signature.Bound arguments, Budget budget) {
        return switch (arguments.get(2)) {
            case null -> null;
            case String text -> text;
            case Markup markup -> markup.text();
            case Object count -> {
                long spaces = Math.max(0, Numbers.index(count));
                budget.chars(spaces);
                yield " ".repeat((int) spaces);
            }
        };
    }

    /** The text for the arguments of the filter. */
    static Object of(Signature.Bound arguments, Budget budget) {
        JsonText text = new JsonText(arguments, budget);
        text.append(arguments.get(0), 1);
        budget.chars(text.out.length());
        return text.out.toString();
    }

    private void append(Object value, int depth) {
        budget.step();
        budget.chars(out.length() / 64);
        switch (value) {
            case null -> out.append("null");
            case Boolean flag -> out.append(flag);
            case Long _, BigInteger _ -> out.append(value);
            case Double number -> out.append(real(number));
            case String text -> quote(text);
            case Markup(String text) -> quote(text);
            case Range _ -> throw unserializable(value);
            case List<?> list -> list(list, depth);
            case Dict dict -> dict(dict, depth);
            default -> throw unserializable(value);
        }
    }

    private static TemplateError unserializable(Object value) {
        return TemplateError.runtime("Object of type " + Types.name(value) + " is not JSON serializable");
    }

    private static String real(double value) {
        return Double.isNaN(value)
                ? "NaN"
                : Double.isInfinite(value) ? (value > 0 ? "Infinity" : "-Infinity") : FloatText.repr(value);
    }

    private void list(List<?> list, int depth) {
        budget.enter(Budget.DATA);
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
            separate(i, depth);
            append(list.get(i), depth + 1);
        }
        close(']', list.size(), depth);
    }

    private void dict(Dict dict, int depth) {
        budget.enter(Budget.DATA);
        List<Object> items = dict.items();
        if (sortKeys) {
            items = new ArrayList<>(items);
            items.sort((a, b) -> Comparison.compare(((Tuple) a).get(0), ((Tuple) b).get(0), budget));
        }
        out.append('{');
        int index = 0;
        for (Object item : items) {
            separate(index++, depth);
            quote(key(((Tuple) item).get(0)));
            out.append(keySeparator);
            append(((Tuple) item).get(1), depth + 1);
        }
        close('}', items.size(), depth);
    }

    private static String key(Object key) {
        return switch (key) {
            case null -> "null";
            case String text -> text;
            case Markup(String text) -> text;
            case Boolean flag -> flag.toString();
            case Long _, BigInteger _ -> key.toString();
            case Double number -> real(number);
            default ->
                throw TemplateError.runtime("keys must be str, int, float, bool or None, not " + Types.name(key));
        };
    }

    private void separate(int index, int depth) {
        if (index > 0) {
            out.append(itemSeparator);
        }
        breakLine(depth);
    }

    private void close(char bracket, int size, int depth) {
        if (size > 0) {
            breakLine(depth - 1);
        }
        out.append(bracket);
        budget.leave(Budget.DATA);
    }

    private void breakLine(int depth) {
        if (indent != null) {
            budget.chars((long) depth * indent.length());
            out.append('\n').repeat(indent, depth);
        }
    }

    private void quote(String text) {
        budget.chars(text.length());
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || (ascii && c >= 0x7f)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
