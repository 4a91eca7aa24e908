// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns expressions into code. */
final class ExpressionCompiler {
    private final CompileContext context;

    ExpressionCompiler(CompileContext context) {
        this.context = context;
    }

    Code compile(Expr expression) {
        context.enter(expression.offset());
        Code code =
                switch (expression) {
                    case Expr.Const e -> constant(e.value());
                    case Expr.Name e -> name(e.name());
                    case Expr.Attribute e -> attribute(e);
                    case Expr.Element e -> element(e);
                    case Expr.Slice e -> slice(e);
                    case Expr.ListOf e -> list(e.elements());
                    case Expr.TupleOf e -> tuple(e.elements());
                    case Expr.DictOf e -> dict(e.keysAndValues());
                    case Expr.Unary e -> unary(e);
                    case Expr.Not e -> not(compile(e.operand()));
                    case Expr.Binary e -> binary(e);
                    case Expr.Logical e -> logical(e.and(), compile(e.left()), compile(e.right()));
                    case Expr.Compare e -> compare(e);
                    case Expr.Concat e -> concat(e.parts());
                    case Expr.Conditional e -> context.conditionally(() -> conditional(e));
                    case Expr.Call e -> call(e, null);
                    case Expr.Filter e -> filter(e, compile(e.value()));
                    case Expr.Test e -> test(e);
                };
        context.leave();
        return code;
    }

    private static Code constant(Object value) {
        return scope -> value;
    }

    private Code name(String name) {
        Symbols.Reference reference = context.symbols().find(name);
        int slot = reference.slot();
        int up = reference.up();
        return scope -> {
            Object value = scope.up(up).slots()[slot];
            return Scope.isMissing(value) ? Undefined.name(name) : value;
        };
    }

    private Code attribute(Expr.Attribute e) {
        Code owner = compile(e.owner());
        String name = e.name();
        Code code = scope -> Subscripts.attribute(owner.eval(scope), name, scope.budget());
        return code.at(e.offset());
    }

    private Code element(Expr.Element e) {
        Code owner = compile(e.owner());
        Code key = compile(e.key());
        Code code = scope -> Subscripts.element(owner.eval(scope), key.eval(scope), scope.budget());
        return code.at(e.offset());
    }

    private Code slice(Expr.Slice e) {
        Code owner = compile(e.owner());
        Code begin = orNone(e.begin());
        Code end = orNone(e.end());
        Code step = orNone(e.step());
        Code code = scope -> {
            Object sliced = owner.eval(scope);
            Object[] bounds = {begin.eval(scope), end.eval(scope), step.eval(scope)};
            return Subscripts.slice(sliced, bounds, scope.budget());
        };
        return code.at(e.offset());
    }

    private Code orNone(Expr bound) {
        return bound == null ? constant(null) : compile(bound);
    }

    private Code[] compileAll(List<Expr> expressions) {
        return expressions.stream().map(this::compile).toArray(Code[]::new);
    }

    private static List<Object> evaluate(Code[] codes, Scope scope) {
        List<Object> values = new ArrayList<>(codes.length);
        for (Code code : codes) {
            values.add(code.eval(scope));
        }
        return values;
    }

    private Code list(List<Expr> elements) {
        Code[] codes = compileAll(elements);
        return scope -> evaluate(codes, scope);
    }

    private Code tuple(List<Expr> elements) {
        Code[] codes = compileAll(elements);
        return scope -> new Tuple(evaluate(codes, scope));
    }

    private Code dict(List<Expr> keysAndValues) {
        Code[] codes = compileAll(keysAndValues);
        return scope -> {
            Dict dict = new Dict();
            for (int i = 0; i < codes.length; i += 2) {
                dict.put(codes[i].eval(scope), codes[i + 1].eval(scope), scope.budget());
            }
            return dict;
        };
    }

    private Code unary(Expr.Unary e) {
        Code operand = compile(e.operand());
        String operator = e.operator();
        Code code = scope -> Operators.unary(operator, operand.eval(scope));
        return code.at(e.offset());
    }

    private static Code not(Code operand) {
        return scope -> !Types.truth(operand.eval(scope));
    }

    private Code binary(Expr.Binary e) {
        Code left = compile(e.left());
        Code right = compile(e.right());
        String operator = e.operator();
        Code code = scope -> Operators.binary(operator, left.eval(scope), right.eval(scope), scope.budget());
        return code.at(e.offset());
    }

    private static Code logical(boolean and, Code left, Code right) {
        return scope -> {
            Object value = left.eval(scope);
            return Types.truth(value) == and ? right.eval(scope) : value;
        };
    }

    private Code compare(Expr.Compare e) {
        Code first = compile(e.first());
        Code[] others = compileAll(e.others());
        List<String> operators = e.operators();
        Code code = scope -> {
            Object left = first.eval(scope);
            for (int i = 0; i < others.length; i++) {
                Object right = others[i].eval(scope);
                if (!holds(operators.get(i), left, right, scope.budget())) {
                    return false;
                }
                left = right;
            }
            return true;
        };
        return code.at(e.offset());
    }

