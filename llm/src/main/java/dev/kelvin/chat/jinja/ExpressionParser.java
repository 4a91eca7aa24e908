// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Parses expressions by recursive descent. From loose to tight: {@code if else}, {@code or}, {@code and}, {@code not},
 * comparisons, {@code + -}, {@code ~}, {@code * / // %}, {@code **}, signs, and what {@link SuffixParser} finds behind
 * a value.
 */
final class ExpressionParser {
    private static final int MAX_DEPTH = 150;
    /** Of the tree: a long sum is as deep as it is long. */
    private static final int MAX_HEIGHT = 300;

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");

    private final TokenStream stream;
    private final SuffixParser suffixes;
    private int depth;

    ExpressionParser(TokenStream stream) {
        this.stream = stream;
        suffixes = new SuffixParser(stream, this);
    }

    Expr expression() {
        enter();
        int offset = stream.current().offset();
        Expr value = or();
        while (stream.skipName("if")) {
            Expr test = or();
            Expr otherwise = stream.skipName("else") ? expression() : null;
            value = new Expr.Conditional(test, value, otherwise, offset);
        }
        depth--;
        return checked(value);
    }

    /** An expression that is not deeper than those who walk it have stack for. */
    Expr checked(Expr whole) {
        List<Expr> level = depth == 0 ? List.of(whole) : List.of();
        for (int height = 0; !level.isEmpty(); height++) {
            if (height > MAX_HEIGHT) {
                throw TemplateError.syntax("expressions nested deeper than " + MAX_HEIGHT, whole.offset());
            }
            level = level.stream()
                    .flatMap(each -> SymbolVisitor.children(each).stream())
                    .toList();
        }
        return whole;
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw stream.error("expressions nested deeper than " + MAX_DEPTH);
        }
    }

    /** An expression without a condition behind it, as the tests of {@code if} and {@code for} are. */
    Expr or() {
        int offset = stream.current().offset();
        Expr left = and();
        while (stream.skipName("or")) {
            left = new Expr.Logical(false, left, and(), offset);
        }
        return left;
    }

    private Expr and() {
        int offset = stream.current().offset();
        Expr left = not();
        while (stream.skipName("and")) {
            left = new Expr.Logical(true, left, not(), offset);
        }
        return left;
    }

    private Expr not() {
        int offset = stream.current().offset();
        if (stream.skipName("not")) {
            enter();
            Expr operand = not();
            depth--;
            return new Expr.Not(operand, offset);
        }
        return compare();
    }

    private Expr compare() {
        int offset = stream.current().offset();
        Expr first = sum();
        List<String> operators = new ArrayList<>();
        List<Expr> others = new ArrayList<>();
        while (true) {
            if (COMPARISONS.contains(stream.current().type())) {
                operators.add(stream.next().type());
            } else if (stream.skipName("in")) {
                operators.add("in");
            } else if (stream.isName("not") && stream.look().isName("in")) {
                stream.next();
                stream.next();
                operators.add("not in");
            } else {
                break;
            }
            others.add(sum());
        }
        return others.isEmpty() ? first : new Expr.Compare(first, operators, others, offset);
    }

    private Expr sum() {
        int offset = stream.current().offset();
        Expr left = concat();
        while (stream.is("+") || stream.is("-")) {
            left = new Expr.Binary(stream.next().type(), left, concat(), offset);
        }
        return left;
    }

    private Expr concat() {
        int offset = stream.current().offset();
        Expr first = product();
        if (!stream.is("~")) {
            return first;
        }
        List<Expr> parts = new ArrayList<>(List.of(first));
        while (stream.skip("~")) {
            parts.add(product());
        }
        return new Expr.Concat(parts, offset);
    }

    private Expr product() {
        int offset = stream.current().offset();
        Expr left = power();
        while (PRODUCTS.contains(stream.current().type())) {
            left = new Expr.Binary(stream.next().type(), left, power(), offset);
        }
        return left;
    }

    /** Unlike Python's, from the left. */
    private Expr power() {
        int offset = stream.current().offset();
        Expr left = unary(true);
        while (stream.skip("**")) {
            left = new Expr.Binary("**", left, unary(true), offset);
        }
        return left;
    }

    private Expr unary(boolean withFilters) {
        Token token = stream.current();
        Expr value;
        if (token.is("-") || token.is("+")) {
            stream.next();
            enter();
            value = new Expr.Unary(token.type(), unary(false), token.offset());
            depth--;
        } else {
            value = primary();
        }
        value = suffixes.postfix(value);
        return withFilters ? suffixes.filtered(value) : value;
    }

    private Expr primary() {
        Token token = stream.current();
        int offset = token.offset();
        return switch (token.type()) {
            case Token.NAME -> name(stream.next());
            case Token.STRING -> strings(offset);
            case Token.INTEGER, Token.FLOAT -> new Expr.Const(stream.next().value(), offset);
            case "(" -> {
                stream.next();
                enter();
                Expr value = tuple(true, true, null);
                depth--;
                stream.expect(")");
                yield value;
            }
            case "[" -> list();
            case "{" -> dict();
            default -> throw stream.error("unexpected '" + token + "'");
        };
    }

    private static Expr name(Token token) {
        return switch ((String) token.value()) {
            case "true", "True" -> new Expr.Const(true, token.offset());
            case "false", "False" -> new Expr.Const(false, token.offset());
            case "none", "None" -> new Expr.Const(null, token.offset());
            default -> new Expr.Name((String) token.value(), token.offset());
        };
    }

    private Expr strings(int offset) {
        StringBuilder text = new StringBuilder();
        while (stream.is(Token.STRING)) {
            text.append(stream.next().value());
        }
        return new Expr.Const(text.toString(), offset);
    }

    /**
     * One expression, or several with commas, which make a tuple.
     *
     * @param conditional whether a condition may stand behind each
     * @param empty whether nothing at all is a tuple too
     * @param end a word that ends the tuple, besides brackets, or null
     */
    Expr tuple(boolean conditional, boolean empty, String end) {
        int offset = stream.current().offset();
        List<Expr> elements = new ArrayList<>();
        boolean isTuple = false;
        while (!endsTuple(end)) {
            elements.add(conditional ? expression() : or());
            if (!stream.is(",")) {
                break;
            }
            isTuple = true;
            stream.next();
        }
        if (!isTuple && !elements.isEmpty()) {
            return checked(elements.getFirst());
        }
        if (elements.isEmpty() && !empty) {
            throw stream.error("Expected an expression, got '" + stream.current() + "'");
        }
        return checked(new Expr.TupleOf(elements, offset));
    }

    private boolean endsTuple(String end) {
        return stream.is(Token.VARIABLE_END)
                || stream.is(Token.BLOCK_END)
                || stream.is(")")
                || (end != null && stream.isName(end));
    }

    private Expr list() {
        int offset = stream.next().offset();
        List<Expr> elements = new ArrayList<>();
        while (!stream.is("]")) {
            if (!elements.isEmpty()) {
                stream.expect(",");
                if (stream.is("]")) {
                    break;
                }
            }
            elements.add(expression());
        }
        stream.expect("]");
        return new Expr.ListOf(elements, offset);
    }

    private Expr dict() {
        int offset = stream.next().offset();
        List<Expr> keysAndValues = new ArrayList<>();
        while (!stream.is("}")) {
            if (!keysAndValues.isEmpty()) {
                stream.expect(",");
                if (stream.is("}")) {
                    break;
                }
            }
            keysAndValues.add(expression());
            stream.expect(":");
            keysAndValues.add(expression());
        }
        stream.expect("}");
        return new Expr.DictOf(keysAndValues, offset);
    }

    /** The filters of a block, of which {@code inline} says whether the first stands without a bar. */
    Expr filters(boolean inline) {
        return suffixes.filters(null, inline);
    }

    /** A name, number, string or bracketed expression, which is all that a target may look like. */
    Expr simple() {
        return primary();
    }
}
