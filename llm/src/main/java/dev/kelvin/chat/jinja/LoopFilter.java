// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The test of a loop, which lets only some elements through.
 *
 * @param target what each element is assigned to for the test
 * @param layout of the scope of the test
 */
record LoopFilter(Assignments.Assignment target, Code test, Scope.Layout layout) {
    /** The elements that pass, found as they are asked for. */
    Iterator<Object> filtered(Object sequence, Scope scope) {
        Iterator<Object> all = Types.iterator(sequence);
        return new Iterator<>() {
            private Object next = Scope.MISSING;

            @Override
            public boolean hasNext() {
                while (Scope.isMissing(next) && all.hasNext()) {
                    scope.budget().step();
                    Object candidate = all.next();
                    Scope inner = layout.enter(scope.render(), scope);
                    target.assign(inner, candidate);
                    if (Types.truth(test.eval(inner))) {
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
        };
    }
}
