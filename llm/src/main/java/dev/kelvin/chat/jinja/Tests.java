// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The tests behind {@code is}, by name. */
final class Tests {
    /** What a test says of a value, which is argument 0. */
    @FunctionalInterface
    interface Body {
        boolean holds(Signature.Bound arguments, Budget budget);
    }

    /**
     * A test.
     *
     * @param signature the first name is that of the value
     */
    record Test(Signature signature, Body body) {}

    private static final Map<String, Test> TESTS = new HashMap<>();

    static {
        add("defined", value -> !(value instanceof Undefined));
        add("undefined", value -> value instanceof Undefined);
        add("none", value -> value == null);
        add("boolean", value -> value instanceof Boolean);
        add("true", value -> value instanceof Boolean flag && flag);
        add("false", value -> value instanceof Boolean flag && !flag);
        add("integer", value -> Types.isInteger(value) && !(value instanceof Boolean));
        add("float", value -> value instanceof Double);
        add("number", Types::isNumber);
        add("string", Types::isText);
        add("mapping", value -> value instanceof Dict);
        add("sequence", Tests::isSequence);
        add("iterable", value -> Types.iteratorOrNull(value) != null);
        add("callable", value -> value instanceof Callable || value instanceof Undefined);
        add("escaped", value -> value instanceof Markup);
        add("filter", "value", (a, budget) -> isName(a.get(0), budget) && Filters.find(a.text(0)) != null);
        add("test", "value", (a, budget) -> isName(a.get(0), budget) && find(a.text(0)) != null);
        add("lower", "value", (a, budget) -> Letters.isLower(Texts.str(a.get(0), budget)));
        add("upper", "value", (a, budget) -> Letters.isUpper(Texts.str(a.get(0), budget)));
        add("odd", "value", (a, budget) -> isRest(a.get(0), 2L, 1L, budget));
        add("even", "value", (a, budget) -> isRest(a.get(0), 2L, 0L, budget));
        add("divisibleby", "value num", (a, budget) -> isRest(a.get(0), a.get(1), 0L, budget));
        add("sameas", "value other", (a, budget) -> Comparison.same(a.get(0), a.get(1)));
        add("in", "value seq", (a, budget) -> Comparison.contains(a.get(1), a.get(0), budget));
        compare(List.of("==", "eq", "equalto"), (a, budget) -> Comparison.equal(a.get(0), a.get(1), budget));
        compare(List.of("!=", "ne"), (a, budget) -> !Comparison.equal(a.get(0), a.get(1), budget));
        order(">", "gt", "greaterthan");
        order(">=", "ge");
        order("<", "lt", "lessthan");
        order("<=", "le");
    }

    private Tests() {}

    private static void add(String name, String parameters, Body body) {
        TESTS.put(name, new Test(Signature.of("test_" + name, parameters), body));
    }

    private static void add(String name, Predicate<Object> property) {
        add(name, "value", (a, budget) -> property.test(a.get(0)));
    }

    private static void compare(List<String> names, Body body) {
        names.forEach(name -> add(name, "a b", body));
    }

    private static void order(String operator, String... names) {
        Body body = (a, budget) -> Comparison.ordered(operator, a.get(0), a.get(1), budget);
        compare(List.of(operator), body);
        compare(List.of(names), body);
    }

    private static boolean isName(Object value, Budget budget) {
        Object _ = Key.of(value, budget); // names are looked up, which a list, say, cannot be
        return Types.isText(value);
    }

    private static boolean isSequence(Object value) {
        return Types.length(value) >= 0 && !(value instanceof Dict.View) && !(value instanceof LoopContext);
    }

    private static boolean isRest(Object value, Object divisor, Object rest, Budget budget) {
        return Comparison.equal(Operators.binary("%", value, divisor, budget), rest, budget);
    }

    /** The test of a name, or null. */
    static Test find(String name) {
        return TESTS.get(name);
    }

    /** The test of a name that became known only now. */
    static Test require(String name) {
        Test test = find(name);
        if (test == null) {
            throw TemplateError.runtime("No test named '" + name + "'.");
        }
        return test;
    }

    static Object apply(Test test, Object value, Arguments arguments, Render render) {
        render.budget().step();
        if (Types.isText(value)) {
            render.budget().chars(value.toString().length());
        }
        return test.body().holds(test.signature().bind(arguments.behind(value)), render.budget());
    }
}
