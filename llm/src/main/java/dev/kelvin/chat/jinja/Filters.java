// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.HashMap;
import java.util.Map;

/** The filters by name. */
final class Filters {
    /** What a filter does; the value filtered is argument 0. */
    @FunctionalInterface
    interface Body {
        Object apply(Signature.Bound arguments, Render render);
    }

    /** What a filter does with whatever it is given. */
    @FunctionalInterface
    interface Filter {
        Object apply(Object value, Arguments arguments, Render render);
    }

    private static final Map<String, Filter> FILTERS = new HashMap<>();

    static {
        TextFilters.register();
        HtmlFilters.register();
        NumberFilters.register();
        SequenceFilters.register();
        SelectionFilters.register();
    }

    private Filters() {}

    /** Adds a filter with a signature; the first name is that of the value. */
    static void add(String name, String parameters, Body body) {
        Signature signature = Signature.of(name, parameters);
        add(name, (value, arguments, render) -> body.apply(signature.bind(arguments.behind(value)), render));
    }

    /** Adds a filter that takes arguments as they come. */
    static void add(String name, Filter filter) {
        FILTERS.put(name, filter);
    }

    /** The filter of a name, or null. */
    static Filter find(String name) {
        return FILTERS.get(name);
    }

    /** The filter of a name that became known only now. */
    static Filter require(String name) {
        Filter filter = find(name);
        if (filter == null) {
            throw TemplateError.runtime("No filter named '" + name + "'.");
        }
        return filter;
    }

    static Object apply(Filter filter, Object value, Arguments arguments, Render render) {
        render.budget().step();
        if (Types.isText(value)) {
            render.budget().chars(value.toString().length());
        }
        return filter.apply(value, arguments, render);
    }
}
