// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;

/** What type a value is of, and what follows from that alone: its name, whether it is true, how it is iterated. */
final class Types {
    private Types() {}

    /** Python's name of the type. */
    static String name(Object value) {
        return switch (value) {
            case null -> "NoneType";
            case Boolean _ -> "bool";
            case Long _, BigInteger _ -> "int";
            case Double _ -> "float";
            case String _ -> "str";
            case Markup _ -> "Markup";
            case Bytes _ -> "bytes";
            case Tuple _ -> "tuple";
            case Range _ -> "range";
            case List<?> _ -> "list";
            case Dict _ -> "dict";
            case Dict.View view ->
                switch (view.part()) {
                    case KEYS -> "dict_keys";
                    case VALUES -> "dict_values";
                    case ITEMS -> "dict_items";
                };
            case Undefined _ -> "Undefined";
            case Iterator<?> _ -> "generator";
            case Namespace _ -> "Namespace";
            case Macro _ -> "Macro";
            case LoopContext _ -> "LoopContext";
            case Callable _ -> "function";
            default -> value.getClass().getSimpleName();
        };
    }

    static boolean isText(Object value) {
        return value instanceof String || value instanceof Markup;
    }

    /** Whether it is an int in Python's sense, which a bool is too. */
    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof Boolean || value instanceof BigInteger;
    }

    static boolean isNumber(Object value) {
        return isInteger(value) || value instanceof Double;
    }

    static boolean truth(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean flag -> flag;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case String text -> !text.isEmpty();
            case Markup markup -> !markup.text().isEmpty();
            case Bytes bytes -> bytes.size() > 0;
            case List<?> list -> !list.isEmpty();
            case Dict dict -> dict.size() > 0;
            case Dict.View view -> view.dict().size() > 0;
            case Undefined _ -> false;
            default -> true;
        };
    }

    /**
     * How many elements a value has.
     *
     * @return −1 if values of its type have no length
     */
    static int length(Object value) {
        return switch (value) {
            case String text -> text.codePointCount(0, text.length());
            case Markup(String text) -> text.codePointCount(0, text.length());
            case Bytes bytes -> bytes.size();
            case List<?> list -> list.size();
            case Dict dict -> dict.size();
            case Dict.View view -> view.dict().size();
            case LoopContext loop -> loop.length();
            case Undefined _ -> 0;
            case null, default -> -1;
        };
    }

    /**
     * The elements of a value, one after the other.
     *
     * @return null if values of its type are not iterable
     */
    @SuppressWarnings("unchecked") // the engine puts nothing but values into lists and iterators
    static Iterator<Object> iteratorOrNull(Object value) {
        return switch (value) {
            case String text -> Texts.characters(text);
            case Markup(String text) -> Texts.characters(text);
            case Bytes bytes -> bytes.iterator();
            case List<?> list -> (Iterator<Object>) list.iterator();
            case Dict dict -> dict.keys().iterator();
            case Dict.View view -> view.dict().part(view.part()).iterator();
            case Iterator<?> iterator -> (Iterator<Object>) iterator;
            case Undefined _ -> List.of().iterator();
            case null, default -> null;
        };
    }

    static Iterator<Object> iterator(Object value) {
        Iterator<Object> iterator = iteratorOrNull(value);
        if (iterator == null) {
            throw TemplateError.runtime("'" + name(value) + "' object is not iterable");
        }
        return iterator;
    }

    /** All elements, each counted as a step. */
    static List<Object> list(Object value, Budget budget) {
        List<Object> list = new java.util.ArrayList<>();
        for (Iterator<Object> each = iterator(value); each.hasNext(); ) {
            budget.step();
            list.add(each.next());
        }
        return list;
    }
}
