// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;

/** The variable {@code loop}: where a loop is in what it runs over. It reads ahead only if asked about what follows. */
final class LoopContext implements Attributed, Callable {
    private final Object iterable;
    private final int depth0;
    private final Budget budget;
    /** Renders the body of a recursive loop over a sequence at a depth; null if the loop is not recursive. */
    private final BiFunction<Object, Integer, Object> recurse;

    private Iterator<Object> rest;
    private int index0 = -1;
    private int length = -1;
    private Object before = Scope.MISSING;
    private Object current = Scope.MISSING;
    private Object after = Scope.MISSING;
    private Object lastChanged = Scope.MISSING;

    LoopContext(Object iterable, int depth0, Budget budget, BiFunction<Object, Integer, Object> recurse) {
        this.iterable = iterable;
        this.depth0 = depth0;
        this.budget = budget;
        this.recurse = recurse;
        this.rest = Types.iterator(iterable);
    }

    /** Goes on to the next element, if there is one. */
    boolean advance() {
        if (!peek()) {
            return false;
        }
        before = current;
        current = after;
        after = Scope.MISSING;
        index0++;
        return true;
    }

    Object current() {
        return current;
    }

    int index0() {
        return index0;
    }

    private boolean peek() {
        if (Scope.isMissing(after) && rest.hasNext()) {
            after = rest.next();
        }
        return !Scope.isMissing(after);
    }

    /** How many elements there are; what has no length is read to its end. */
    int length() {
        if (length < 0) {
            length = Types.length(iterable);
        }
        if (length < 0) {
            List<Object> all = new ArrayList<>();
            while (rest.hasNext()) {
                budget.step();
                all.add(rest.next());
            }
            length = index0 + 1 + (Scope.isMissing(after) ? 0 : 1) + all.size();
            rest = all.iterator();
        }
        return length;
    }

    @Override
    public Object attribute(String name) {
        return switch (name) {
            case "index" -> index0 + 1L;
            case "index0" -> (long) index0;
            case "revindex" -> (long) length() - index0;
            case "revindex0" -> length() - index0 - 1L;
            case "first" -> index0 == 0;
            case "last" -> !peek();
            case "length" -> (long) length();
            case "depth" -> depth0 + 1L;
            case "depth0" -> (long) depth0;
            case "previtem" -> index0 == 0 ? new Undefined(() -> "there is no previous item") : before;
            case "nextitem" -> peek() ? after : new Undefined(() -> "there is no next item");
            case "cycle" -> (Callable) (render, arguments) -> cycle(arguments.positional());
            case "changed" -> (Callable) (render, arguments) -> changed(arguments.positional());
            default -> NONE;
        };
    }

    private Object cycle(List<Object> values) {
        if (values.isEmpty()) {
            throw TemplateError.runtime("no items for cycling given");
        }
        return values.get(index0 % values.size());
    }

    private boolean changed(List<Object> values) {
        Object now = new Tuple(values);
        boolean changed = Scope.isMissing(lastChanged) || !Comparison.equal(lastChanged, now, budget);
        lastChanged = now;
        return changed;
    }

    @Override
    public Object call(Render render, Arguments arguments) {
        if (recurse == null) {
            throw TemplateError.runtime("The loop must have the 'recursive' marker to be called recursively.");
        }
        return recurse.apply(Signature.of("loop", "iterable").bind(arguments).get(0), depth0 + 1);
    }
}
