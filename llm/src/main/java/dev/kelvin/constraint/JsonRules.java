// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The rules that every JSON grammar has: white space, any string, any value; and values that are known. */
final class JsonRules {
    private static final int LONGEST_PLAIN = 100;
    private static final Expression DIGITS = Expression.repeat(new Expression.OneOf(CodePoints.of('0', '9')), 1, -1);

    /** Blanks in a row. JSON allows any number, and a weak model would write them without end. */
    private static final int BLANKS = 40;

    static final Expression SPACE = Expression.repeat(new Expression.OneOf(CodePoints.of(" \t\n\r")), 0, BLANKS);
    static final Expression INTEGER = Expression.sequence(
            Expression.optional(Expression.literal("-")),
            Expression.choice(
                    Expression.literal("0"),
                    Expression.sequence(
                            new Expression.OneOf(CodePoints.of('1', '9')),
                            Expression.repeat(new Expression.OneOf(CodePoints.of('0', '9')), 0, -1))));
    static final Expression NUMBER = Expression.sequence(
            INTEGER,
            Expression.optional(Expression.sequence(Expression.literal("."), DIGITS)),
            Expression.optional(Expression.sequence(
                    new Expression.OneOf(CodePoints.of("eE")),
                    Expression.optional(new Expression.OneOf(CodePoints.of("+-"))),
                    DIGITS)));
    static final Expression QUOTE = Expression.literal("\"");

    private final Expression string;
    private final Expression value;

    /** Adds the rules; there may be others of the kind. */
    JsonRules(Rules rules) {
        int stringRule = rules.index("json string");
        string = new Expression.Reference(stringRule);
        rules.define(stringRule, string(0, -1));
        int valueRule = rules.index("json value");
        value = new Expression.Reference(valueRule);
        rules.define(
                valueRule,
                Expression.choice(
                        string,
                        NUMBER,
                        Expression.literal("true"),
                        Expression.literal("false"),
                        Expression.literal("null"),
                        list("[", value, "]"),
                        list("{", member(string, value), "}")));
    }

    /** Any string. */
    Expression string() {
        return string;
    }

    /** Any value. */
    Expression value() {
        return value;
    }

    /** A string of a number of characters; −1 for no greatest number. */
    static Expression string(int min, int max) {
        return Expression.sequence(QUOTE, Expression.repeat(JsonSpelling.any(), min, max), QUOTE);
    }

    /** A string that an automaton accepts. */
    static Expression string(Dfa dfa) {
        return Expression.sequence(QUOTE, new Expression.Machine(dfa, JsonSpelling::usual), QUOTE);
    }

    /** A name and its value. */
    static Expression member(Expression name, Expression value) {
        return Expression.sequence(name, SPACE, Expression.literal(":"), SPACE, value);
    }

    /** Any number of elements between brackets. */
    private static Expression list(String open, Expression element, String close) {
        Expression more = Expression.repeat(following(element), 0, -1);
        return bracketed(open, Expression.optional(Expression.sequence(element, SPACE, more)), close);
    }

    /** Elements, each with white space behind it, between brackets. */
    static Expression bracketed(String open, Expression elements, String close) {
        return Expression.sequence(Expression.literal(open), SPACE, elements, Expression.literal(close));
    }

    /** An element behind another. */
    static Expression following(Expression element) {
        return Expression.sequence(Expression.literal(","), SPACE, element, SPACE);
    }

    /** A value that is known, with white space as one likes. */
    static Expression constant(Object value) {
        return switch (value) {
            case null -> Expression.literal("null");
            case String text -> JsonSpelling.quoted(text);
            case Boolean flag -> Expression.literal(flag.toString());
            case Number number -> Expression.literal(number(number));
            case List<?> list ->
                bracketed("[", sequence(list.stream().map(JsonRules::constant).toList()), "]");
            case Map<?, ?> map ->
                bracketed(
                        "{",
                        sequence(map.entrySet().stream()
                                .map(entry -> member(
                                        JsonSpelling.quoted((String) entry.getKey()), constant(entry.getValue())))
                                .toList()),
                        "}");
            default -> throw new IllegalArgumentException("json: no form for " + value.getClass());
        };
    }

    private static Expression sequence(List<Expression> elements) {
        List<Expression> parts = new ArrayList<>();
        for (Expression element : elements) {
            parts.add(parts.isEmpty() ? Expression.sequence(element, SPACE) : following(element));
        }
        return Expression.sequence(parts);
    }

    private static String number(Number number) {
        BigDecimal exact = decimal(number);
        boolean plain = exact.precision() <= LONGEST_PLAIN && Math.abs((long) exact.scale()) <= LONGEST_PLAIN;
        return plain ? exact.toPlainString() : exact.toString();
    }

    /** A number of a JSON text, without zeros at the end. */
    static BigDecimal decimal(Number number) {
        BigDecimal exact = number instanceof BigDecimal decimal ? decimal : new BigDecimal(number.toString());
        return exact.signum() == 0 ? BigDecimal.ZERO : exact.stripTrailingZeros();
    }
}
