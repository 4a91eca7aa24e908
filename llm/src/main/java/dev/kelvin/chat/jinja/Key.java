// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.List;

/** A value as a key of a Java map, by Python's equality: 1, 1.0 and true are one key. */
final class Key {
    private final Object value;
    private final int hash;
    private final Budget budget;

    private Key(Object value, Budget budget) {
        this.value = value;
        this.budget = budget;
        this.hash = hash(value, budget);
    }

    /**
     * The key of a value: a string itself, else a wrapper.
     *
     * @throws TemplateError if values of its type can change, and so have no hash
     */
    static Object of(Object value, Budget budget) {
        return switch (value) {
            case String text -> text;
            case Markup markup -> markup.text();
            case null, default -> new Key(value, budget);
        };
    }

    /** What a key was made of. */
    static Object value(Object key) {
        return key instanceof Key wrapper ? wrapper.value : key;
    }

    private static int hash(Object value, Budget budget) {
        budget.step();
        return switch (value) {
            case null -> 0;
            case String text -> text.hashCode();
            case Markup markup -> markup.text().hashCode();
            case Boolean flag -> Boolean.hashCode(flag) == Boolean.hashCode(true) ? Double.hashCode(1) : 0;
            case Number number -> Double.hashCode(number.doubleValue() + 0.0);
            case Tuple tuple -> {
                budget.enter(Budget.DATA);
                int hash = 1;
                for (Object element : tuple) {
                    hash = 31 * hash + hash(element, budget);
                }
                budget.leave(Budget.DATA);
                yield hash;
            }
            case Range range -> range.size();
            case List<?> _, Dict _, Dict.View _ ->
                throw TemplateError.runtime("unhashable type: '" + Types.name(value) + "'");
            case Undefined _ -> 1;
            default -> System.identityHashCode(value);
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key key && hash == key.hash && Comparison.equal(value, key.value, budget);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
