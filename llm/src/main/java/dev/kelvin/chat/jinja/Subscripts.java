// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * Attributes and elements: {@code x.name}, {@code x[key]} and {@code x[a:b:c]}. A dot finds the method before the key,
 * a bracket the key before the method, and neither finds what changes a value.
 */
final class Subscripts {
    private Subscripts() {}

    /** The value of {@code owner.name}. */
    static Object attribute(Object owner, String name, Budget budget) {
        if (owner instanceof Undefined undefined) {
            throw undefined.error();
        }
        Object value = Methods.find(owner, name);
        if (!Attributed.isNone(value)) {
            return value;
        }
        value = elementOrNone(owner, name, budget);
        return Attributed.isNone(value) ? Undefined.attribute(owner, name) : value;
    }

    /** The value of {@code owner[key]}. */
    static Object element(Object owner, Object key, Budget budget) {
        if (owner instanceof Undefined undefined) {
            throw undefined.error();
        }
        Object value = elementOrNone(owner, key, budget);
        if (Attributed.isNone(value) && Types.isText(key)) {
            value = Methods.find(owner, key.toString());
        }
        return Attributed.isNone(value) ? Undefined.attribute(owner, key) : value;
    }

    private static Object elementOrNone(Object owner, Object key, Budget budget) {
        if (owner instanceof Dict dict) {
            return isHashable(key) ? dict.get(key, Attributed.NONE, budget) : Attributed.NONE;
        }
        if (!Types.isInteger(key)) {
            return Attributed.NONE;
        }
        if (Types.isText(owner)) {
            budget.chars(owner.toString().length());
        }
        int length = owner instanceof LoopContext || owner instanceof Dict.View ? -1 : Types.length(owner);
        long index = Numbers.index(key);
        index += index < 0 ? length : 0;
        if (index < 0 || index >= length) {
            return Attributed.NONE;
        }
        return switch (owner) {
            case List<?> list -> list.get((int) index);
            case String text -> Texts.character(text, (int) index);
            case Markup(String text) -> new Markup(Texts.character(text, (int) index));
            case Bytes bytes -> bytes.get((int) index);
            default -> Attributed.NONE;
        };
    }

    private static boolean isHashable(Object key) {
        return key instanceof Tuple || (!(key instanceof List<?>) && !(key instanceof Dict));
    }

    /** The value of {@code owner[begin:end:step]}; None means the default. */
    static Object slice(Object owner, Object[] bounds, Budget budget) {
        if (owner instanceof Undefined undefined) {
            throw undefined.error();
        }
        boolean sliceable = Types.isText(owner) || owner instanceof List<?>;
        if (!sliceable) {
            throw TemplateError.runtime(
                    owner instanceof Dict
                            ? "unhashable type: 'slice'"
                            : "'" + Types.name(owner) + "' object is not subscriptable");
        }
        long step = bounds[2] == null ? 1 : bound(bounds[2]);
        if (step == 0) {
            throw TemplateError.runtime("slice step cannot be zero");
        }
        int length = Types.length(owner);
        budget.chars(length);
        long begin = clamp(bounds[0], step > 0 ? 0 : length - 1L, length, step);
        long end = clamp(bounds[1], step > 0 ? length : -1L, length, step);
        List<Integer> places = new ArrayList<>();
        for (long i = begin; step > 0 ? i < end : i > end; i += step) {
            places.add((int) i);
            if (step > length || step < -length) {
                break;
            }
        }
        budget.steps(places.size());
        return switch (owner) {
            case String text -> select(text, places, step, begin, end);
            case Markup(String text) -> new Markup(select(text, places, step, begin, end));
            case Tuple tuple -> new Tuple(select(tuple, places));
            case Range range -> range.slice(begin, end, step);
            default -> select((List<?>) owner, places);
        };
    }

    private static long clamp(Object bound, long otherwise, int length, long step) {
        if (bound == null) {
            return otherwise;
        }
        long value = bound(bound);
        value += value < 0 ? length : 0;
        long least = step > 0 ? 0 : -1;
        long most = step > 0 ? length : length - 1L;
        return Math.max(least, Math.min(most, value));
    }

    private static long bound(Object value) {
        if (!Types.isInteger(value)) {
            throw TemplateError.runtime("slice indices must be integers or None or have an __index__ method");
        }
        return Numbers.index(value);
    }

    private static List<Object> select(List<?> list, List<Integer> places) {
        List<Object> selected = new ArrayList<>(places.size());
        for (int place : places) {
            selected.add(list.get(place));
        }
        return selected;
    }

    private static String select(String text, List<Integer> places, long step, long begin, long end) {
        if (step == 1) {
            return places.isEmpty() ? "" : text.substring(Texts.unit(text, (int) begin), Texts.unit(text, (int) end));
        }
        int[] points = text.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        for (int place : places) {
            out.appendCodePoint(points[place]);
        }
        return out.toString();
    }
}
