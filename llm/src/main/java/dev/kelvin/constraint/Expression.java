// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a rule of a grammar stands for. */
sealed interface Expression {
    /** The empty text. */
    Expression EMPTY = new Sequence(List.of());

    /** Nothing at all, not even the empty text. */
    Expression NEVER = new Choice(List.of());

    /**
     * Certain bytes, one after the other.
     *
     * @param bytes at least one
     */
    record Literal(byte[] bytes) implements Expression {}

    /** One character out of a set, in UTF-8. */
    record OneOf(CodePoints set) implements Expression {}

    record Sequence(List<Expression> parts) implements Expression {}

    record Choice(List<Expression> parts) implements Expression {}

    /**
     * A number of repetitions.
     *
     * @param max −1 for any number
     */
    record Repeat(Expression body, int min, int max) implements Expression {}

    /**
     * Another rule.
     *
     * @param rule its index
     */
    record Reference(int rule) implements Expression {}

    /**
     * The words of an automaton over characters.
     *
     * @param spelling how a set of characters is written
     */
    record Machine(Dfa dfa, Spelling spelling) implements Expression {}

    /** How a set of characters is written, for example as itself or in a JSON string. */
    @FunctionalInterface
    interface Spelling {
        /** As themselves. */
        Spelling PLAIN = OneOf::new;

        Expression of(CodePoints set);
    }

    static Expression literal(String text) {
        return text.isEmpty() ? EMPTY : new Literal(text.getBytes(StandardCharsets.UTF_8));
    }

    static Expression sequence(Expression... parts) {
        return sequence(List.of(parts));
    }

    static Expression sequence(List<Expression> parts) {
        if (parts.stream().anyMatch(part -> part.equals(NEVER))) {
            return NEVER;
        }
        return parts.size() == 1 ? parts.getFirst() : new Sequence(List.copyOf(parts));
    }

    static Expression choice(Expression... parts) {
        return choice(List.of(parts));
    }

    static Expression choice(List<Expression> parts) {
        List<Expression> possible = new ArrayList<>(parts);
        possible.removeIf(part -> part.equals(NEVER));
        return possible.size() == 1 ? possible.getFirst() : new Choice(List.copyOf(possible));
    }

    static Expression optional(Expression body) {
        return choice(body, EMPTY);
    }

    static Expression repeat(Expression body, int min, int max) {
        if (body.equals(NEVER)) {
            return min == 0 ? EMPTY : NEVER;
        }
        return max == 0 ? EMPTY : min == 1 && max == 1 ? body : new Repeat(body, min, max);
    }
}
