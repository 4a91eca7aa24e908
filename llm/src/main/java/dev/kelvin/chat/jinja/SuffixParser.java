// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses what stands behind a value: attributes, elements, calls, filters and tests. */
final class SuffixParser {
    private final TokenStream stream;
    /** Of what stands in brackets. */
    private final ExpressionParser expressions;

    SuffixParser(TokenStream stream, ExpressionParser expressions) {
        this.stream = stream;
        this.expressions = expressions;
    }

    /** A value with the attributes, elements and calls behind it. */
    Expr postfix(Expr start) {
        Expr value = start;
        while (true) {
            switch (stream.current().type()) {
                case "." -> value = attribute(value);
                case "[" -> value = subscript(value);
                case "(" -> value = call(value);
                default -> {
                    return value;
                }
            }
        }
    }

    /** A value with the filters, tests and calls behind it. */
    Expr filtered(Expr start) {
        Expr value = start;
        while (true) {
            if (stream.is("|")) {
                value = filters(value, false);
            } else if (stream.isName("is")) {
                value = test(value);
            } else if (stream.is("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    private Expr attribute(Expr owner) {
        int offset = stream.next().offset();
        Token name = stream.next();
        if (name.is(Token.NAME)) {
            return new Expr.Attribute(owner, (String) name.value(), offset);
        }
        if (!name.is(Token.INTEGER)) {
            throw TemplateError.syntax("expected name or number", name.offset());
        }
        return new Expr.Element(owner, new Expr.Const(name.value(), name.offset()), offset);
    }

    private Expr subscript(Expr owner) {
        int offset = stream.next().offset();
        List<Expr> keys = new ArrayList<>();
        while (!stream.is("]")) {
            if (!keys.isEmpty()) {
                stream.expect(",");
            }
            Expr first = stream.is(":") ? null : expressions.expression();
            if (stream.is(":")) {
                Expr sliced = slice(owner, first, offset);
                if (!keys.isEmpty() || !stream.is("]")) {
                    throw stream.error("a slice among other subscripts");
                }
                stream.next();
                return sliced;
            }
            keys.add(first);
        }
        stream.expect("]");
        Expr key = keys.size() == 1 ? keys.getFirst() : new Expr.TupleOf(keys, offset);
        return new Expr.Element(owner, key, offset);
    }

    private Expr slice(Expr owner, Expr begin, int offset) {
        stream.expect(":");
        Expr end = endsBound() || stream.is(":") ? null : expressions.expression();
        Expr step = stream.skip(":") && !endsBound() ? expressions.expression() : null;
        return new Expr.Slice(owner, begin, end, step, offset);
    }

    private boolean endsBound() {
        return stream.is("]") || stream.is(",");
    }

    private Expr call(Expr callee) {
        int offset = stream.current().offset();
        return new Expr.Call(callee, passed(), offset);
    }

    private Expr.Passed passed() {
        int offset = stream.expect("(").offset();
        List<Expr> positional = new ArrayList<>();
        Map<String, Expr> named = new LinkedHashMap<>();
        Expr star = null;
        Expr doubleStar = null;
        boolean comma = false;
        while (!stream.is(")")) {
            if (comma) {
                stream.expect(",");
                if (stream.is(")")) {
                    break;
                }
            }
            comma = true;
            if (stream.is("*")) {
                require(star == null && doubleStar == null, offset);
                stream.next();
                star = expressions.expression();
            } else if (stream.is("**")) {
                require(doubleStar == null, offset);
                stream.next();
                doubleStar = expressions.expression();
            } else if (stream.is(Token.NAME) && stream.look().is("=")) {
                require(doubleStar == null, offset);
                String name = (String) stream.next().value();
                stream.next();
                require(named.put(name, expressions.expression()) == null, offset);
            } else {
                require(star == null && doubleStar == null && named.isEmpty(), offset);
                positional.add(expressions.expression());
            }
        }
        stream.expect(")");
        return new Expr.Passed(positional, named, star, doubleStar);
    }

    private static void require(boolean holds, int offset) {
        if (!holds) {
            throw TemplateError.syntax("invalid syntax for function call expression", offset);
        }
    }

    /**
     * The filters behind a value.
     *
     * @param value null where a block is filtered
     * @param inline whether the first stands without a bar
     */
    Expr filters(Expr value, boolean inline) {
        Expr filtered = value;
        boolean first = inline;
        while (first || stream.is("|")) {
            if (!first) {
                stream.next();
            }
            first = false;
            int offset = stream.current().offset();
            String name = dottedName();
            Expr.Passed passed = stream.is("(") ? passed() : Expr.Passed.NOTHING;
            filtered = new Expr.Filter(filtered, name, passed, offset);
        }
        return filtered == null ? null : expressions.checked(filtered);
    }

    private String dottedName() {
        StringBuilder name =
                new StringBuilder((String) stream.expect(Token.NAME).value());
        while (stream.skip(".")) {
            name.append('.').append(stream.expect(Token.NAME).value());
        }
        return name.toString();
    }

    private Expr test(Expr value) {
        int offset = stream.next().offset();
        boolean negated = stream.skipName("not");
        String name = dottedName();
        Expr.Passed passed = Expr.Passed.NOTHING;
        if (stream.is("(")) {
            passed = passed();
        } else if (beginsArgument()) {
            if (stream.isName("is")) {
                throw stream.error("You cannot chain multiple tests with is");
            }
            passed = new Expr.Passed(List.of(postfix(expressions.simple())), Map.of(), null, null);
        }
        Expr test = new Expr.Test(value, name, passed, offset);
        return negated ? new Expr.Not(test, offset) : test;
    }

    private boolean beginsArgument() {
        return switch (stream.current().type()) {
            case Token.NAME -> !stream.isName("else") && !stream.isName("or") && !stream.isName("and");
            case Token.STRING, Token.INTEGER, Token.FLOAT, "[", "{" -> true;
            default -> false;
        };
    }
}
