// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import dev.kelvin.chat.jinja.Signature.Bound;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Filters on sequences as a whole. */
final class SequenceFilters {
    private SequenceFilters() {}

    static void register() {
        for (String name : List.of("default", "d")) {
            Filters.add(name, "value default_value? boolean?", SequenceFilters::otherwise);
        }
        for (String name : List.of("length", "count")) {
            Filters.add(name, "obj", (a, render) -> length(a.get(0)));
        }
        Filters.add("attr", "obj name", SequenceFilters::attribute);
        Filters.add("first", "seq", SequenceFilters::first);
        Filters.add("last", "seq", SequenceFilters::last);
        Filters.add("random", "seq", SequenceFilters::first);
        Filters.add("list", "value", (a, render) -> Types.list(a.get(0), render.budget()));
        Filters.add("items", "value", (a, render) -> items(a.get(0)));
        Filters.add("join", "value d? attribute?", SequenceFilters::join);
        Filters.add("reverse", "value", SequenceFilters::reverse);
        Filters.add("dictsort", "value case_sensitive? by? reverse?", SequenceFilters::dictSort);
        Filters.add("sort", "value reverse? case_sensitive? attribute?", SequenceFilters::sort);
        Filters.add("unique", "value case_sensitive? attribute?", SequenceFilters::unique);
        Filters.add("min", "value case_sensitive? attribute?", (a, render) -> extreme(a, render, -1));
        Filters.add("max", "value case_sensitive? attribute?", (a, render) -> extreme(a, render, 1));
        Filters.add("sum", "iterable attribute? start?", SequenceFilters::sum);
        Filters.add("batch", "value linecount fill_with?", SequenceFilters::batch);
        Filters.add("slice", "value slices fill_with?", SequenceFilters::slices);
        Filters.add("groupby", "value attribute default? case_sensitive?", SequenceFilters::groupBy);
    }

    private static Object otherwise(Bound arguments, Render render) {
        Object value = arguments.get(0);
        boolean replaced = value instanceof Undefined || (arguments.truth(2) && !Types.truth(value));
        return replaced ? arguments.get(1, "") : value;
    }

    private static Object length(Object value) {
        int length = Types.length(value);
        if (length < 0) {
            throw TemplateError.runtime("object of type '" + Types.name(value) + "' has no len()");
        }
        return (long) length;
    }

    private static Object attribute(Bound arguments, Render render) {
        Object owner = arguments.get(0);
        String name = arguments.text(1);
        if (owner instanceof Undefined undefined) {
            throw undefined.error();
        }
        Object value = Methods.find(owner, name);
        return Attributed.isNone(value) ? Undefined.attribute(owner, name) : value;
    }

    /** Also what {@code random} gives: the same conversation is the same prompt each time. */
    private static Object first(Bound arguments, Render render) {
        Iterator<Object> each = Types.iterator(arguments.get(0));
        return each.hasNext() ? each.next() : new Undefined(() -> "No first item, sequence was empty.");
    }

    private static Object last(Bound arguments, Render render) {
        Object value = arguments.get(0);
        if (value instanceof Iterator<?>) {
            throw TemplateError.runtime("'generator' object is not reversible");
        }
        List<Object> all = Types.list(value, render.budget());
        return all.isEmpty() ? new Undefined(() -> "No last item, sequence was empty.") : all.getLast();
    }

    private static Object items(Object value) {
        return switch (value) {
            case Undefined _ -> List.of().iterator();
            case Dict dict -> dict.items().iterator();
            case null, default -> throw TemplateError.runtime("Can only get item pairs from a mapping.");
        };
    }

    private static Object join(Bound arguments, Render render) {
        Budget budget = render.budget();
        List<Object> values = Types.list(arguments.get(0), budget);
        if (arguments.get(2) != null) {
            AttributePath path = new AttributePath(arguments.get(2), null, budget);
            values.replaceAll(path::of);
        }
        Object separator = arguments.get(1, "");
        boolean marked = render.autoescape()
                && (separator instanceof Markup || values.stream().anyMatch(Markup.class::isInstance));
        values.replaceAll(value -> marked ? Markup.escape(value, budget).text() : Texts.str(value, budget));
        String between = marked ? Markup.escape(separator, budget).text() : Texts.str(separator, budget);
        String joined = StringMethods.join(between, values, budget);
        return marked ? new Markup(joined) : joined;
    }

    private static Object reverse(Bound arguments, Render render) {
        Object value = arguments.get(0);
        if (Types.isText(value)) {
            return Subscripts.slice(value, new Object[] {null, null, -1L}, render.budget());
        }
        if (Types.iteratorOrNull(value) == null) {
            throw TemplateError.runtime("argument must be iterable");
        }
        List<Object> all = Types.list(value, render.budget());
        Collections.reverse(all);
        return value instanceof Iterator<?> ? all : all.iterator();
    }

    /** What strings are compared by where case does not matter. */
    static Object ignoringCase(Object value) {
        return switch (value) {
            case String text -> text.toLowerCase(Locale.ROOT);
            case Markup(String text) -> text.toLowerCase(Locale.ROOT);
            case null, default -> value;
        };
    }

    private static Object key(Object value, boolean caseSensitive) {
        return caseSensitive ? value : ignoringCase(value);
    }

