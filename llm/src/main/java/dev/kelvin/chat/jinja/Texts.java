// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Values as text: Python's {@code str} and {@code repr}, and strings as sequences of code points. */
final class Texts {
    private final StringBuilder out = new StringBuilder();
    private final Budget budget;

    private Texts(Budget budget) {
        this.budget = budget;
    }

    /** What printing a value gives. */
    static String str(Object value, Budget budget) {
        return switch (value) {
            case String text -> text;
            case Markup markup -> markup.text();
            case Undefined _ -> "";
            case null, default -> repr(value, budget);
        };
    }

    /** What a value looks like inside a list that is printed. */
    static String repr(Object value, Budget budget) {
        Texts texts = new Texts(budget);
        texts.append(value);
        return texts.out.toString();
    }

    private void append(Object value) {
        budget.step();
        budget.chars(out.length() / 64);
        switch (value) {
            case null -> out.append("None");
            case Boolean flag -> out.append(flag ? "True" : "False");
            case Long number -> out.append(number.longValue());
            case BigInteger number -> out.append(number);
            case Double number -> out.append(FloatText.repr(number));
            case String text -> quote(text);
            case Markup(String text) -> {
                out.append("Markup(");
                quote(text);
                out.append(')');
            }
            case Range range -> out.append(range);
            case Tuple tuple -> sequence("(", tuple, tuple.size() == 1 ? ",)" : ")");
            case List<?> list -> sequence("[", list, "]");
            case Dict dict -> dict(dict);
            case Dict.View view -> {
                sequence(Types.name(view) + "([", view.dict().part(view.part()), "])");
            }
            case Namespace namespace -> {
                out.append("<Namespace ");
                dict(namespace.attributes());
                out.append('>');
            }
            case Undefined _ -> out.append("Undefined");
            case Bytes bytes -> out.append(bytes);
            case LoopContext loop ->
                out.append("<LoopContext ")
                        .append(loop.index0() + 1)
                        .append('/')
                        .append(loop.length())
                        .append('>');
            case Macro macro -> out.append("<Macro '").append(macro.name()).append("'>");
            default -> out.append('<').append(Types.name(value)).append(" object>");
        }
        if (out.length() > (1 << 12)) {
            budget.chars(out.length());
        }
    }

    private void sequence(String before, List<?> elements, String after) {
        budget.enter(Budget.DATA);
        out.append(before);
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) {
                out.append(", ");
            }
            append(elements.get(i));
        }
        out.append(after);
        budget.leave(Budget.DATA);
    }

    private void dict(Dict dict) {
        budget.enter(Budget.DATA);
        out.append('{');
        String separator = "";
        for (Object item : dict.items()) {
            out.append(separator);
            append(((Tuple) item).get(0));
            out.append(": ");
            append(((Tuple) item).get(1));
            separator = ", ";
        }
        out.append('}');
        budget.leave(Budget.DATA);
    }

    private void quote(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        text.codePoints().forEach(point -> {
            switch (point) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (point == quote) {
                        out.append('\\').append(quote);
                    } else if (isPrintable(point)) {
                        out.appendCodePoint(point);
                    } else {
                        escape(point);
                    }
                }
            }
        });
        out.append(quote);
    }

    private void escape(int point) {
        String format = point < 0x100 ? "\\x%02x" : point < 0x10000 ? "\\u%04x" : "\\U%08x";
        out.append(String.format(format, point));
    }

    /** Whether Python prints a character as it is. */
    static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> true;
        };
    }

    /** Whether Python counts a character as white space. */
    static boolean isSpace(int point) {
        return (point >= 9 && point <= 13)
                || (point >= 0x1c && point <= 0x20)
                || point == 0x85
                || point == 0xa0
                || (point > 0xff && Character.isSpaceChar(point));
    }

    /** The index in UTF-16 units of a code point. */
    static int unit(String text, int index) {
        return text.offsetByCodePoints(0, index);
    }

    /** The code point at an index, as a string. */
    static String character(String text, int index) {
        int unit = unit(text, index);
        return text.substring(unit, text.offsetByCodePoints(unit, 1));
    }

    /** The code points of a string, each as a string. */
    static Iterator<Object> characters(String text) {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < text.length();
            }

            @Override
            public Object next() {
                if (at >= text.length()) {
                    throw new NoSuchElementException();
                }
                int begin = at;
                at = text.offsetByCodePoints(at, 1);
                return text.substring(begin, at);
            }
        };
    }
}
