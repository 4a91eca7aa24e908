// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Filters that look at each element, when somebody asks for it. */
final class SelectionFilters {
    private SelectionFilters() {}

    static void register() {
        Filters.add("map", SelectionFilters::map);
        select("select", false, false);
        select("reject", false, true);
        select("selectattr", true, false);
        select("rejectattr", true, true);
    }

    /** A sequence whose elements, and mistakes, come one at a time. */
    private static Iterator<Object> lazily(Object value, Render render, UnaryOperator<Iterator<Object>> elements) {
        return new Iterator<>() {
            private Iterator<Object> begun;

            private Iterator<Object> begun() {
                if (begun == null) {
                    begun = Types.truth(value)
                            ? elements.apply(Types.iterator(value))
                            : List.of().iterator();
                }
                return begun;
            }

            @Override
            public boolean hasNext() {
                return begun().hasNext();
            }

            @Override
            public Object next() {
                render.budget().step();
                return begun().next();
            }
        };
    }

    private static Object map(Object value, Arguments arguments, Render render) {
        return lazily(value, render, elements -> {
            UnaryOperator<Object> function = mapped(arguments, render);
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return elements.hasNext();
                }

                @Override
                public Object next() {
                    return function.apply(elements.next());
                }
            };
        });
    }

    private static UnaryOperator<Object> mapped(Arguments arguments, Render render) {
        if (arguments.positional().isEmpty()) {
            Map<String, Object> named = new LinkedHashMap<>(arguments.named());
            if (!named.containsKey("attribute")) {
                throw TemplateError.runtime("map requires a filter argument");
            }
            AttributePath path = new AttributePath(named.remove("attribute"), named.remove("default"), render.budget());
            if (!named.isEmpty()) {
                throw TemplateError.runtime("Unexpected keyword argument '"
                        + named.keySet().iterator().next() + "'");
            }
            return path::of;
        }
        Filters.Filter filter = Filters.require(name(arguments, 0, render));
        Arguments rest = arguments.from(1);
        return element -> Filters.apply(filter, element, rest, render);
    }

    private static String name(Arguments arguments, int index, Render render) {
        return Texts.str(arguments.positional().get(index), render.budget());
    }

    private static void select(String filter, boolean attribute, boolean rejects) {
        Filters.add(
                filter,
                (value, arguments, render) -> lazily(value, render, elements -> {
                    Predicate<Object> test = test(arguments, attribute, render);
                    return new Selected(elements, rejects ? test.negate() : test, render.budget());
                }));
    }

    private static Predicate<Object> test(Arguments arguments, boolean attribute, Render render) {
        List<Object> positional = arguments.positional();
        if (attribute && positional.isEmpty()) {
            throw TemplateError.runtime("Missing parameter for attribute name");
        }
        AttributePath path = new AttributePath(attribute ? positional.getFirst() : null, null, render.budget());
        int place = attribute ? 1 : 0;
        if (positional.size() <= place) {
            return element -> Types.truth(path.of(element));
        }
        Tests.Test test = Tests.require(name(arguments, place, render));
        Arguments rest = arguments.from(place + 1);
        return element -> Types.truth(Tests.apply(test, path.of(element), rest, render));
    }

    /** The elements that pass a test. */
    private static final class Selected implements Iterator<Object> {
        private final Iterator<Object> elements;
        private final Predicate<Object> test;
        private final Budget budget;
        private Object next = Scope.MISSING;

        Selected(Iterator<Object> elements, Predicate<Object> test, Budget budget) {
            this.elements = elements;
            this.test = test;
            this.budget = budget;
        }

        @Override
        public boolean hasNext() {
            while (Scope.isMissing(next) && elements.hasNext()) {
                budget.step();
                Object candidate = elements.next();
                if (test.test(candidate)) {
                    next = candidate;
                }
            }
            return !Scope.isMissing(next);
        }

        @Override
        public Object next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Object found = next;
            next = Scope.MISSING;
            return found;
        }
    }
}
