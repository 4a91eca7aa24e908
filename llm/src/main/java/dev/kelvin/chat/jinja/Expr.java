// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.List;
import java.util.Map;

/** An expression as it was parsed. Each knows where it begins, for errors. */
sealed interface Expr {
    int offset();

    /** A literal: a string, number, boolean or none. */
    record Const(Object value, int offset) implements Expr {}

    record Name(String name, int offset) implements Expr {}

    record Attribute(Expr owner, String name, int offset) implements Expr {}

    record Element(Expr owner, Expr key, int offset) implements Expr {}

    /** Bounds that are not given are null. */
    record Slice(Expr owner, Expr begin, Expr end, Expr step, int offset) implements Expr {}

    record ListOf(List<Expr> elements, int offset) implements Expr {}

    record TupleOf(List<Expr> elements, int offset) implements Expr {}

    /** Keys and values in turn. */
    record DictOf(List<Expr> keysAndValues, int offset) implements Expr {}

    record Unary(String operator, Expr operand, int offset) implements Expr {}

    record Not(Expr operand, int offset) implements Expr {}

    record Binary(String operator, Expr left, Expr right, int offset) implements Expr {}

    /** The operators {@code and} and {@code or}, which give one of their operands. */
    record Logical(boolean and, Expr left, Expr right, int offset) implements Expr {}

    /** A chain: {@code a < b < c}. */
    record Compare(Expr first, List<String> operators, List<Expr> others, int offset) implements Expr {}

    record Concat(List<Expr> parts, int offset) implements Expr {}

    /** Without an else part, {@code otherwise} is null. */
    record Conditional(Expr test, Expr then, Expr otherwise, int offset) implements Expr {}

    record Call(Expr callee, Passed passed, int offset) implements Expr {}

    /** The value is null where a block is filtered. */
    record Filter(Expr value, String name, Passed passed, int offset) implements Expr {}

    record Test(Expr value, String name, Passed passed, int offset) implements Expr {}

    /**
     * What a call passes.
     *
     * @param star a sequence of more positional arguments, or null
     * @param doubleStar a dict of more named arguments, or null
     */
    record Passed(List<Expr> positional, Map<String, Expr> named, Expr star, Expr doubleStar) {
        static final Passed NOTHING = new Passed(List.of(), Map.of(), null, null);
    }
}
