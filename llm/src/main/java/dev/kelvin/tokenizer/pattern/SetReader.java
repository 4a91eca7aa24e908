// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Reads {@code [...]}: ranges, classes, sets in sets, and intersections. */
final class SetReader {
    private final PatternScanner in;

    SetReader(PatternScanner in) {
        this.in = in;
    }

    /** The rule of a set whose opening bracket has been read. */
    IntPredicate read() {
        boolean negative = in.take('^');
        List<IntPredicate> members = new ArrayList<>();
        IntPredicate before = null;
        boolean first = true;
        while (first || !in.take(']')) {
            if (in.take("&&")) {
                IntPredicate left = any(members);
                before = before == null ? left : before.and(left);
                members.clear();
            } else {
                members.add(member());
            }
            first = false;
        }
        IntPredicate all = before == null ? any(members) : before.and(any(members));
        return negative ? all.negate() : all;
    }

    private static IntPredicate any(List<IntPredicate> members) {
        IntPredicate[] rules = members.toArray(IntPredicate[]::new);
        return point -> {
            for (IntPredicate rule : rules) {
                if (rule.test(point)) {
                    return true;
                }
            }
            return false;
        };
    }

    private IntPredicate member() {
        if (in.take("[:")) {
            return posix();
        }
        if (in.take('[')) {
            return read();
        }
        if (in.peekIs('\\')) {
            in.next();
            IntPredicate named = in.classEscape();
            if (named != null) {
                return named;
            }
            return range(escaped());
        }
        return range(in.next());
    }

    private int escaped() {
        if (in.take('b')) {
            return '\b';
        }
        return in.characterEscape();
    }

    private IntPredicate range(int from) {
        if (!in.take('-')) {
            return point -> point == from;
        }
        if (in.peekIs(']')) {
            return point -> point == from || point == '-';
        }
        if (in.peekIs('[')) {
            IntPredicate set = member();
            return point -> point == from || point == '-' || set.test(point);
        }
        int to = in.next();
        if (to == '\\') {
            IntPredicate named = in.classEscape();
            if (named != null) {
                return point -> point == from || point == '-' || named.test(point);
            }
            to = escaped();
        }
        if (to < from) {
            throw in.malformed("a range that goes down");
        }
        int last = to;
        return point -> from <= point && point <= last;
    }

    private IntPredicate posix() {
        boolean negative = in.take('^');
        StringBuilder name = new StringBuilder();
        while (!in.take(":]")) {
            name.appendCodePoint(in.next());
        }
        IntPredicate named = UnicodeClass.named(name.toString());
        return negative ? named.negate() : named;
    }
}
