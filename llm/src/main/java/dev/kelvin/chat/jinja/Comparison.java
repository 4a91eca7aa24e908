// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.Iterator;
import java.util.List;

/** Python's equality, order and membership. */
@SuppressWarnings("ReferenceEquality") // what is the same object is equal, and `is` asks for that
final class Comparison {
    private Comparison() {}

    static boolean equal(Object a, Object b, Budget budget) {
        budget.step();
        if (a instanceof String left && b instanceof String right) {
            budget.chars(Math.min(left.length(), right.length()));
            return left.equals(right);
        }
        if (Types.isNumber(a) && Types.isNumber(b)) {
            return !Numbers.isNaN(a) && !Numbers.isNaN(b) && Numbers.compare(a, b) == 0;
        }
        if (Types.isText(a) && Types.isText(b)) {
            return a.toString().equals(b.toString());
        }
        return switch (a) {
            case null -> b == null;
            case Undefined _ -> b instanceof Undefined;
            case Dict left -> b instanceof Dict right && dicts(left, right, budget);
            case List<?> left -> b instanceof List<?> right && sameClass(left, right) && lists(left, right, budget);
            default -> a == b;
        };
    }

    private static boolean dicts(Dict a, Dict b, Budget budget) {
        budget.enter(Budget.DATA);
        boolean equal = a == b || a.equalTo(b, budget);
        budget.leave(Budget.DATA);
        return equal;
    }

    private static boolean sameClass(List<?> a, List<?> b) {
        return a instanceof Tuple == b instanceof Tuple && a instanceof Range == b instanceof Range;
    }

    private static boolean lists(List<?> a, List<?> b, Budget budget) {
        if (a.size() != b.size()) {
            return false;
        }
        budget.enter(Budget.DATA);
        boolean equal = true;
        for (int i = 0; i < a.size() && equal; i++) {
            equal = a.get(i) == b.get(i) || equal(a.get(i), b.get(i), budget);
        }
        budget.leave(Budget.DATA);
        return equal;
    }

    /** Whether it is the very same object; small values of one type are. */
    static boolean same(Object a, Object b) {
        if (a == b || a == null || b == null) {
            return a == b;
        }
        boolean small = a instanceof Long || a instanceof Boolean || a instanceof String;
        return small && a.getClass() == b.getClass() && a.equals(b);
    }

    /** Evaluates one of the operators of order. */
    static boolean ordered(String operator, Object a, Object b, Budget budget) {
        if ((Numbers.isNaN(a) && Types.isNumber(b)) || (Numbers.isNaN(b) && Types.isNumber(a))) {
            return false;
        }
        int order = compare(operator, a, b, budget);
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    static int compare(Object a, Object b, Budget budget) {
        return compare("<", a, b, budget);
    }

    private static int compare(String operator, Object a, Object b, Budget budget) {
        budget.step();
        if (Types.isNumber(a) && Types.isNumber(b)) {
            return Numbers.compare(a, b);
        }
        if (Types.isText(a) && Types.isText(b)) {
            return byCodePoints(a.toString(), b.toString());
        }
        if (a instanceof List<?> left
                && b instanceof List<?> right
                && sameClass(left, right)
                && !(left instanceof Range)) {
            budget.enter(Budget.DATA);
            int order = compareLists(operator, left, right, budget);
            budget.leave(Budget.DATA);
            return order;
        }
        if (a instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (b instanceof Undefined undefined) {
            throw undefined.error();
        }
        throw TemplateError.runtime("'" + operator + "' not supported between instances of '" + Types.name(a)
                + "' and '" + Types.name(b) + "'");
    }

    private static int compareLists(String operator, List<?> a, List<?> b, Budget budget) {
        int common = Math.min(a.size(), b.size());
        for (int i = 0; i < common; i++) {
            if (!equal(a.get(i), b.get(i), budget)) {
                return compare(operator, a.get(i), b.get(i), budget);
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    /** UTF-16 units order differently: surrogates lie below the last of the basic plane. */
    private static int byCodePoints(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            char left = a.charAt(i);
            char right = b.charAt(i);
            if (left != right) {
                boolean leftBeyond = Character.isSurrogate(left);
                return leftBeyond == Character.isSurrogate(right) ? left - right : leftBeyond ? 1 : -1;
            }
        }
        return a.length() - b.length();
    }

    /** The operator {@code in}. */
    static boolean contains(Object container, Object element, Budget budget) {
        if (Types.isText(container)) {
            if (!Types.isText(element)) {
                throw TemplateError.runtime(
                        "'in <string>' requires string as left operand, not " + Types.name(element));
            }
            return Search.indexOf(container.toString(), element.toString(), 0, budget) >= 0;
        }
        if (container instanceof Dict dict) {
            return dict.contains(element, budget);
        }
        if (container instanceof Dict.View view && view.part() == Dict.Part.KEYS) {
            return view.dict().contains(element, budget);
        }
        Iterator<Object> each = Types.iteratorOrNull(container);
        if (each == null) {
            throw TemplateError.runtime("argument of type '" + Types.name(container) + "' is not iterable");
        }
        while (each.hasNext()) {
            Object next = each.next();
            if (next == element || equal(next, element, budget)) {
                return true;
            }
        }
        return false;
    }
}
