// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/** The binary and unary operators on values of any type. */
final class Operators {
    private Operators() {}

    static Object binary(String operator, Object a, Object b, Budget budget) {
        if (Types.isNumber(a) && Types.isNumber(b)) {
            return arithmetic(operator, a, b, budget);
        }
        Object result =
                switch (operator) {
                    case "+" -> add(a, b, budget);
                    case "*" -> repeat(a, b, budget);
                    case "%" -> Types.isText(a) ? format(a, b, budget) : null;
                    default -> null;
                };
        if (result != null) {
            return result;
        }
        throw unsupported(operator, a, b);
    }

    private static Object arithmetic(String operator, Object a, Object b, Budget budget) {
        return switch (operator) {
            case "+" -> Numbers.add(a, b);
            case "-" -> Numbers.subtract(a, b);
            case "*" -> Numbers.multiply(a, b, budget);
            case "/" -> Numbers.divide(a, b);
            case "//" -> Numbers.floorDivide(a, b);
            case "%" -> Numbers.modulo(a, b);
            default -> Numbers.power(a, b, budget);
        };
    }

    private static Object add(Object a, Object b, Budget budget) {
        if (a instanceof String left && b instanceof String right) {
            budget.chars((long) left.length() + right.length());
            return left.concat(right);
        }
        if (Types.isText(a) && Types.isText(b)) {
            String left = Markup.escape(a, budget).text();
            String right = Markup.escape(b, budget).text();
            budget.chars((long) left.length() + right.length());
            return new Markup(left.concat(right));
        }
        if (a instanceof List<?> left
                && b instanceof List<?> right
                && left instanceof Tuple == right instanceof Tuple
                && !(left instanceof Range)
                && !(right instanceof Range)) {
            budget.steps((long) left.size() + right.size());
            List<Object> sum = new ArrayList<>(left.size() + right.size());
            sum.addAll(left);
            sum.addAll(right);
            return left instanceof Tuple ? new Tuple(sum) : sum;
        }
        return null;
    }

    private static Object repeat(Object a, Object b, Budget budget) {
        if (Types.isInteger(a) && !Types.isInteger(b)) {
            return repeat(b, a, budget);
        }
        if (!Types.isInteger(b)) {
            return null;
        }
        long count = Math.max(0, Numbers.index(b));
        if (Types.isText(a)) {
            String text = a.toString();
            budget.chars(product(text.length(), count));
            String repeated = text.repeat(text.isEmpty() ? 0 : (int) count);
            return a instanceof Markup ? new Markup(repeated) : repeated;
        }
        if (a instanceof List<?> list && !(list instanceof Range)) {
            budget.steps(product(list.size(), count));
            List<Object> repeated = new ArrayList<>();
            for (long i = 0; i < count && !list.isEmpty(); i++) {
                repeated.addAll(list);
            }
            return list instanceof Tuple ? new Tuple(repeated) : repeated;
        }
        return null;
    }

    private static long product(long size, long count) {
        return size != 0 && count > Integer.MAX_VALUE ? Long.MAX_VALUE : size * count;
    }

    private static Object format(Object template, Object values, Budget budget) {
        boolean safe = template instanceof Markup;
        String text = PercentFormat.format(template.toString(), values, safe, budget);
        return safe ? new Markup(text) : text;
    }

    static TemplateError unsupported(String operator, Object a, Object b) {
        if (a instanceof Undefined undefined) {
            return undefined.error();
        }
        if (b instanceof Undefined undefined) {
            return undefined.error();
        }
        String left = Types.name(a);
        if (operator.equals("+") && (a instanceof String || a instanceof List<?>)) {
            return TemplateError.runtime(
                    "can only concatenate " + left + " (not \"" + Types.name(b) + "\") to " + left);
        }
        return TemplateError.runtime(
                "unsupported operand type(s) for " + operator + ": '" + left + "' and '" + Types.name(b) + "'");
    }

    static Object unary(String operator, Object a) {
        if (Types.isNumber(a)) {
            return operator.equals("-") ? Numbers.negate(a) : Numbers.plus(a);
        }
        if (a instanceof Undefined undefined) {
            throw undefined.error();
        }
        throw TemplateError.runtime("bad operand type for unary " + operator + ": '" + Types.name(a) + "'");
    }

    /** The operator {@code ~}: everything as a string. */
    static Object concat(List<Object> values, Render render) {
        StringBuilder out = new StringBuilder();
        for (Object value : values) {
            String text = Texts.str(value, render.budget());
            out.append(
                    render.autoescape() ? Markup.escape(value, render.budget()).text() : text);
            render.budget().chars(out.length());
        }
        return render.autoescape() ? new Markup(out.toString()) : out.toString();
    }
}
