// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The names of a builtin function's parameters, by which a call's arguments find their places. */
@SuppressWarnings("ReferenceEquality") // ABSENT is an object which nothing else equals
final class Signature {
    private static final Object ABSENT = new Object();

    private final String function;
    private final List<String> names;
    private final int required;

    private Signature(String function, List<String> names, int required) {
        this.function = function;
        this.names = names;
        this.required = required;
    }

    /**
     * Reads a signature.
     *
     * @param function for messages
     * @param parameters their names with spaces between them; {@code ?} behind one that may be left out
     */
    static Signature of(String function, String parameters) {
        List<String> words = parameters.isEmpty() ? List.of() : Arrays.asList(parameters.split(" ", -1));
        int required = (int) words.stream().filter(word -> !word.endsWith("?")).count();
        return new Signature(
                function, words.stream().map(word -> word.replace("?", "")).toList(), required);
    }

    Bound bind(Arguments arguments) {
        int given = arguments.positional().size();
        if (given > names.size()) {
            throw TemplateError.runtime(function + "() takes " + names.size() + " positional argument"
                    + (names.size() == 1 ? "" : "s") + " but " + given + " were given");
        }
        Object[] values = new Object[names.size()];
        Arrays.fill(values, ABSENT);
        for (int i = 0; i < given; i++) {
            values[i] = arguments.positional().get(i);
        }
        for (Map.Entry<String, Object> each : arguments.named().entrySet()) {
            int place = names.indexOf(each.getKey());
            if (place < 0) {
                throw TemplateError.runtime(function + "() got an unexpected keyword argument '" + each.getKey() + "'");
            }
            if (values[place] != ABSENT) {
                throw TemplateError.runtime(function + "() got multiple values for argument '" + each.getKey() + "'");
            }
            values[place] = each.getValue();
        }
        for (int i = 0; i < required; i++) {
            if (values[i] == ABSENT) {
                throw TemplateError.runtime(
                        function + "() missing 1 required positional argument: '" + names.get(i) + "'");
            }
        }
        return new Bound(values);
    }

    /** Arguments in the places of their parameters. */
    static final class Bound {
        private final Object[] values;

        private Bound(Object[] values) {
            this.values = values;
        }

        boolean has(int index) {
            return values[index] != ABSENT;
        }

        Object get(int index) {
            return get(index, null);
        }

        Object get(int index, Object otherwise) {
            return values[index] == ABSENT ? otherwise : values[index];
        }

        boolean truth(int index) {
            return has(index) && Types.truth(values[index]);
        }

        /** An argument that is a string or none. */
        String text(int index, String otherwise) {
            return switch (get(index, otherwise)) {
                case String text -> text;
                case Markup markup -> markup.text();
                case null -> null;
                case Object other -> throw TemplateError.runtime("expected str, got " + Types.name(other));
            };
        }

        /** An argument that must be there and a string. */
        String text(int index) {
            String text = text(index, null);
            if (text == null) {
                throw TemplateError.runtime("expected str, got NoneType");
            }
            return text;
        }

        /** An argument that must be an integer; one beyond 64 bits counts as the largest. */
        long integer(int index, long otherwise) {
            return has(index) ? Numbers.index(values[index]) : otherwise;
        }

        /** An integer, where none means {@code otherwise} too. */
        long integerOrNone(int index, long otherwise) {
            return has(index) && values[index] != null ? Numbers.index(values[index]) : otherwise;
        }

        /** Whether an argument is one of Python's integers. */
        boolean isInteger(int index) {
            return values[index] instanceof Long || values[index] instanceof BigInteger;
        }
    }
}