    private static List<Object> sorted(List<Object> keys, List<Object> values, boolean reverse, Budget budget) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            order.add(i);
        }
        Comparator<Integer> byKey = (a, b) -> Comparison.compare(keys.get(a), keys.get(b), budget);
        // Stable both ways, as Python's is.
        order.sort(reverse ? byKey.reversed() : byKey);
        List<Object> sorted = new ArrayList<>();
        order.forEach(index -> sorted.add(values.get(index)));
        return sorted;
    }

    private static Object dictSort(Bound arguments, Render render) {
        if (!(arguments.get(0) instanceof Dict dict)) {
            throw arguments.get(0) instanceof Undefined undefined
                    ? undefined.error()
                    : TemplateError.runtime("'" + Types.name(arguments.get(0)) + "' object has no attribute 'items'");
        }
        String by = arguments.text(2, "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw TemplateError.runtime("You can only sort by either \"key\" or \"value\"");
        }
        int place = by.equals("key") ? 0 : 1;
        List<Object> items = dict.items();
        List<Object> keys = new ArrayList<>();
        items.forEach(item -> keys.add(key(((Tuple) item).get(place), arguments.truth(1))));
        return sorted(keys, items, arguments.truth(3), render.budget());
    }

    private static Object sort(Bound arguments, Render render) {
        Budget budget = render.budget();
        List<Object> values = Types.list(arguments.get(0), budget);
        boolean caseSensitive = arguments.truth(2);
        Object attribute = arguments.get(3);
        List<AttributePath> paths = new ArrayList<>();
        if (Types.isText(attribute)) {
            Splits.split(attribute.toString(), ",", -1, budget)
                    .forEach(part -> paths.add(new AttributePath(part, null, budget)));
        } else {
            paths.add(new AttributePath(attribute, null, budget));
        }
        List<Object> keys = new ArrayList<>();
        for (Object value : values) {
            List<Object> key = new ArrayList<>();
            paths.forEach(path -> key.add(key(path.of(value), caseSensitive)));
            keys.add(key);
        }
        return sorted(keys, values, arguments.truth(1), budget);
    }

    private static Object unique(Bound arguments, Render render) {
        Budget budget = render.budget();
        AttributePath path = new AttributePath(arguments.get(2), null, budget);
        Set<Object> seen = new HashSet<>();
        List<Object> unique = new ArrayList<>();
        for (Object value : Types.list(arguments.get(0), budget)) {
            if (seen.add(Key.of(key(path.of(value), arguments.truth(1)), budget))) {
                unique.add(value);
            }
        }
        return unique.iterator();
    }

    private static Object extreme(Bound arguments, Render render, int sign) {
        Budget budget = render.budget();
        AttributePath path = new AttributePath(arguments.get(2), null, budget);
        Object best = null;
        Object bestKey = Scope.MISSING;
        for (Object value : Types.list(arguments.get(0), budget)) {
            Object key = key(path.of(value), arguments.truth(1));
            if (Scope.isMissing(bestKey) || Comparison.compare(key, bestKey, budget) * sign > 0) {
                best = value;
                bestKey = key;
            }
        }
        return Scope.isMissing(bestKey) ? new Undefined(() -> "No aggregated item, sequence was empty.") : best;
    }

    private static Object sum(Bound arguments, Render render) {
        Budget budget = render.budget();
        AttributePath path = new AttributePath(arguments.get(1), null, budget);
        Object sum = arguments.get(2, 0L);
        if (Types.isText(sum)) {
            throw TemplateError.runtime("sum() can't sum strings [use ''.join(seq) instead]");
        }
        for (Object value : Types.list(arguments.get(0), budget)) {
            sum = Operators.binary("+", sum, path.of(value), budget);
        }
        return sum;
    }

    private static Object batch(Bound arguments, Render render) {
        long size = arguments.integer(1, 1);
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Object value : Types.list(arguments.get(0), render.budget())) {
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(value);
        }
        if (!batch.isEmpty()) {
            if (arguments.get(2) != null && batch.size() < size) {
                render.budget().steps(size);
                batch.addAll(Collections.nCopies((int) size - batch.size(), arguments.get(2)));
            }
            batches.add(batch);
        }
        return batches.iterator();
    }

    private static Object slices(Bound arguments, Render render) {
        List<Object> all = Types.list(arguments.get(0), render.budget());
        long count = arguments.integer(1, 1);
        if (count == 0) {
            throw TemplateError.runtime("integer division or modulo by zero");
        }
        render.budget().steps(Math.max(0, count));
        List<Object> slices = new ArrayList<>();
        int at = 0;
        for (long i = 0; i < count; i++) {
            boolean extra = i < all.size() % count;
            int end = (int) (at + all.size() / count + (extra ? 1 : 0));
            List<Object> slice = new ArrayList<>(all.subList(at, end));
            if (arguments.get(2) != null && !extra) {
                slice.add(arguments.get(2));
            }
            slices.add(slice);
            at = end;
        }
        return slices.iterator();
    }

    private static Object groupBy(Bound arguments, Render render) {
        Budget budget = render.budget();
        AttributePath path = new AttributePath(arguments.get(1), arguments.get(2), budget);
        boolean caseSensitive = arguments.truth(3);
        List<Object> values = Types.list(arguments.get(0), budget);
        List<Object> keys = new ArrayList<>();
        values.forEach(value -> keys.add(key(path.of(value), caseSensitive)));
        List<Object> groups = new ArrayList<>();
        Group group = null;
        Object last = null;
        for (Object value : sorted(keys, values, false, budget)) {
            Object key = key(path.of(value), caseSensitive);
            if (group == null || !Comparison.equal(key, last, budget)) {
                group = new Group(path.of(value), new ArrayList<>());
                groups.add(group);
                last = key;
            }
            group.list().add(value);
        }
        return groups;
    }
}