    private static boolean holds(String operator, Object left, Object right, Budget budget) {
        return switch (operator) {
            case "==" -> Comparison.equal(left, right, budget);
            case "!=" -> !Comparison.equal(left, right, budget);
            case "in" -> Comparison.contains(right, left, budget);
            case "not in" -> !Comparison.contains(right, left, budget);
            default -> Comparison.ordered(operator, left, right, budget);
        };
    }

    private Code concat(List<Expr> parts) {
        Code[] codes = compileAll(parts);
        return scope -> Operators.concat(evaluate(codes, scope), scope.render());
    }

    private Code conditional(Expr.Conditional e) {
        Code test = compile(e.test());
        Code then = compile(e.then());
        Code otherwise = e.otherwise() == null ? constant(withoutElse()) : compile(e.otherwise());
        return scope -> Types.truth(test.eval(scope)) ? then.eval(scope) : otherwise.eval(scope);
    }

    private static Undefined withoutElse() {
        return new Undefined(() -> "the inline if-expression evaluated to false and no else section was defined.");
    }

    /** A call; {@code caller} is what a call block passes on, or null. */
    Code call(Expr.Call e, Code caller) {
        Code callee = compile(e.callee());
        ArgumentCode passed = arguments(e.passed());
        Code code = scope -> {
            Object called = callee.eval(scope);
            Arguments arguments = passed.eval(scope);
            scope.budget().step();
            return invoke(called, caller == null ? arguments : arguments.with("caller", caller.eval(scope)), scope);
        };
        return code.at(e.offset());
    }

    private static Object invoke(Object called, Arguments arguments, Scope scope) {
        return switch (called) {
            case Callable callable -> callable.call(scope.render(), arguments);
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw TemplateError.runtime("'" + Types.name(called) + "' object is not callable");
        };
    }

    @FunctionalInterface
    private interface ArgumentCode {
        Arguments eval(Scope scope);
    }

    private ArgumentCode arguments(Expr.Passed passed) {
        if (passed.equals(Expr.Passed.NOTHING)) {
            return scope -> Arguments.EMPTY;
        }
        Code[] positional = compileAll(passed.positional());
        String[] names = passed.named().keySet().toArray(String[]::new);
        Code[] named = compileAll(List.copyOf(passed.named().values()));
        Code star = passed.star() == null ? null : compile(passed.star());
        Code doubleStar = passed.doubleStar() == null ? null : compile(passed.doubleStar());
        return scope -> {
            List<Object> values = evaluate(positional, scope);
            if (star != null) {
                values.addAll(Types.list(star.eval(scope), scope.budget()));
            }
            Map<String, Object> byName = new LinkedHashMap<>();
            for (int i = 0; i < names.length; i++) {
                byName.put(names[i], named[i].eval(scope));
            }
            if (doubleStar != null) {
                more(byName, Render.named(doubleStar.eval(scope), scope.budget()));
            }
            return new Arguments(values, byName);
        };
    }

    private static void more(Map<String, Object> named, Map<String, Object> others) {
        others.forEach((name, value) -> {
            if (named.containsKey(name)) {
                throw TemplateError.runtime("got multiple values for keyword argument '" + name + "'");
            }
            named.put(name, value);
        });
    }

    /** A filter on a value, or, in a chain that begins with nothing, on what {@code block} gives. */
    Code filter(Expr.Filter e, Code value) {
        Filters.Filter filter = Filters.find(e.name());
        ArgumentCode passed = arguments(e.passed());
        Code code = filter == null
                ? unknown("filter", e.name(), e.offset())
                : scope -> {
                    Object filtered = value.eval(scope);
                    return Filters.apply(filter, filtered, passed.eval(scope), scope.render());
                };
        return code.at(e.offset());
    }

    /** A chain of filters around what {@code block} gives. */
    Code filterBlock(Expr chain, Code block) {
        if (!(chain instanceof Expr.Filter filter)) {
            return block;
        }
        return filter(filter, filter.value() == null ? block : filterBlock(filter.value(), block));
    }

    private Code test(Expr.Test e) {
        Code value = compile(e.value());
        Tests.Test test = Tests.find(e.name());
        ArgumentCode passed = arguments(e.passed());
        Code code = test == null
                ? unknown("test", e.name(), e.offset())
                : scope -> Tests.apply(test, value.eval(scope), passed.eval(scope), scope.render());
        return code.at(e.offset());
    }

    private Code unknown(String kind, String name, int offset) {
        String message = "No " + kind + " named '" + name + "'.";
        if (!context.conditional()) {
            throw TemplateError.syntax(message, offset);
        }
        return scope -> {
            throw TemplateError.runtime(message);
        };
    }
}
