// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The methods and attributes that builtin values have: strings, numbers, lists, dicts. */
final class Methods {
    private static final Set<String> LIST_CHANGERS = Set.of("append", "reverse", "insert", "sort", "extend", "remove");
    private static final Set<String> DICT_CHANGERS = Set.of("clear", "pop", "popitem", "setdefault", "update");

    /** One method of a builtin type. */
    @FunctionalInterface
    interface Body<T> {
        Object call(T self, Signature.Bound arguments, Budget budget);
    }

    private record Method<T>(Signature signature, Body<T> body) {
        Callable of(T self) {
            return (render, arguments) -> body.call(self, signature.bind(arguments), render.budget());
        }
    }

    private static final Map<String, Method<Dict>> DICT = Map.of(
            "items", method("items", "", (self, a, budget) -> new Dict.View(self, Dict.Part.ITEMS)),
            "keys", method("keys", "", (self, a, budget) -> new Dict.View(self, Dict.Part.KEYS)),
            "values", method("values", "", (self, a, budget) -> new Dict.View(self, Dict.Part.VALUES)),
            "copy", method("copy", "", (self, a, budget) -> Dict.copyOf(self)),
            "get", method("get", "key default?", (self, a, budget) -> self.get(a.get(0), a.get(1), budget)),
            "fromkeys", method("fromkeys", "iterable value?", Methods::fromKeys));

    private static final Map<String, Method<List<Object>>> LIST = Map.of(
            "count", method("count", "value", Methods::count),
            "index", method("index", "value start? stop?", Methods::index),
            "copy", method("copy", "", (self, a, budget) -> new ArrayList<>(self)),
            "pop", method("pop", "index?", Methods::pop),
            "clear", method("clear", "", Methods::clear));

    private static final Set<String> TUPLE = Set.of("count", "index");

    private Methods() {}

    private static <T> Method<T> method(String name, String parameters, Body<T> body) {
        return new Method<>(Signature.of(name, parameters), body);
    }

    /**
     * The attribute that values of the type have, an undefined value if it is kept away, or {@link Attributed#NONE}.
     */
    @SuppressWarnings("unchecked") // lists hold values
    static Object find(Object owner, String name) {
        if (name.startsWith("__") && name.endsWith("__") && name.length() > 4 && !(owner instanceof Namespace)) {
            return Undefined.unsafe(owner, name);
        }
        return switch (owner) {
            case Attributed attributed -> attributed.attribute(name);
            case String text -> StringMethods.find(text, name);
            case Markup markup -> StringMethods.find(markup, name);
            case Dict dict -> DICT_CHANGERS.contains(name) ? Undefined.unsafe(dict, name) : bind(DICT.get(name), dict);
            case Tuple tuple -> TUPLE.contains(name) ? bind(LIST.get(name), (List<Object>) tuple) : Attributed.NONE;
            case Range range -> TUPLE.contains(name) ? bind(LIST.get(name), (List<Object>) range) : Attributed.NONE;
            case List<?> list ->
                LIST_CHANGERS.contains(name) ? Undefined.unsafe(list, name) : bind(LIST.get(name), (List<Object>) list);
            case Bytes bytes ->
                name.equals("decode") ? (Callable) (render, arguments) -> bytes.decode() : Attributed.NONE;
            case null -> Attributed.NONE;
            default -> Types.isNumber(owner) ? numeric(owner, name) : Attributed.NONE;
        };
    }

    private static <T> Object bind(Method<T> method, T self) {
        return method == null ? Attributed.NONE : method.of(self);
    }

    private static Object numeric(Object number, String name) {
        boolean real = number instanceof Double;
        return switch (name) {
            case "real" -> Numbers.plus(number);
            case "imag" -> real ? (Object) 0.0 : 0L;
            case "conjugate" -> (Callable) (render, arguments) -> Numbers.plus(number);
            case "numerator" -> real ? Attributed.NONE : Numbers.plus(number);
            case "denominator" -> real ? Attributed.NONE : 1L;
            case "bit_length" ->
                real
                        ? Attributed.NONE
                        : (Callable) (render, arguments) ->
                                (long) Numbers.big(number).abs().bitLength();
            case "is_integer" ->
                real
                        ? (Callable) (render, arguments) ->
                                Double.isFinite((Double) number) && (Double) number == Math.rint((Double) number)
                        : Attributed.NONE;
            default -> Attributed.NONE;
        };
    }

    private static Object fromKeys(Dict self, Signature.Bound arguments, Budget budget) {
        Dict dict = new Dict();
        for (Object key : Types.list(arguments.get(0), budget)) {
            dict.put(key, arguments.get(1), budget);
        }
        return dict;
    }

    private static Object count(List<Object> self, Signature.Bound arguments, Budget budget) {
        return self.stream()
                .filter(each -> Comparison.equal(each, arguments.get(0), budget))
                .count();
    }

    private static Object index(List<Object> self, Signature.Bound arguments, Budget budget) {
        int begin = place(arguments.integer(1, 0), self.size());
        int end = place(arguments.integer(2, self.size()), self.size());
        for (int i = begin; i < end; i++) {
            if (Comparison.equal(self.get(i), arguments.get(0), budget)) {
                return (long) i;
            }
        }
        throw TemplateError.runtime(Texts.repr(arguments.get(0), budget) + " is not in list");
    }

    /** An index as a slice takes it: from the end if negative, and within bounds. */
    static int place(long index, int length) {
        return (int) Math.max(0, Math.min(length, index < 0 ? index + length : index));
    }

    /** The one way to change a list that the sandbox of Jinja 3.1.2 overlooks, and that templates use. */
    private static Object pop(List<Object> self, Signature.Bound arguments, Budget budget) {
        long index = arguments.integer(0, -1);
        index += index < 0 ? self.size() : 0;
        if (index < 0 || index >= self.size()) {
            throw TemplateError.runtime(self.isEmpty() ? "pop from empty list" : "pop index out of range");
        }
        budget.steps(1 + (self.size() - index) / 16);
        return self.remove((int) index);
    }

    private static Object clear(List<Object> self, Signature.Bound arguments, Budget budget) {
        self.clear();
        return null;
    }
}
