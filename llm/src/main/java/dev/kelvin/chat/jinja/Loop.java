// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.function.BiFunction;

/**
 * A loop.
 *
 * @param filter null if every element counts
 * @param otherwise what is done if no element came to the end of the body: there was none, or each was left by
 *     {@code break} or {@code continue}
 * @param height of the body, in nodes
 */
record Loop(Code sequence, LoopFilter filter, Head head, Macro.Body body, Macro.Body otherwise, int height)
        implements Step {
    /**
     * What the body gets from the loop.
     *
     * @param target what each element is assigned to
     * @param loopSlot where the body finds the variable {@code loop}, or −1 if it does not look
     * @param recursive whether that variable may be called
     */
    record Head(Assignments.Assignment target, int loopSlot, boolean recursive) {}

    @Override
    public Signal run(Scope scope) {
        return iterate(sequence.eval(scope), 0, scope);
    }

    private Signal iterate(Object elements, int depth, Scope scope) {
        Object iterated = filter == null ? elements : filter.filtered(elements, scope);
        BiFunction<Object, Integer, Object> recursion =
                head.recursive() ? (nested, deeper) -> recurse(nested, deeper, scope) : null;
        LoopContext loop = new LoopContext(iterated, depth, scope.budget(), recursion);
        boolean completed = false;
        while (loop.advance()) {
            scope.budget().step();
            Scope inner = body.layout().enter(scope.render(), scope);
            if (head.loopSlot() >= 0) {
                inner.slots()[head.loopSlot()] = loop;
            }
            head.target().assign(inner, loop.current());
            Signal signal = body.step().run(inner);
            completed |= signal == Signal.NEXT;
            if (signal == Signal.BREAK) {
                break;
            }
        }
        if (!completed) {
            return otherwise.step().run(otherwise.layout().enter(scope.render(), scope));
        }
        return Signal.NEXT;
    }

    private Object recurse(Object elements, int depth, Scope scope) {
        scope.budget().enter(height + 4);
        StringBuilder around = scope.render().capture();
        iterate(elements, depth, scope);
        scope.budget().leave(height + 4);
        return scope.render().release(around);
    }
}
